package dev.wingman.security;

import java.util.function.LongSupplier;

/**
 * How much one session may ask for: a bucket of tokens that fills at a steady rate and is full at
 * the start.
 *
 * <p>Confined to its session.
 */
public final class RateLimit {
    /** The bucket counts billionths of tokens: a rate per second is then one per nanosecond. */
    private static final long UNITS_PER_TOKEN = 1_000_000_000L;

    private final int perSecond;
    private final int burst;
    private final LongSupplier nanoClock;
    private long units;
    private long filledNanos;

    /**
     * @param perSecond tokens; 1 or more
     * @param burst tokens in the full bucket; 1 or more
     */
    public RateLimit(int perSecond, int burst, LongSupplier nanoClock) {
        if (perSecond < 1 || burst < 1) {
            throw new IllegalArgumentException("a rate and a burst are 1 or more");
        }
        this.perSecond = perSecond;
        this.burst = burst;
        this.nanoClock = nanoClock;
        this.units = burst * UNITS_PER_TOKEN;
        this.filledNanos = nanoClock.getAsLong();
    }

    /**
     * @param cost in tokens; what costs more than a full bucket costs a full bucket, so that it can
     *     pass at all
     * @return false when there are not enough; none are taken then
     */
    public boolean tryTake(int cost) {
        fill();
        long price = Math.clamp(cost, 0, burst) * UNITS_PER_TOKEN;
        if (price > units) {
            return false;
        }
        units -= price;
        return true;
    }

    private void fill() {
        long now = nanoClock.getAsLong();
        long missing = burst * UNITS_PER_TOKEN - units;
        long elapsed = now - filledNanos;
        filledNanos = now;
        // Compared before multiplying: the product of a long pause would overflow.
        units += elapsed > missing / perSecond ? missing : elapsed * perSecond;
    }
}
