package dev.wingman.recorder;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * What all recordings and replays hold in memory, bounded together: what waits for the disk, bodies
 * and frames that must be seen as a whole, and the indexes and answers of what is replayed. Counted
 * are the bytes of the content; what Java needs around them, and the buffers of connections, come
 * on top.
 *
 * <p>When it is full, new exchanges are refused, tapes make their writers wait, and what cannot be
 * held is not recorded. What stays for as long as a recording is open may take half of it, so that
 * it is never full for good. Thread-safe.
 */
final class Memory {
    private final long limit;
    private final AtomicLong held = new AtomicLong();
    private final AtomicLong kept = new AtomicLong();
    private final LongAdder refused = new LongAdder();

    /**
     * @param limit in bytes
     */
    Memory(long limit) {
        this.limit = limit;
    }

    boolean isFull() {
        return held.get() >= limit;
    }

    /** Bytes at the moment. */
    long held() {
        return held.get();
    }

    /** How often something was refused for want of memory. */
    long refused() {
        return refused.sum();
    }

    /** Something was refused. */
    void countRefusal() {
        refused.increment();
    }

    /** For whom nothing is left. */
    Refusal refusal() {
        countRefusal();
        return Refusal.busy(full(limit));
    }

    private static String full(long bytes) {
        return "all "
                + bytes
                + " bytes that recordings may take are taken; try again soon, or raise"
                + " wingman.recorder.max-memory";
    }

    /** Takes what is there already and cannot be refused; may exceed the limit. */
    void take(long bytes) {
        held.addAndGet(bytes);
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }

    private boolean tryTake(long bytes) {
        if (held.addAndGet(bytes) > limit) {
            held.addAndGet(-bytes);
            return false;
        }
        return true;
    }

    /** For what stays; false when half of the memory is taken by such. */
    boolean tryKeep(long bytes) {
        if (kept.addAndGet(bytes) > limit / 2) {
            kept.addAndGet(-bytes);
            return false;
        }
        held.addAndGet(bytes);
        return true;
    }

    void letGo(long bytes) {
        kept.addAndGet(-bytes);
        held.addAndGet(-bytes);
    }

    /** A recording cannot be opened for want of memory. */
    static final class Full extends IOException {
        private static final long serialVersionUID = 1L;

        Full(Memory memory) {
            super(full(memory.limit));
        }
    }

    Share share() {
        return new Share();
    }

    /** What one exchange holds. Confined to its event loop. */
    final class Share implements AutoCloseable {
        private long bytes;

        /** From now on it holds as much; false, and nothing has changed, when there is no room. */
        boolean resize(long total) {
            if (total > bytes && !tryTake(total - bytes)) {
                return false;
            }
            if (total < bytes) {
                giveBack(bytes - total);
            }
            bytes = total;
            return true;
        }

        /** As {@link #resize}, of what is there already and cannot be refused. */
        void set(long total) {
            take(total - bytes);
            bytes = total;
        }

        /** Gives everything back. */
        @Override
        public void close() {
            giveBack(bytes);
            bytes = 0;
        }
    }
}
