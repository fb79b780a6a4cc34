package dev.wingman.recorder;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * From a request that will do to the exchange that it becomes: recorded, replayed or just
 * forwarded. Confined to the event loop of its listener.
 */
final class Intake {
    private final Vertx vertx;
    private final Listener.Common common;
    private final RecorderOptions.Endpoint endpoint;
    private final RecorderOptions.Limits limits;
    private final Shelf shelf;
    private final ExchangeCopy.Setting copying;
    private final ForwardedExchange.Setting forwarding;
    private final ReplayedExchange.Setting replaying;
    private final Sockets sockets;

    Intake(
            Vertx vertx,
            Listener.Common common,
            RecorderOptions.Endpoint endpoint,
            Upstream upstream,
            WorkerExecutor worker,
            Listener listener) {
        this.vertx = vertx;
        this.common = common;
        this.endpoint = endpoint;
        this.limits = common.options().limits();
        this.shelf = common.shelf();
        this.copying =
                new ExchangeCopy.Setting(
                        worker,
                        common.memory(),
                        endpoint.name(),
                        common.options().redaction(),
                        endpoint.matchHeaders(),
                        endpoint.redactHeaders(),
                        limits.maxResponseBody(),
                        common.nanoClock(),
                        common.counters());
        this.forwarding =
                new ForwardedExchange.Setting(
                        vertx,
                        upstream,
                        limits,
                        common.memory(),
                        common.counters(),
                        common.nanoClock());
        this.replaying =
                new ReplayedExchange.Setting(
                        vertx,
                        limits,
                        common.memory(),
                        endpoint.replay().timing(),
                        common.nanoClock());
        this.sockets = new Sockets(forwarding, replaying, endpoint.replay(), listener);
    }

    void take(HttpServerRequest request) {
        String text = recordingName(request);
        RecordingName name = RecordingName.parse(text).orElse(null);
        if (name == null || !common.options().redaction().text(text).equals(text)) {
            new Refusal(
                            400,
                            "a recording's name is 1 to 255 letters, digits, _ - . and /, in parts"
                                    + " that neither begin nor end with a dot, and without secrets")
                    .send(request);
            return;
        }
        if (!Sockets.isUpgrade(request)) {
            request.pause();
        }
        acquire()
                .onComplete(permit -> {
                    if (permit.succeeded()) {
                        var inFlight = common.lifecycle().inFlightGuard();
                        var memory = common.memory().share();
                        begin(new Exchange(request, name, permit.result(), inFlight, memory));
                    } else {
                        refusal(permit.cause()).send(request);
                    }
                });
    }

    private static String recordingName(HttpServerRequest request) {
        for (String header : Forwarding.NAME_HEADERS) {
            String name = request.getHeader(header);
            if (name != null) {
                return name;
            }
        }
        return RecordingName.DEFAULT.value();
    }

    /** Carries a refusal through a future. */
    private static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient Refusal refusal;

        Refused(Refusal refusal) {
            super(refusal.detail(), null, false, false);
            this.refusal = refusal;
        }
    }

    private static Refusal refusal(Throwable cause) {
        return switch (cause) {
            case Refused refused -> refused.refusal;
            case Shelf.TooManyOpen full -> Refusal.busy(String.valueOf(full.getMessage()));
            case Memory.Full full -> Refusal.busy(String.valueOf(full.getMessage()));
            default -> new Refusal(500, "the recording cannot be opened: " + cause.getMessage());
        };
    }

    private Future<Permits.Permit> acquire() {
        Optional<Permits.Permit> free = common.inFlight().tryAcquire();
        if (free.isPresent()) {
            return Future.succeededFuture(free.get());
        }
        Context loop = vertx.getOrCreateContext();
        Promise<Permits.Permit> promise = Promise.promise();
        var waiter = new Permits.Waiter(permit -> loop.runOnContext(_ -> promise.complete(permit)));
        if (!common.inFlight().await(waiter)) {
            return Future.failedFuture(
                    new Refused(
                            Refusal.busy(
                                    "all "
                                            + common.inFlight().limit()
                                            + " exchanges are taken and as many wait; try again"
                                            + " soon, or raise wingman.recorder.max-in-flight")));
        }
        long timer =
                vertx.setTimer(
                        Upstream.millis(limits.permitTimeout()),
                        _ -> {
                            if (waiter.giveUp()) {
                                var timeout = new Failure.Timeout(limits.permitTimeout());
                                promise.fail(new Refused(timeout.answer()));
                            }
                        });
        return promise.future().onComplete(_ -> vertx.cancelTimer(timer));
    }

    private void begin(Exchange exchange) {
        if (common.memory().isFull()) {
            exchange.refuse(common.memory().refusal());
            return;
        }
        switch (common.options().mode()) {
            case RECORD -> record(exchange, false, null);
            case REPLAY -> replay(exchange);
            case OFF -> throw new IllegalStateException("nobody listens when it is off");
        }
    }

    private List<Header> headers(Exchange exchange) {
        return Forwarding.ofRequest(exchange.request().headers());
    }

    private RequestCopy requestCopy(Exchange exchange) {
        HttpServerRequest request = exchange.request();
        return new RequestCopy(
                request.method().name(),
                Forwarding.target(request),
                headers(exchange),
                copying.redaction(),
                endpoint.redactHeaders());
    }

    /**
     * @param received the body, when it has been read already
     */
    private void record(Exchange exchange, boolean extend, @Nullable Buffer received) {
        Tape open = shelf.openTape(exchange.recording());
        Future<Tape> tape =
                open != null
                        ? Future.succeededFuture(open)
                        : vertx.executeBlocking(() -> shelf.tape(exchange.recording(), extend));
        tape.onSuccess(ready -> forward(exchange, copy(exchange, ready), received))
                .onFailure(cause -> exchange.refuse(refusal(cause)));
    }

    private @Nullable ExchangeCopy copy(Exchange exchange, Tape tape) {
        OptionalInt number = tape.nextExchange();
        if (number.isEmpty()) {
            common.counters().notRecorded.increment();
            return null;
        }
        return new ExchangeCopy(copying, tape, number.getAsInt(), requestCopy(exchange));
    }

    private void forward(
            Exchange exchange, @Nullable ExchangeCopy copy, @Nullable Buffer received) {
        if (exchange.isAbandoned()) {
            if (copy != null) {
                copy.drop("the client left before it was forwarded");
            }
            exchange.close();
        } else if (Sockets.isUpgrade(exchange.request())) {
            sockets.relay(exchange, headers(exchange), copy);
        } else {
            new ForwardedExchange(forwarding, exchange, headers(exchange), copy).run(received);
        }
    }

    private void replay(Exchange exchange) {
        Playback open = shelf.openPlayback(exchange.recording());
        Future<Optional<Playback>> playback =
                open != null
                        ? Future.succeededFuture(Optional.of(open))
                        : vertx.executeBlocking(() -> shelf.playback(exchange.recording()));
        playback.onSuccess(found -> receive(exchange, found.orElse(null)))
                .onFailure(cause -> exchange.refuse(refusal(cause)));
    }

    /** Reads the request to its end: what it is, only its body tells. */
    private void receive(Exchange exchange, @Nullable Playback playback) {
        if (exchange.isAbandoned()) {
            exchange.close();
            return;
        }
        HttpServerRequest request = exchange.request();
        var body = new Received(exchange, playback, requestCopy(exchange));
        if (Sockets.isUpgrade(request)) {
            body.end();
            return;
        }
        long patience =
                vertx.setTimer(Upstream.millis(limits.targetTimeout()), _ -> body.isTooSlow());
        request.exceptionHandler(_ -> {
            vertx.cancelTimer(patience);
            exchange.close();
        });
        request.handler(body::add);
        request.endHandler(_ -> {
            vertx.cancelTimer(patience);
            body.end();
        });
        if ("100-continue".equalsIgnoreCase(request.getHeader("expect"))) {
            request.response().writeContinue();
        }
        request.resume();
    }

    /** A request on replay, until it is complete. */
    private final class Received {
        private final Exchange exchange;
        private final @Nullable Playback playback;
        private final RequestCopy copy;
        private final boolean mayForward =
                endpoint.replay().onMiss() != RecorderOptions.OnMiss.FAIL;
        private final Buffer sent = Buffer.buffer();
        private long bytes;
        private boolean over;

        Received(Exchange exchange, @Nullable Playback playback, RequestCopy copy) {
            this.exchange = exchange;
            this.playback = playback;
            this.copy = copy;
        }

        void isTooSlow() {
            if (!over) {
                over = true;
                exchange.refuse(new Failure.Timeout(limits.targetTimeout()).answer());
            }
        }

        void add(Buffer piece) {
            bytes += piece.length();
            if (over) {
                return;
            }
            if (bytes > limits.maxRequestBody()) {
                over = true;
                exchange.refuse(
                        new Refusal(
                                413,
                                "the body is larger than " + limits.maxRequestBody() + " bytes"));
                return;
            }
            copy.add(piece.getBytes());
            if (mayForward) {
                sent.appendBuffer(piece);
            }
            if (!exchange.memory().resize(copy.heldBytes() + (long) sent.length())) {
                over = true;
                exchange.refuse(common.memory().refusal());
            }
        }

        void end() {
            if (over) {
                return;
            }
            Turns.Turn turn = playback == null ? new Turns().take() : playback.turn();
            if (copy.isHeavy()) {
                copying.worker()
                        .executeBlocking(copy::end, false)
                        .onSuccess(complete -> requestIs(complete, turn))
                        .onFailure(cause -> {
                            turn.pass();
                            exchange.refuse(refusal(cause));
                        });
            } else {
                requestIs(copy.end(), turn);
            }
        }

        private void requestIs(Optional<RecordedRequest> complete, Turns.Turn turn) {
            RecordedRequest request = complete.orElse(null);
            if (request == null) {
                turn.pass();
                exchange.refuse(
                        new Refusal(400, "the body cannot be searched: its encoding is not known"));
                return;
            }
            Fingerprint fingerprint = request.fingerprint(endpoint.matchHeaders());
            var decided = new CompletableFuture<Playback.Answer>();
            turn.run(() -> decided.complete(next(fingerprint)));
            if (decided.isDone()) {
                answer(decided.join(), request);
            } else {
                Context loop = vertx.getOrCreateContext();
                var _ =
                        decided.thenAccept(
                                answer -> loop.runOnContext(_ -> answer(answer, request)));
            }
        }

        private Playback.Answer next(Fingerprint fingerprint) {
            return playback == null
                    ? new Playback.Answer.Miss()
                    : playback.next(endpoint.name(), fingerprint, endpoint.replay().strictOrder());
        }

        private void answer(Playback.Answer answer, RecordedRequest request) {
            switch (answer) {
                case Playback.Answer.Hit(var interaction) -> hit(interaction);
                case Playback.Answer.Miss() -> miss(request);
                case Playback.Answer.OutOfOrder(var expected) -> outOfOrder(expected);
            }
        }

        private void hit(Interaction interaction) {
            common.counters().replayed.increment();
            if (playback == null) {
                throw new IllegalStateException("a hit comes from a playback");
            }
            if (Sockets.isUpgrade(exchange.request())) {
                sockets.replay(exchange, playback, interaction, copying.redaction());
            } else {
                new ReplayedExchange(replaying, exchange, playback, interaction).run();
            }
        }

        private void miss(RecordedRequest request) {
            common.counters().misses.increment();
            switch (endpoint.replay().onMiss()) {
                case FAIL ->
                        vertx.executeBlocking(
                                        () ->
                                                Miss.explain(
                                                        exchange.recording(),
                                                        playback,
                                                        endpoint,
                                                        request),
                                        false)
                                .onSuccess(exchange::refuse)
                                .onFailure(cause -> exchange.refuse(refusal(cause)));
                case FORWARD -> Intake.this.forward(exchange, null, sent);
                case RECORD -> Intake.this.record(exchange, true, sent);
            }
        }

        private void outOfOrder(@Nullable Interaction expected) {
            common.counters().outOfOrder.increment();
            vertx.executeBlocking(
                            () -> Miss.outOfOrder(exchange.recording(), playback, expected), false)
                    .onSuccess(exchange::refuse)
                    .onFailure(cause -> exchange.refuse(refusal(cause)));
        }
    }
}
