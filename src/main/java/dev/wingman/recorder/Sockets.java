package dev.wingman.recorder;

import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Opens WebSockets: with the target first, and only then with the client. Both sides are plain
 * connections from then on, so that frames are passed as the bytes they are. Confined to the event
 * loop of its listener.
 */
final class Sockets {
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int SWITCHING = 101;

    private final ForwardedExchange.Setting forwarding;
    private final ReplayedExchange.Setting replaying;
    private final RecorderOptions.Replay replay;
    private final Listener listener;

    Sockets(
            ForwardedExchange.Setting forwarding,
            ReplayedExchange.Setting replaying,
            RecorderOptions.Replay replay,
            Listener listener) {
        this.forwarding = forwarding;
        this.replaying = replaying;
        this.replay = replay;
        this.listener = listener;
    }

    static boolean isUpgrade(HttpServerRequest request) {
        String connection = request.getHeader("connection");
        return request.version() == HttpVersion.HTTP_1_1
                && request.method().equals(HttpMethod.GET)
                && "websocket".equalsIgnoreCase(request.getHeader("upgrade"))
                && connection != null
                && connection.toLowerCase(Locale.ROOT).contains("upgrade");
    }

    /** Dials the target, and joins the client to it. */
    void relay(Exchange exchange, List<Header> headers, @Nullable ExchangeCopy copy) {
        if (copy != null) {
            copy.requestEnd();
        }
        var opening = new Opening(exchange, copy);
        exchange.request().exceptionHandler(_ -> opening.abandon());
        forwarding
                .upstream()
                .upgrade(Forwarding.target(exchange.request()))
                .compose(to -> ask(to, headers))
                .onSuccess(opening::answered)
                .onFailure(cause -> opening.fail(Upstream.failure(cause)));
    }

    private static Future<HttpClientResponse> ask(HttpClientRequest to, List<Header> headers) {
        for (Header header : headers) {
            // What nobody has agreed to cannot hide what frames say.
            if (!header.name().equalsIgnoreCase("sec-websocket-extensions")) {
                to.headers().add(header.name(), header.value());
            }
        }
        // The failure of opening comes with the answer, and the end of what is open with its bytes;
        // without a handler Vert.x would log every end as an error.
        to.exceptionHandler(_ -> {});
        to.putHeader("Connection", "Upgrade").putHeader("Upgrade", "websocket");
        return to.connect().onSuccess(HttpClientResponse::pause);
    }

    /** A socket that the target has yet to agree to. */
    private final class Opening {
        private final Exchange exchange;
        private final @Nullable ExchangeCopy copy;
        private final long timer;
        private boolean over;

        Opening(Exchange exchange, @Nullable ExchangeCopy copy) {
            this.exchange = exchange;
            this.copy = copy;
            this.timer =
                    forwarding
                            .vertx()
                            .setTimer(
                                    Upstream.millis(forwarding.limits().targetTimeout()),
                                    _ ->
                                            fail(
                                                    new Failure.Timeout(
                                                            forwarding.limits().targetTimeout())));
        }

        void answered(HttpClientResponse answer) {
            forwarding.vertx().cancelTimer(timer);
            if (over) {
                answer.netSocket().close();
            } else if (answer.statusCode() != SWITCHING) {
                over = true;
                refused(answer);
            } else {
                over = true;
                join(answer);
            }
        }

        /** The target says something else than yes: an ordinary answer. */
        private void refused(HttpClientResponse answer) {
            new ForwardedExchange(forwarding, exchange, List.of(), copy).answered(answer);
            answer.resume();
        }

        private void join(HttpClientResponse answer) {
            List<Header> fields = Forwarding.ofAnswer(answer.headers());
            if (copy != null) {
                copy.head(SWITCHING, answer.statusMessage(), fields);
            }
            NetSocket target = answer.netSocket();
            open(exchange.request(), fields)
                    .onSuccess(client -> {
                        forwarding.counters().sockets.increment();
                        var relay =
                                new SocketRelay(
                                        forwarding, exchange, copy, client, target, listener);
                        relay.run();
                    })
                    .onFailure(_ -> {
                        target.close();
                        drop("the client left");
                    });
        }

        void fail(Failure failure) {
            if (!over) {
                over = true;
                forwarding.vertx().cancelTimer(timer);
                forwarding.counters().targetFailures.increment();
                if (copy != null) {
                    copy.drop("the target did not answer");
                }
                exchange.refuse(
                        failure instanceof Failure.Http(var cause)
                                ? new Failure.WebSocketUpgradeFailed(
                                                String.valueOf(cause.getMessage()))
                                        .answer()
                                : failure.answer());
            }
        }

        void abandon() {
            if (!over) {
                over = true;
                drop("the client left before the socket was open");
            }
        }

        private void drop(String reason) {
            if (copy != null) {
                copy.drop(reason);
            }
            exchange.close();
        }
    }

    private Future<NetSocket> open(HttpServerRequest request, List<Header> fields) {
        Forwarding.put(fields, request.response().headers());
        request.response().putHeader("Connection", "Upgrade").putHeader("Upgrade", "websocket");
        return request.toNetSocket().onSuccess(NetSocket::pause);
    }

    /** Opens a socket without a target and plays what is recorded of one. */
    void replay(
            Exchange exchange, Playback playback, Interaction interaction, Redaction redaction) {
        Memory memory = replaying.memory();
        if (!exchange.memory().resize(interaction.bytes())) {
            ReplayedExchange.done(playback);
            exchange.refuse(memory.refusal());
            return;
        }
        replaying
                .vertx()
                .executeBlocking(() -> playback.read(interaction, 0, Integer.MAX_VALUE), false)
                .onSuccess(parts -> {
                    SocketScript script = SocketScript.of(parts);
                    if (script.status() == SWITCHING) {
                        ReplayedExchange.done(playback);
                        replay(exchange, script, redaction);
                    } else {
                        new ReplayedExchange(replaying, exchange, playback, interaction).run();
                    }
                })
                .onFailure(_ -> {
                    ReplayedExchange.done(playback);
                    exchange.refuse(new Refusal(500, "the recording cannot be read"));
                });
    }

    private void replay(Exchange exchange, SocketScript script, Redaction redaction) {
        HttpServerRequest request = exchange.request();
        String key = request.getHeader("sec-websocket-key");
        if (key == null) {
            exchange.refuse(
                    new Failure.InvalidProtocol("WebSocket request without a key").answer());
            return;
        }
        List<Header> fields =
                script.headers().stream()
                        .map(header ->
                                header.name().equalsIgnoreCase("sec-websocket-accept")
                                        ? new Header(header.name(), accept(key))
                                        : header)
                        .toList();
        open(request, fields)
                .onSuccess(client -> {
                    forwarding.counters().sockets.increment();
                    play(exchange, client, script, redaction);
                })
                .onFailure(_ -> exchange.close());
    }

    private void play(
            Exchange exchange, NetSocket client, SocketScript script, Redaction redaction) {
        // The exchange ends here, and gives back what it holds.
        Memory.Share memory = replaying.memory().share();
        memory.set(script.bytes());
        var ends =
                new ReplayedSocket.Ends(exchange, client, listener, memory, forwarding.counters());
        new ReplayedSocket(replaying, replay, redaction, script, ends).run();
    }

    private static String accept(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            byte[] hash = sha1.digest((key + GUID).getBytes(StandardCharsets.ISO_8859_1));
            return Base64.getEncoder().encodeToString(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
