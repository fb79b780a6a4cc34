package dev.wingman.sync;

import java.util.concurrent.atomic.LongAdder;

/** What the root binds to metrics. Thread-safe. */
public final class SyncCounters {
    private final LongAdder tokensRefused = new LongAdder();
    private final LongAdder internalErrors = new LongAdder();

    void refusedToken() {
        tokensRefused.increment();
    }

    void internalError() {
        internalErrors.increment();
    }

    /** AUTH messages with a token that does not hold. */
    public long tokensRefused() {
        return tokensRefused.sum();
    }

    /** Requests that failed through a fault of ours. */
    public long internalErrors() {
        return internalErrors.sum();
    }
}
