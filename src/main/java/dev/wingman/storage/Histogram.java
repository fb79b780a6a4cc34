package dev.wingman.storage;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * How often values of each size occurred: a count for each of a few fixed buckets, and the sum of
 * the values.
 *
 * <p>Thread-safe. Counting takes no lock and allocates nothing.
 */
public final class Histogram {
    private final long[] upperBounds;
    private final LongAdder[] buckets;
    private final LongAdder sum = new LongAdder();

    private Histogram(long[] upperBounds) {
        this.upperBounds = upperBounds;
        this.buckets =
                Stream.generate(LongAdder::new)
                        .limit(upperBounds.length + 1L)
                        .toArray(LongAdder[]::new);
    }

    /**
     * @param upperBounds the largest value of each bucket, in ascending order; what is larger has a
     *     bucket of its own
     */
    public static Histogram upTo(long... upperBounds) {
        return new Histogram(upperBounds.clone());
    }

    /** Times from a quarter of a millisecond to ten seconds, in nanoseconds. */
    public static Histogram ofNanos() {
        return upTo(
                250_000,
                500_000,
                1_000_000,
                2_500_000,
                5_000_000,
                10_000_000,
                25_000_000,
                50_000_000,
                100_000_000,
                250_000_000,
                1_000_000_000,
                10_000_000_000L);
    }

    /** Counts the value so many times. */
    public void add(long value, long times) {
        int found = Arrays.binarySearch(upperBounds, value);
        buckets[found < 0 ? -found - 1 : found].add(times);
        sum.add(value * times);
    }

    /** Number of buckets. */
    public int size() {
        return buckets.length;
    }

    /** The largest value of a bucket; {@link Long#MAX_VALUE} for the last. */
    public long upperBound(int bucket) {
        return bucket == upperBounds.length ? Long.MAX_VALUE : upperBounds[bucket];
    }

    /** Values in this bucket and in no other. */
    public long count(int bucket) {
        return buckets[bucket].sum();
    }

    /** Of all values counted. */
    public long sum() {
        return sum.sum();
    }
}
