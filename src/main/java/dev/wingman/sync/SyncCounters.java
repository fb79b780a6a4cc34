package dev.wingman.sync;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What the root binds to metrics. Thread-safe. */
public final class SyncCounters {
    private final LongAdder tokensRefused = new LongAdder();
    private final LongAdder internalErrors = new LongAdder();
    private final AtomicReference<@Nullable Throwable> lastInternalError = new AtomicReference<>();

    void refusedToken() {
        tokensRefused.increment();
    }

    void internalError(Throwable cause) {
        internalErrors.increment();
        lastInternalError.set(cause);
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
