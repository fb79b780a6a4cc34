package dev.wingman.sync.sim;

import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** The time of a simulation: it passes when the simulation says so. */
final class SimulatedTime {
    private static final long START_MILLIS = 1_700_000_000_000L;

    private long millis = START_MILLIS;
    private boolean stopped;

    void pass(long moreMillis) {
        if (!stopped) {
            millis += moreMillis;
        }
    }

    /** From now on it stands still. */
    void stop() {
        stopped = true;
    }

    long millis() {
        return millis;
    }

    long nanos() {
        return TimeUnit.MILLISECONDS.toNanos(millis - START_MILLIS);
    }

    /** A wall clock that is wrong by so much; behind when negative. */
    InstantSource wallClock(long aheadMillis) {
        return () -> Instant.ofEpochMilli(millis + aheadMillis);
    }
}
