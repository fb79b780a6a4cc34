package dev.wingman.cluster.membership;

import java.util.ArrayList;
import java.util.List;
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

    private record Stall(long millis, long endMillis) {
        boolean isRemembered(long nowMillis) {
            return nowMillis - endMillis <= MEMORY_MILLIS;
        }
    }

    /**
     * @param stalls that were remembered then: few, since each takes more than half a second
     */
    private record Ticked(long atMillis, List<Stall> stalls) {}

    /** Null before the first tick: without a ticker there are no stalls. */
    private volatile @Nullable Ticked last;

    /** Called by one thread, every {@link #TICK_MILLIS}. */
    public void tick(long nowMillis) {
        Ticked before = last;
        last = new Ticked(nowMillis, before == null ? List.of() : remembered(before, nowMillis));
    }

    private static List<Stall> remembered(Ticked before, long nowMillis) {
        List<Stall> stalls = new ArrayList<>();
        for (Stall stall : before.stalls()) {
            if (stall.isRemembered(nowMillis)) {
                stalls.add(stall);
            }
        }
        long late = lateness(before, nowMillis);
        if (late > 0) {
            stalls.add(new Stall(late, nowMillis));
        }
        return List.copyOf(stalls);
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
        long longest = lateness(ticked, nowMillis);
        for (Stall stall : ticked.stalls()) {
            if (stall.isRemembered(nowMillis)) {
                longest = Math.max(longest, stall.millis());
            }
        }
        return longest;
    }

    /** Stalls that the last tick remembered. */
    int count() {
        Ticked ticked = last;
        return ticked == null ? 0 : ticked.stalls().size();
    }

    private static long lateness(Ticked ticked, long nowMillis) {
        long late = nowMillis - ticked.atMillis() - TICK_MILLIS;
        return late > TOLERATED_MILLIS ? late : 0;
    }
}
