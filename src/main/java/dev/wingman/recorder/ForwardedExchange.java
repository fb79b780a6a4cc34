package dev.wingman.recorder;

import dev.wingman.recorder.TapeRecord.Outcome;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP exchange between a client and the target, live in both directions, with a copy for the
 * tape. Whoever reads slowly makes the other side wait. Confined to its event loop.
 */
final class ForwardedExchange {
    private static final int CONTINUE = 100;
    private static final int EARLY_HINTS = 103;

    /** Of HTTP/2: the stream is not needed any more. */
    private static final long CANCEL = 8;

    /** What all exchanges of a listener have in common. */
    record Setting(
            Vertx vertx,
            Upstream upstream,
            RecorderOptions.Limits limits,
            Memory memory,
            RecorderCounters counters,
            LongSupplier nanoClock) {}

    private final Setting setting;
    private final Exchange exchange;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final List<Header> headers;

    /** Null when nothing is recorded. */
    private final @Nullable ExchangeCopy copy;

    private long timer = -1;
    private long requestBytes;
    private long sentNanos;
    private boolean requestEnded;

    /** Nothing more is said to the client. */
    private boolean over;

    /** A target may answer before it has read everything: what comes is still its. */
    private boolean answeredEarly;

    private @Nullable HttpClientRequest upstream;

    ForwardedExchange(
            Setting setting, Exchange exchange, List<Header> headers, @Nullable ExchangeCopy copy) {
        this.setting = setting;
        this.exchange = exchange;
        this.request = exchange.request();
        this.response = request.response();
        this.headers = headers;
        this.copy = copy;
    }

    /**
     * @param received the request's body when it has been read already; null to read it now
     */
    void run(@Nullable Buffer received) {
        setting.counters.forwarded.increment();
        request.exceptionHandler(_ -> clientLeft());
        response.exceptionHandler(_ -> clientLeft());
        response.closeHandler(_ -> clientLeft());
        timer =
                setting.vertx.setTimer(
                        Upstream.millis(setting.limits.targetTimeout()),
                        _ -> fail(new Failure.Timeout(setting.limits.targetTimeout())));
        sentNanos = setting.nanoClock.getAsLong();
        setting.upstream
                .request(request.method(), Forwarding.target(request), request.version())
                .onSuccess(to -> connected(to, received))
                .onFailure(cause -> fail(Upstream.failure(cause)));
    }

    private void connected(HttpClientRequest to, @Nullable Buffer received) {
        if (over) {
            to.reset(CANCEL);
            return;
        }
        upstream = to;
        Forwarding.put(headers, to.headers());
        if (to.version() == HttpVersion.HTTP_2
                && "trailers".equalsIgnoreCase(request.getHeader("te"))) {
            to.putHeader("te", "trailers"); // gRPC does not answer without
        }
        to.setWriteQueueMaxSize(setting.limits.streamBuffer());
        to.exceptionHandler(cause -> fail(Upstream.failure(cause)));
        to.continueHandler(_ -> interim(CONTINUE, List.of()));
        to.earlyHintsHandler(hints -> interim(EARLY_HINTS, Forwarding.ofAnswer(hints)));
        to.response().onSuccess(this::answered).onFailure(cause -> fail(Upstream.failure(cause)));
        if (received != null) {
            if (received.length() > 0) {
                send(received);
            }
            sendEnd();
            return;
        }
        request.handler(this::send);
        request.endHandler(_ -> sendEnd());
        request.resume();
        if (mayWaitForBody(to)) {
            setting.vertx.getOrCreateContext().runOnContext(_ -> sendHead(to));
        }
    }

    /** A stream of HTTP/2 may end with its head, and is the same when it does so later. */
    private boolean mayWaitForBody(HttpClientRequest to) {
        return request.headers().contains("expect")
                || request.headers().contains("content-length")
                || request.headers().contains("transfer-encoding")
                || (request.version() == HttpVersion.HTTP_2 && to.version() == HttpVersion.HTTP_2);
    }

    /** The body may come when the target, or its answer, says so, or whenever it likes. */
    private void sendHead(HttpClientRequest to) {
        if (!over && !requestEnded && requestBytes == 0) {
            to.setChunked(!to.headers().contains("content-length"));
            var _ = to.sendHead();
        }
    }

    private void send(Buffer piece) {
        HttpClientRequest to = upstream;
        requestBytes += piece.length();
        if (requestBytes > setting.limits.maxRequestBody()) {
            abandonRest("the request is larger than wingman.recorder.max-request-body");
            refuse(
                    new Refusal(
                            413,
                            "the body is larger than wingman.recorder.max-request-body, "
                                    + setting.limits.maxRequestBody()
                                    + " bytes"));
            return;
        }
        if (over && !answeredEarly) {
            return;
        }
        if (copy != null) {
            copy.requestBody(piece.getBytes());
        }
        if (to == null) {
            return;
        }
        if (!to.isChunked() && !to.headers().contains("content-length")) {
            to.setChunked(true); // possible before the first piece only
        }
        var _ = to.write(piece);
        if (to.writeQueueFull()) {
            request.pause();
            to.drainHandler(_ -> request.resume());
        }
    }

    private void sendEnd() {
        requestEnded = true;
        if (copy != null) {
            copy.requestEnd();
        }
        if (upstream != null && (!over || answeredEarly)) {
            var _ = upstream.end();
        }
    }

    private void interim(int status, List<Header> fields) {
        if (over || response.headWritten()) {
            return;
        }
        if (copy != null) {
            copy.head(status, "", fields);
        }
        if (status == CONTINUE) {
            response.writeContinue();
        } else {
            var hints = HttpHeaders.headers();
            Forwarding.put(fields, hints);
            var _ = response.writeEarlyHints(hints);
        }
    }

    void answered(HttpClientResponse answer) {
        setting.vertx.cancelTimer(timer);
        if (over) {
            return;
        }
        if (answer.statusCode() < 200) {
            fail(
                    new Failure.Http(
                            new IllegalStateException(
                                    "interim status " + answer.statusCode() + " is not known")));
            return;
        }
        setting.counters.targetNanos.add(setting.nanoClock.getAsLong() - sentNanos);
        List<Header> fields = Forwarding.ofAnswer(answer.headers());
        if (copy != null) {
            copy.head(answer.statusCode(), answer.statusMessage(), fields);
        }
        begin(request, answer.statusCode(), answer.statusMessage(), fields);
        response.setWriteQueueMaxSize(setting.limits.streamBuffer());
        answer.handler(piece -> pass(answer, piece));
        answer.exceptionHandler(_ -> targetLeft());
        answer.endHandler(_ -> finished(answer));
        sendHead(setting.vertx, response);
    }

    /** An answer whose body keeps its time, such as a stream of events, must not wait for it. */
    static void sendHead(Vertx vertx, HttpServerResponse response) {
        vertx.getOrCreateContext()
                .runOnContext(_ -> {
                    if (!response.headWritten() && !response.ended() && !response.closed()) {
                        var _ = response.write(Buffer.buffer());
                    }
                });
    }

    /** Status and headers; the body is framed as the client's version wants it. */
    static void begin(HttpServerRequest request, int status, String reason, List<Header> fields) {
        HttpServerResponse response = request.response();
        response.setStatusCode(status);
        if (request.version() != HttpVersion.HTTP_2) {
            response.setStatusMessage(reason);
        }
        Forwarding.put(fields, response.headers());
        boolean bodiless =
                request.method().equals(HttpMethod.HEAD) || status == 204 || status == 304;
        if (!bodiless
                && request.version() == HttpVersion.HTTP_1_1
                && !response.headers().contains("content-length")) {
            response.setChunked(true);
        }
    }

    private void pass(HttpClientResponse answer, Buffer piece) {
        if (over) {
            return;
        }
        if (copy != null) {
            copy.data(piece.getBytes());
        }
        var _ = response.write(piece);
        if (response.writeQueueFull()) {
            answer.pause();
            response.drainHandler(_ -> answer.resume());
        } else if (copy != null && copy.tape().isFull()) {
            answer.pause();
            var loop = setting.vertx.getOrCreateContext();
            copy.tape().whenDrained(() -> loop.runOnContext(_ -> answer.resume()));
        }
    }

    private void finished(HttpClientResponse answer) {
        if (over) {
            return;
        }
        List<Header> trailers = Forwarding.ofAnswer(answer.trailers());
        if (!trailers.isEmpty()) {
            Forwarding.put(trailers, response.trailers());
        }
        if (copy != null) {
            copy.trailers(
                    trailers, request.version() == HttpVersion.HTTP_2 && response.headWritten());
        }
        answeredEarly = !requestEnded;
        end(Outcome.COMPLETE);
        var _ = response.end();
    }

    private void targetLeft() {
        if (!response.headWritten()) {
            fail(new Failure.ChannelClosed());
        } else if (!over) {
            setting.counters.targetFailures.increment();
            end(Outcome.TARGET_LEFT);
            Refusal.breakOff(response);
        }
    }

    private void clientLeft() {
        if (over) {
            abandonRest("the request did not end");
            return;
        }
        end(Outcome.CLIENT_LEFT);
        if (upstream != null) {
            upstream.reset(CANCEL);
        }
    }

    private void fail(Failure failure) {
        if (over) {
            forgetTarget();
            return;
        }
        setting.counters.targetFailures.increment();
        refuse(failure.answer());
    }

    private void refuse(Refusal refusal) {
        if (over) {
            return;
        }
        boolean begun = response.headWritten();
        if (begun) {
            end(Outcome.TARGET_LEFT);
        } else {
            over = true;
            setting.vertx.cancelTimer(timer);
            if (copy != null) {
                copy.drop("the target did not answer");
            }
        }
        if (upstream != null) {
            upstream.reset(CANCEL);
        }
        exchange.refuse(refusal);
    }

    private void end(Outcome outcome) {
        over = true;
        setting.vertx.cancelTimer(timer);
        if (copy == null) {
            exchange.close();
            return;
        }
        if (response.headWritten() || outcome == Outcome.COMPLETE) {
            copy.end(outcome);
        } else {
            copy.drop("the client left before there was an answer");
        }
        copy.whenSettled(exchange::close);
    }

    /** The target has answered and does not want the rest of the request, which is recorded. */
    private void forgetTarget() {
        if (answeredEarly) {
            upstream = null;
            request.resume();
        }
    }

    /** What is left of the request will not come, or is not wanted. */
    private void abandonRest(String reason) {
        if (requestEnded) {
            return;
        }
        if (copy != null) {
            copy.drop(reason);
        }
        if (answeredEarly && upstream != null) {
            upstream.reset(CANCEL);
        }
        answeredEarly = false;
    }
}
