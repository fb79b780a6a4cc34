package dev.wingman.storage.sql;

import java.time.InstantSource;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * UUIDs of version 7 (RFC 9562, section 5.7): those made later sort later, on one node even within
 * a millisecond (method 1 of section 6.2, a counter of 12 bits).
 *
 * <p>Thread-safe.
 */
public final class TimeOrderedIds {
    private static final int COUNTER_BITS = 12;

    private final InstantSource clock;
    private final RandomGenerator random;

    /** Milliseconds and, below them, the counter. */
    private long last;

    public TimeOrderedIds(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    public UUID next() {
        long tick = nextTick();
        long high = (tick >>> COUNTER_BITS << 16) | 0x7000L | (tick & ((1 << COUNTER_BITS) - 1));
        long low = (random.nextLong() & ~(3L << 62)) | (1L << 63);
        return new UUID(high, low);
    }

    /** A clock that stands still or goes back is overtaken by the counter. */
    private synchronized long nextTick() {
        last = Math.max(last + 1, clock.millis() << COUNTER_BITS);
        return last;
    }
}
