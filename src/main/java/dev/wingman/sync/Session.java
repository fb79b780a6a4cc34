package dev.wingman.sync;

import dev.wingman.connection.ConnectionHandle;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.protocol.ClientMessage;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.EntryKey;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.MerklePath;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.ServerMessage;
import dev.wingman.protocol.ServerMessage.AuthAck;
import dev.wingman.protocol.ServerMessage.AuthFail;
import dev.wingman.protocol.ServerMessage.AuthRequired;
import dev.wingman.protocol.ServerMessage.DeviceAck;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.Pong;
import dev.wingman.protocol.ServerMessage.SyncBuckets;
import dev.wingman.protocol.ServerMessage.SyncLeaf;
import dev.wingman.protocol.ServerMessage.SyncRoot;
import dev.wingman.protocol.ServerMessage.TopicMessage;
import dev.wingman.protocol.TopicName;
import dev.wingman.protocol.WireLimits;
import dev.wingman.security.DeviceCredentials.Device;
import dev.wingman.security.Principal;
import dev.wingman.security.RateLimit;
import dev.wingman.sync.Subscriptions.Following;
import java.util.Iterator;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a connection is to the product: who it is, what it asked for and what it wants to hear of.
 *
 * <p>Requests take effect and are answered in the order they came; {@link RequestQueue} sees to
 * that.
 *
 * <p>Confined to {@code loop}, but for the {@link Subscriber} methods, which stripes call.
 */
public final class Session implements Subscriber {
    private final SyncServer server;
    private final ConnectionHandle connection;
    private final Executor loop;
    private final RateLimit rateLimit;
    private final OpAcknowledgements acknowledgements;
    private final Subscriptions subscriptions;
    private final Identity identity;
    private final MapAccess access;

    private final RequestQueue requests;
    private boolean closed;

    /** The reading side of the socket. */
    public interface InboundFlow {
        void pause();

        void resume();
    }

    Session(SyncServer server, ConnectionHandle connection, Executor loop, InboundFlow flow) {
        this.server = server;
        this.connection = connection;
        this.loop = loop;
        this.rateLimit = server.newRateLimit();
        this.acknowledgements =
                new OpAcknowledgements(server.operations(), this::acknowledge, this::startOver);
        this.identity = new Identity(server, connection);
        this.access = server.mapAccess(identity::principal);
        this.subscriptions = new Subscriptions(server, connection, this, loop);
        this.requests = new RequestQueue(server, connection, loop, flow, this::begin);
    }

    /** The socket is open. */
    public void opened() {
        if (server.tokens() == null) {
            identity.admitAnyone();
        } else {
            reply(new AuthRequired());
        }
    }

    /** A decoded frame, in the order it came. */
    public void received(ClientMessage message) {
        if (closed || !connection.isConnected()) {
            return; // who may not stay does nothing more, however slowly its answers are read
        }
        connection.heartbeat();
        server.messages().count(message);
        if (!isHeard(message)) {
            return;
        }
        if (!rateLimit.tryTake(cost(message))) {
            refuseRate();
            forgo(message);
            return;
        }
        if (message instanceof ClientMessage.Batch batch) {
            unpack(batch);
        } else {
            enqueue(message);
        }
        requests.advance();
    }

    /** A frame that is no message: it is dropped, but it took time. */
    public void receivedNothing() {
        if (!closed && !rateLimit.tryTake(1) && identity.isAdmitted()) {
            refuseRate();
        }
    }

    private void refuseRate() {
        reply(new Failure(ErrorCode.RATE_LIMITED, "rate limit exceeded, slow down"));
    }

    /**
     * Before it is admitted, a client gets no answer but to AUTH, which a BATCH may hold. What it
     * sends behind one waits for the verdict.
     */
    private boolean isHeard(ClientMessage message) {
        return identity.isAdmitted() || requests.isBusy() || hasToken(message);
    }

    private static boolean hasToken(ClientMessage message) {
        return message instanceof ClientMessage.Auth
                || (message instanceof ClientMessage.Batch(int framedItems, var items)
                        && framedItems <= WireLimits.MAX_BATCH_ITEMS
                        && items.stream().anyMatch(Session::hasToken));
    }

    /** In operations; every one counts, however it is wrapped. */
    private static int cost(ClientMessage message) {
        return switch (message) {
            case ClientMessage.OpBatch(var ops) -> Math.max(1, ops.size());
            case ClientMessage.Batch(int framedItems, var items) -> {
                int cost = framedItems - items.size();
                for (ClientMessage item : items) {
                    cost += cost(item);
                }
                yield Math.max(1, cost);
            }
            case ClientMessage.Auth _,
                    ClientMessage.DeviceHello _,
                    ClientMessage.Ping _,
                    ClientMessage.SyncInit _,
                    ClientMessage.MerkleRequest _,
                    ClientMessage.QuerySubscribe _,
                    ClientMessage.QueryUnsubscribe _,
                    ClientMessage.TopicSubscribe _,
                    ClientMessage.TopicUnsubscribe _,
                    ClientMessage.TopicPublish _,
                    ClientMessage.Refused _,
                    ClientMessage.NotAvailable _,
                    ClientMessage.NoEffect _ ->
                    1;
        };
    }

    /** Takes note of the operations that will not be done. */
    private void forgo(ClientMessage message) {
        if (message instanceof ClientMessage.OpBatch(var ops)) {
            acknowledgements.refused(ops);
        } else if (message instanceof ClientMessage.Batch(_, var items)) {
            items.forEach(this::forgo);
        }
    }

    private void unpack(ClientMessage.Batch batch) {
        if (batch.framedItems() > WireLimits.MAX_BATCH_ITEMS) {
            reply(
                    new Failure(
                            ErrorCode.TOO_LARGE,
                            "a BATCH has at most " + WireLimits.MAX_BATCH_ITEMS + " messages"));
        } else {
            batch.items().forEach(this::enqueue);
        }
    }

    private void enqueue(ClientMessage message) {
        if (identity.isAdmitted() || requests.isBusy() || message instanceof ClientMessage.Auth) {
            requests.add(message);
        }
    }

    /** Answers what has arrived, reads no more, and then closes the connection. */
    public void finish(CloseCode code, String reason) {
        requests.finish(() -> connection.close(code, reason));
    }

    /** The socket is gone: nothing of this session stays behind. */
    public void closed() {
        closed = true;
        subscriptions.clear();
        requests.close();
    }

    private void begin(ClientMessage request) {
        if (identity.isAdmitted() || request instanceof ClientMessage.Auth) {
            attempt(() -> start(request));
        } else {
            forgo(request); // the token before it could not be looked at
            requests.done();
        }
    }

    @SuppressWarnings("IllegalCatch") // the outermost handler of a request: the session goes on
    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            answer(server.failure(e));
        }
    }

    private void start(ClientMessage message) {
        switch (message) {
            case ClientMessage.Auth auth -> authenticate(auth);
            case ClientMessage.DeviceHello hello -> {
                Device device = identity.bind(hello.deviceToken());
                answer(new DeviceAck(device.id().toString(), device.newToken()));
            }
            case ClientMessage.Ping(var timestamp) ->
                    answer(new Pong(timestamp, server.clock().wallMillis()));
            case ClientMessage.OpBatch batch -> write(batch);
            case ClientMessage.SyncInit(var map) when !access.mayRead(map) ->
                    answer(MapAccess.unreadable(map));
            case ClientMessage.SyncInit(var map) -> {
                subscriptions.addMap(map);
                answerWith(
                        server.maps().sums(map),
                        sums -> new SyncRoot(map, MerkleTrie.root(sums), server.clock().now()));
            }
            case ClientMessage.MerkleRequest(var map, _) when !access.mayRead(map) ->
                    answer(MapAccess.unreadable(map));
            case ClientMessage.MerkleRequest(var map, var path) when path.isLeaf() ->
                    sendLeaf(map, path, LeafPart.Position.START);
            case ClientMessage.MerkleRequest(var map, var path) ->
                    answerWith(
                            server.maps().sums(map),
                            sums ->
                                    new SyncBuckets(
                                            map, path, MerkleTrie.children(sums, path.value())));
            case ClientMessage.QuerySubscribe query ->
                    subscriptions.addQuery(query, requests::done);
            case ClientMessage.QueryUnsubscribe(var queryId) -> {
                subscriptions.removeQuery(queryId);
                requests.done();
            }
            case ClientMessage.TopicSubscribe(var topic) when topic.isReserved() ->
                    followServer(topic);
            case ClientMessage.TopicSubscribe(var topic) -> {
                subscriptions.addTopic(topic);
                requests.done();
            }
            case ClientMessage.TopicUnsubscribe(var topic) -> {
                subscriptions.removeTopic(topic);
                requests.done();
            }
            case ClientMessage.TopicPublish publish -> publish(publish);
            case ClientMessage.Refused(var reply) -> answer(reply);
            case ClientMessage.NotAvailable(_, var reply) -> answer(reply);
            case ClientMessage.NoEffect _ -> requests.done();
            case ClientMessage.Batch _ -> throw new IllegalStateException("unpacked on arrival");
        }
    }

    private void authenticate(ClientMessage.Auth auth) {
        identity.present(auth.token(), loop)
                .whenComplete((outcome, error) -> {
                    if (error == null) {
                        attempt(() -> authenticated(auth, outcome));
                    } else {
                        answer(server.failure(error));
                    }
                });
    }

    private void authenticated(ClientMessage.Auth auth, Identity.Outcome outcome) {
        switch (outcome) {
            case ADMITTED -> {
                Device device = identity.bind(auth.deviceToken());
                answer(new AuthAck(identity.subject(), device.id().toString(), device.newToken()));
            }
            case KNOWN -> requests.done(); // the client sends AUTH twice when it is asked for it
            case REFUSED -> {
                reply(new AuthFail("Authentication failed"));
                connection.close(CloseCode.POLICY_VIOLATION, "authentication failed");
                closed();
            }
            case UNDECIDED -> { // an AUTH_FAIL would have the client throw its token away
                connection.close(
                        CloseCode.TRY_AGAIN_LATER,
                        "the keys of the token's issuer cannot be read, reconnect");
                closed();
            }
        }
    }

    /**
     * Sends a leaf in as many messages as it needs, the next when the one before is read. The
     * client merges each record by record.
     */
    private void sendLeaf(MapName map, MerklePath path, LeafPart.Position from) {
        var part = new LeafPart(map, path.leaf(), server.limits().answerBytes());
        server.maps()
                .leaf(part, from)
                .whenComplete((_, error) ->
                        loop.execute(() -> {
                            LeafPart.Position next = part.next();
                            if (error != null) {
                                conclude(() -> server.failure(error));
                            } else if (next == null || closed) {
                                conclude(() -> new SyncLeaf(map, path, part.entries(), false));
                            } else {
                                reply(new SyncLeaf(map, path, part.entries(), true));
                                requests.afterDrain(() -> sendRest(map, path, next));
                            }
                        }));
    }

    /** The client takes its time to read, and the policies may have changed meanwhile. */
    private void sendRest(MapName map, MerklePath path, LeafPart.Position from) {
        if (access.mayRead(map)) {
            sendLeaf(map, path, from);
        } else {
            answer(MapAccess.unreadable(map));
        }
    }

    private void write(ClientMessage.OpBatch batch) {
        Failure denied = access.refusal(batch.ops());
        if (denied != null) {
            acknowledgements.denied(batch.ops());
            answer(denied);
            return;
        }
        OpAcknowledgements.Pending pending = acknowledgements.add(server.maps().admit(batch.ops()));
        if (!pending.valid().isEmpty()
                && pending.valid().getLast() instanceof Op.Write(_, _, _, var record)) {
            connection.metadata().saw(record.timestamp().millis());
        }
        boolean[] followed = {true};
        pending.forEachMap(map -> followed[0] &= subscriptions.follow(map) != Following.TOO_MANY);
        server.maps()
                .write(
                        pending.valid(),
                        this,
                        new Maps.Written() {
                            @Override
                            public void written(ServerMessage.AckLevel level) {
                                settle(() -> acknowledgements.written(pending, level));
                            }

                            @Override
                            public void failed(ErrorCode code, String reason) {
                                settle(() -> acknowledgements.failed(pending, code, reason));
                            }

                            private void settle(Runnable outcome) {
                                loop.execute(() -> writeSettled(outcome, followed[0]));
                            }
                        });
    }

    @SuppressWarnings("IllegalCatch") // the client waits for an answer
    private void writeSettled(Runnable outcome, boolean followed) {
        try {
            outcome.run();
            if (!followed) {
                subscriptions.refuseMap(); // not before the OP_ACK: the first of the two decides
            }
        } catch (RuntimeException e) {
            reply(server.failure(e));
        } finally {
            requests.done();
        }
    }

    private void acknowledge(ServerMessage message) {
        if (message instanceof ServerMessage.OpAck ack && !ack.results().isEmpty()) {
            sendParts(ack.parts(server.limits().answerBytes()).iterator());
        } else {
            reply(message);
        }
    }

    /** Refuses more ops than one message can name, the next when those before are read. */
    private void sendParts(Iterator<ServerMessage.OpAck> parts) {
        reply(parts.next());
        if (parts.hasNext()) {
            requests.afterDrain(() -> sendParts(parts));
        }
    }

    private void startOver() {
        connection.close(CloseCode.TRY_AGAIN_LATER, "too many operations failed, reconnect");
    }

    private void followServer(TopicName topic) {
        server.serverTopics()
                .mayFollow(identity.principal(), topic)
                .whenComplete((may, error) ->
                        loop.execute(() -> {
                            if (error != null) {
                                reply(server.failure(error));
                            } else if (may && !closed) {
                                subscriptions.addTopic(topic);
                            } else {
                                reply(new Failure(ErrorCode.FORBIDDEN, "no access to " + topic));
                            }
                            requests.done();
                        }));
    }

    private void publish(ClientMessage.TopicPublish publish) {
        if (publish.topic().isReserved()) {
            answer(
                    new Failure(
                            ErrorCode.FORBIDDEN,
                            "only the server publishes to " + publish.topic()));
            return;
        }
        var message =
                new TopicMessage(
                        publish.topic(),
                        publish.data(),
                        identity.name(),
                        server.clock().wallMillis());
        int limit = server.limits().maxMessageBytes();
        if (message.sizeBytes() > limit) {
            answer(
                    new Failure(
                            ErrorCode.TOO_LARGE,
                            "a TOPIC_MESSAGE has at most " + limit + " bytes, this one more"));
            return;
        }
        server.fanOut().topicPublished(message, this);
        requests.done();
    }

    private <T> void answerWith(CompletionStage<T> source, Function<T, ServerMessage> reply) {
        source.whenComplete((value, error) ->
                loop.execute(() ->
                        conclude(
                                () -> error == null ? reply.apply(value) : server.failure(error))));
    }

    /** Ends a request with its answer, or with an error when that cannot be made. */
    @SuppressWarnings("IllegalCatch") // the client waits for an answer
    private void conclude(Supplier<ServerMessage> answer) {
        try {
            reply(answer.get());
        } catch (RuntimeException e) {
            reply(server.failure(e));
        } finally {
            requests.done();
        }
    }

    private void answer(ServerMessage reply) {
        reply(reply);
        requests.done();
    }

    private void reply(ServerMessage message) {
        if (!closed) {
            connection.reply(server.encode(message));
        }
    }

    @Override
    public void mapChanged(EntryKey key, byte[] frame) {
        connection.event(key, frame);
    }

    @Override
    public void told(byte[] frame) {
        connection.change(frame);
    }

    /** Connecting again, it is told of each map that it may not read. */
    @Override
    public void accessChanged() {
        loop.execute(() -> {
            if (!closed && subscriptions.hearsTooMuch()) {
                connection.close(CloseCode.POLICY_VIOLATION, "access to a map was withdrawn");
            }
        });
    }

    @Override
    public @Nullable Principal principal() {
        return identity.principal();
    }

    @Override
    public void topicPublished(byte[] frame) {
        connection.topic(frame);
    }
}
