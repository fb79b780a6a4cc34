package dev.wingman.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One figure over the time of a soak. Whether it grows is judged between the middle third and the
 * last: in the first, caches fill and code is compiled.
 *
 * <p>Not thread-safe.
 */
final class Trend {
    private final String name;
    private final String unit;
    private final double boundShare;
    private final double boundLeast;
    private final List<Double> values = new ArrayList<>();

    /**
     * @param boundShare by which it may grow, of its own size
     * @param boundLeast by which it may grow in any case
     */
    Trend(String name, String unit, double boundShare, double boundLeast) {
        this.name = name;
        this.unit = unit;
        this.boundShare = boundShare;
        this.boundLeast = boundLeast;
    }

    void add(double value) {
        values.add(value);
    }

    boolean isFlat() {
        return growth() <= bound();
    }

    Row row() {
        return Row.judged(
                "soak: " + name,
                String.format(
                        Locale.ROOT,
                        "%,.1f %s at first, %,.1f in the middle third, %,.1f in the last: %+.1f",
                        values.getFirst(),
                        unit,
                        middle(),
                        last(),
                        growth()),
                String.format(Locale.ROOT, "<= %+.1f %s", bound(), unit),
                isFlat());
    }

    private double growth() {
        return last() - middle();
    }

    private double bound() {
        return Math.max(boundLeast, boundShare * middle());
    }

    private double middle() {
        return median(values.subList(values.size() / 3, 2 * values.size() / 3));
    }

    private double last() {
        return median(values.subList(2 * values.size() / 3, values.size()));
    }

    private static double median(List<Double> some) {
        return some.stream().sorted().toList().get(some.size() / 2);
    }
}
