package dev.wingman.sync;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** How often each value of an enum occurred. Thread-safe. */
final class Counts<T extends Enum<T>> {
    private final Map<T, LongAdder> counts;

    Counts(Class<T> type) {
        counts = new EnumMap<>(type);
        for (T value : type.getEnumConstants()) {
            counts.put(value, new LongAdder());
        }
    }

    void add(T value, int times) {
        adder(value).add(times);
    }

    long of(T value) {
        return adder(value).sum();
    }

    private LongAdder adder(T value) {
        return Objects.requireNonNull(counts.get(value));
    }
}
