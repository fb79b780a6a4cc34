package dev.wingman.testing;

import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Seeds for randomised tests. A failing test shows its seed in its name; {@code -Dseed=...} replays
 * that one, and {@code -Dseeds=...} tries more or fewer.
 */
public final class Seeds {
    private static final long MANY = Long.getLong("seeds", 200);
    private static final long FEW = 12;

    private Seeds() {}

    public static LongStream seeds() {
        return some(MANY);
    }

    /** For tests whose single run takes tens of milliseconds. */
    public static LongStream few() {
        return some(FEW);
    }

    /** The same ones each time, so that a failure on one machine is one on every other. */
    public static LongStream some(long count) {
        Long replay = Long.getLong("seed");
        return replay != null ? LongStream.of(replay) : new SplittableRandom(42).longs(count);
    }
}
