package dev.wingman;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that takes some work to find out and that several meters of one scrape ask for: it is
 * found out once for all of them.
 *
 * <p>Thread-safe.
 */
final class Recent<T> implements Supplier<T> {
    private static final long LIFETIME_NANOS = Duration.ofMillis(200).toNanos();

    private record Sample<T>(T value, long atNanos) {}

    private final Supplier<T> source;
    private final LongSupplier nanoClock;
    private volatile @Nullable Sample<T> latest;

    Recent(Supplier<T> source, LongSupplier nanoClock) {
        this.source = source;
        this.nanoClock = nanoClock;
    }

    @Override
    public T get() {
        long now = nanoClock.getAsLong();
        Sample<T> known = latest;
        if (known != null && now - known.atNanos < LIFETIME_NANOS) {
            return known.value;
        }
        T fresh = source.get();
        latest = new Sample<>(fresh, now);
        return fresh;
    }
}
