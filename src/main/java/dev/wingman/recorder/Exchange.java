package dev.wingman.recorder;

import dev.wingman.lifecycle.InFlightGuard;
import io.vertx.core.http.HttpServerRequest;

/**
 * One request and what it holds: its permit, memory, and the promise that a stop waits for it.
 * Confined to its event loop.
 */
final class Exchange implements AutoCloseable {
    private final HttpServerRequest request;
    private final RecordingName recording;
    private final Permits.Permit permit;
    private final InFlightGuard inFlight;
    private final Memory.Share memory;

    Exchange(
            HttpServerRequest request,
            RecordingName recording,
            Permits.Permit permit,
            InFlightGuard inFlight,
            Memory.Share memory) {
        this.request = request;
        this.recording = recording;
        this.permit = permit;
        this.inFlight = inFlight;
        this.memory = memory;
    }

    HttpServerRequest request() {
        return request;
    }

    RecordingName recording() {
        return recording;
    }

    /** Given back with the exchange. */
    Memory.Share memory() {
        return memory;
    }

    /** The client has left; nobody would be told of it any more. */
    boolean isAbandoned() {
        return request.response().closed();
    }

    void refuse(Refusal refusal) {
        refusal.send(request);
        close();
    }

    /** Idempotent. */
    @Override
    public void close() {
        permit.close();
        inFlight.close();
        memory.close();
    }
}
