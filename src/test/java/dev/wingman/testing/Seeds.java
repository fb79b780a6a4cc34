package dev.wingman.testing;

import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Seeds for randomised tests. A failing test shows its seed in its name; {@code -Dseed=...} replays
 * that one.
 */
public final class Seeds {
    private static final long MANY = 200;
    private static final long FEW = 12;

    private Seeds() {}

    public static LongStream seeds() {
        return seeds(MANY);
    }

    /** For tests whose single run takes tens of milliseconds. */
    public static LongStream few() {
        return seeds(FEW);
    }

    private static LongStream seeds(long count) {
        Long replay = Long.getLong("seed");
        return replay != null ? LongStream.of(replay) : new SplittableRandom(42).longs(count);
    }
}
