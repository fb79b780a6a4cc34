package dev.wingman.sync;

import dev.wingman.cluster.OwnershipView;
import dev.wingman.cluster.Replication;
import dev.wingman.connection.ConnectionHandle;
import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.lifecycle.InFlightGuard;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.MessageCodec;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.ServerMessage;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.TopicMessage;
import dev.wingman.protocol.TopicName;
import dev.wingman.protocol.Value;
import dev.wingman.query.Compiled;
import dev.wingman.query.CompiledQuery;
import dev.wingman.security.DeviceCredentials;
import dev.wingman.security.Principal;
import dev.wingman.security.RateLimit;
import dev.wingman.security.TokenVerifier;
import dev.wingman.security.policy.Policies;
import dev.wingman.storage.Durability;
import dev.wingman.storage.RecordStore;
import dev.wingman.storage.Recovery;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The product without its sockets: what sessions and {@code POST /sync} share.
 *
 * <p>Thread-safe.
 */
public final class SyncServer {
    /**
     * Limits of one connection and of one request.
     *
     * @param maxInFlight requests of a connection that are worked on at a time
     * @param rate operations a second
     * @param burst operations at once after a pause
     * @param maxRecords rows of one query, records of one answer to {@code POST /sync}
     * @param maxMaps maps of the server
     * @param maxMessageBytes of what is sent; only a single record could have more
     */
    public record Limits(
            int maxInFlight,
            int rate,
            int burst,
            int maxRecords,
            int maxMaps,
            int maxMessageBytes) {
        public static final Limits DEFAULTS =
                new Limits(32, 20_000, 40_000, 10_000, 10_000, 2 << 20);

        /** What surrounds records in an answer: names, the id of a query or the last of a batch. */
        private static final int ENVELOPE_BYTES = 4 << 10;

        /** Bytes of the records in one answer. */
        int answerBytes() {
            return Math.max(maxMessageBytes - ENVELOPE_BYTES, maxMessageBytes / 2);
        }
    }

    /**
     * What decides who a client is.
     *
     * @param tokens null lets everybody in
     * @param policies what may be done with maps, at the moment
     */
    public record Access(
            @Nullable TokenVerifier tokens,
            DeviceCredentials devices,
            ServerTopics topics,
            Supplier<Policies> policies) {
        /** Without topics of the server's own and without policies. */
        public Access(@Nullable TokenVerifier tokens, DeviceCredentials devices) {
            this(tokens, devices, ServerTopics.none(), Policies::none);
        }
    }

    /** What all writes go through. */
    public record Parts(
            RecordStore store,
            Durability durability,
            Replication replication,
            HybridLogicalClock clock) {}

    private final MessageCodec codec;
    private final HybridLogicalClock clock;
    private final Access access;
    private final Limits limits;
    private final Supplier<InFlightGuard> inFlight;
    private final LongSupplier nanoTime;
    private final Interest<MapName> mapInterest = new Interest<>();
    private final Interest<TopicName> topicInterest = new Interest<>();
    private final FanOut fanOut;
    private final Maps maps;
    private final DeviceCredentials devices;
    private final SyncCounters counters = new SyncCounters();
    private final MessageCounters messages = new MessageCounters();
    private final SentCounters sent = new SentCounters();
    private final OperationCounters operations;
    private final Failures failures = new Failures(counters);

    public SyncServer(
            Parts parts,
            PartitionExecutor executors,
            Supplier<OwnershipView> ownership,
            Surroundings surroundings) {
        this.codec = surroundings.codec();
        this.clock = parts.clock();
        this.access = surroundings.access();
        this.limits = surroundings.limits();
        this.inFlight = surroundings.inFlight();
        this.nanoTime = surroundings.nanoTime();
        this.operations = new OperationCounters(nanoTime);
        this.fanOut = new FanOut(codec, sent, mapInterest, topicInterest);
        this.maps =
                new Maps(
                        executors,
                        ownership,
                        parts,
                        fanOut,
                        new MapNames(limits.maxMaps()),
                        failures);
        this.devices = access.devices();
    }

    /**
     * What does not concern the data.
     *
     * @param inFlight a new guard, held while a session works on requests
     * @param nanoTime monotonic, for rates
     */
    public record Surroundings(
            MessageCodec codec,
            Access access,
            Limits limits,
            Supplier<InFlightGuard> inFlight,
            LongSupplier nanoTime) {}

    /** Takes over what the store found; requests before it has completed see empty maps. */
    public CompletionStage<Void> restore(Recovery recovery) {
        return maps.restore(recovery);
    }

    /**
     * Begins a session.
     *
     * @param loop runs one task at a time, in order; the session belongs to it
     */
    public Session session(ConnectionHandle connection, Executor loop, Session.InboundFlow flow) {
        return new Session(this, connection, loop, flow);
    }

    public Maps maps() {
        return maps;
    }

    public MessageCodec codec() {
        return codec;
    }

    public HybridLogicalClock clock() {
        return clock;
    }

    public SyncCounters counters() {
        return counters;
    }

    /** What clients have sent. */
    public MessageCounters messages() {
        return messages;
    }

    /** What clients are sent. */
    public SentCounters sent() {
        return sent;
    }

    /** A message for one client. */
    byte[] encode(ServerMessage message) {
        sent.count(message, 1);
        return codec.encode(message);
    }

    /** What became of operations, those of {@code POST /sync} included. */
    public OperationCounters operations() {
        return operations;
    }

    /** Events and topic messages handed to subscribers since the start. */
    public long deliveries() {
        return fanOut.deliveries();
    }

    /** Maps that were ever written to. */
    public int mapCount() {
        return maps.count();
    }

    /** Connections that follow the map. */
    public int followers(MapName map) {
        return mapInterest.in(map).size();
    }

    /** Live queries that are kept up to date, each counted on every stripe. */
    public int queryWatches() {
        return maps.watches();
    }

    /** Maps and topics that somebody follows. */
    public int subjects() {
        return mapInterest.subjects() + topicInterest.subjects();
    }

    FanOut fanOut() {
        return fanOut;
    }

    /** Null when everybody is let in. */
    public @Nullable TokenVerifier tokens() {
        return access.tokens();
    }

    MapAccess mapAccess(Supplier<@Nullable Principal> who) {
        return new MapAccess(access.policies(), who);
    }

    /**
     * Call when the policies have changed: whoever hears of a map that they may no longer read is
     * disconnected. Does not block.
     */
    public void accessChanged() {
        mapInterest.everybody().forEach(Subscriber::accessChanged);
    }

    ServerTopics serverTopics() {
        return access.topics();
    }

    /**
     * Publishes to a topic of the server's own. Does not block.
     *
     * @param maySee decides for each subscriber; null stands for an unknown one
     */
    public void tell(TopicName topic, Value data, Predicate<@Nullable Principal> maySee) {
        fanOut.told(new TopicMessage(topic, data, null, clock.wallMillis()), maySee);
    }

    public Limits limits() {
        return limits;
    }

    InFlightGuard inFlight() {
        return inFlight.get();
    }

    DeviceCredentials devices() {
        return devices;
    }

    Interest<MapName> mapInterest() {
        return mapInterest;
    }

    Interest<TopicName> topicInterest() {
        return topicInterest;
    }

    RateLimit newRateLimit() {
        return new RateLimit(limits.rate(), limits.burst(), nanoTime);
    }

    Compiled compile(Query query) {
        return CompiledQuery.compile(query, limits.maxRecords(), limits.answerBytes());
    }

    /** What a client is told of a request that failed inside. */
    Failure failure(Throwable error) {
        return failures.of(error);
    }
}
