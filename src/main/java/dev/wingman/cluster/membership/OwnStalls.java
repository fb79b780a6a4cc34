package dev.wingman.cluster.membership;

import org.jspecify.annotations.Nullable;

/**
 * How much this node has stalled of late: an observer that was asleep did not hear the heartbeats
 * that came, and is to distrust itself before it suspects others. A clock that jumps ahead looks
 * the same and is answered in the same way.
 *
 * <p>Fed by a ticker of the node's own. Thread-safe: written by the ticker, read by anybody.
 */
public final class OwnStalls {
    public static final long TICK_MILLIS = 100;

    /** Lateness up to here is the ordinary unrest of a busy machine. */
    static final long TOLERATED_MILLIS = 500;

    /** How long a stall is remembered: by then what it delayed has been heard. */
    static final long MEMORY_MILLIS = 10_000;

    /**
     * @param stallMillis the longest stall that is remembered, which ended at {@code endMillis}
     */
    private record Ticked(long atMillis, long stallMillis, long endMillis) {}

    /** Null before the first tick: without a ticker there are no stalls. */
    private volatile @Nullable Ticked last;

    /** Called by one thread, every {@link #TICK_MILLIS}. */
    public void tick(long nowMillis) {
        Ticked before = last;
        long stall = recentMillis(nowMillis);
        boolean isNew = before != null && stall > 0 && stall == lateness(before, nowMillis);
        long end = before == null || isNew ? nowMillis : before.endMillis();
        last = new Ticked(nowMillis, stall, end);
    }

    /**
     * The longest stall of the last ten seconds, one included that has not been ticked away yet; 0
     * when there was none.
     */
    public long recentMillis(long nowMillis) {
        Ticked ticked = last;
        if (ticked == null) {
            return 0;
        }
        long remembered =
                nowMillis - ticked.endMillis() <= MEMORY_MILLIS ? ticked.stallMillis() : 0;
        return Math.max(remembered, lateness(ticked, nowMillis));
    }

    private static long lateness(Ticked ticked, long nowMillis) {
        long late = nowMillis - ticked.atMillis() - TICK_MILLIS;
        return late > TOLERATED_MILLIS ? late : 0;
    }
}
