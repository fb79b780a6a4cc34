package dev.wingman.sync;

import dev.wingman.storage.Histogram;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What became of the operations of clients, and how long those took that were acknowledged.
 *
 * <p>Thread-safe.
 */
public final class OperationCounters {
    /** How an operation ended. */
    public enum Outcome {
        /** As durable as its acknowledgement says. */
        ACKNOWLEDGED,
        /** Its subject may not do that with its map. */
        DENIED,
        /** Broke a rule: a shape, name, key or value that is not taken. */
        REFUSED,
        /** Came faster than its connection's rate. */
        LIMITED,
        /** The store could not take it. */
        FAILED
    }

    private final LongSupplier nanoClock;
    private final LongAdder acknowledged = new LongAdder();
    private final LongAdder denied = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder limited = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Histogram durations = Histogram.ofNanos();

    OperationCounters(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    public long count(Outcome outcome) {
        return switch (outcome) {
            case ACKNOWLEDGED -> acknowledged.sum();
            case DENIED -> denied.sum();
            case REFUSED -> refused.sum();
            case LIMITED -> limited.sum();
            case FAILED -> failed.sum();
        };
    }

    /** Nanoseconds from the start of a batch to its acknowledgement, once for each operation. */
    public Histogram durations() {
        return durations;
    }

    long nanoTime() {
        return nanoClock.getAsLong();
    }

    /**
     * @param begunNanos what {@link #nanoTime} said when they were started
     */
    void acknowledged(int operations, long begunNanos) {
        acknowledged.add(operations);
        durations.add(nanoClock.getAsLong() - begunNanos, operations);
    }

    void denied(int operations) {
        denied.add(operations);
    }

    void refused(int operations) {
        refused.add(operations);
    }

    void limited(int operations) {
        limited.add(operations);
    }

    void failed(int operations) {
        failed.add(operations);
    }
}
