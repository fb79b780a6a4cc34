package dev.wingman.testing;

import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Seeds for randomised tests. A failing test shows its seed in its name; {@code -Dseed=…} replays
 * that one.
 */
public final class Seeds {
    private static final int PER_TEST = 50;

    private Seeds() {}

    public static LongStream seeds() {
        Long replay = Long.getLong("seed");
        return replay != null ? LongStream.of(replay) : new SplittableRandom(42).longs(PER_TEST);
    }
}
