package dev.wingman.http;

import java.util.concurrent.atomic.LongAdder;

/** Requests that led to nothing. Thread-safe. */
public final class RequestCounters {
    private final LongAdder unfinished = new LongAdder();

    void unfinished() {
        unfinished.increment();
    }

    /** Connections given up because the client did not end its request in time. */
    public long unfinishedRequests() {
        return unfinished.sum();
    }
}
