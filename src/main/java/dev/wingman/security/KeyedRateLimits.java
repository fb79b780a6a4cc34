package dev.wingman.security;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * How much each of many callers may ask for: a bucket of tokens for each, which is full at the
 * start and fills in the course of the window.
 *
 * <p>Thread-safe. At most {@link #MAX_BUCKETS} callers are remembered: beyond that the full buckets
 * are forgotten, which changes nothing for their owners, and if that is not enough all are.
 */
public final class KeyedRateLimits {
    static final int MAX_BUCKETS = 100_000;

    private final IntSupplier capacity;
    private final long windowNanos;
    private final LongSupplier nanoClock;
    private final Map<String, Bucket> buckets = new ConcurrentHashMap<>();

    /** What the bucket held at a time. */
    private record Bucket(double tokens, long atNanos) {}

    /**
     * The state of a bucket after a request.
     *
     * @param allowed whether the request may go on
     * @param remaining whole tokens
     * @param untilNext until there is a token again; zero when there is one
     * @param untilFull until all tokens are there again
     */
    public record Allowance(
            boolean allowed, int remaining, Duration untilNext, Duration untilFull) {}

    /**
     * @param capacity tokens in a full bucket; 1 or more; may change
     * @param window in which an empty bucket fills
     */
    public KeyedRateLimits(IntSupplier capacity, Duration window, LongSupplier nanoClock) {
        this.capacity = capacity;
        this.windowNanos = window.toNanos();
        this.nanoClock = nanoClock;
    }

    public int tokens() {
        return capacity.getAsInt();
    }

    public Duration window() {
        return Duration.ofNanos(windowNanos);
    }

    /** Takes one token of the caller's bucket if there is one. */
    public Allowance take(String caller) {
        if (buckets.size() >= MAX_BUCKETS) {
            forget();
        }
        long now = nanoClock.getAsLong();
        int tokens = tokens();
        double[] before = new double[1];
        Bucket after =
                buckets.compute(
                        caller,
                        (_, last) -> {
                            before[0] = last == null ? tokens : level(last, tokens, now);
                            double left = before[0] >= 1 ? before[0] - 1 : before[0];
                            return new Bucket(left, now);
                        });
        double left = after.tokens();
        return new Allowance(
                before[0] >= 1,
                (int) left,
                left >= 1 ? Duration.ZERO : timeFor(1 - left, tokens),
                timeFor(tokens - left, tokens));
    }

    private double level(Bucket bucket, int tokens, long now) {
        double gained = (double) (now - bucket.atNanos()) * tokens / windowNanos;
        return Math.min(tokens, bucket.tokens() + gained);
    }

    private Duration timeFor(double missing, int tokens) {
        return Duration.ofNanos((long) Math.ceil(missing * windowNanos / tokens));
    }

    private void forget() {
        long now = nanoClock.getAsLong();
        int tokens = tokens();
        buckets.values().removeIf(bucket -> level(bucket, tokens, now) >= tokens);
        if (buckets.size() >= MAX_BUCKETS) {
            buckets.clear();
        }
    }

    /** Rounded up to whole seconds, as HTTP counts. */
    public static long seconds(Duration time) {
        return TimeUnit.NANOSECONDS.toSeconds(time.toNanos() + 999_999_999);
    }
}
