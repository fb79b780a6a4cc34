package dev.wingman.bench;

import java.util.Locale;
import org.HdrHistogram.Histogram;

/** Times of one kind of event, recorded in nanoseconds and told in milliseconds. */
final class Latency {
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Histogram histogram = new Histogram(SIGNIFICANT_DIGITS);

    void record(long nanos) {
        histogram.recordValue(nanos);
    }

    void reset() {
        histogram.reset();
    }

    long count() {
        return histogram.getTotalCount();
    }

    double p50Millis() {
        return percentileMillis(50);
    }

    double p99Millis() {
        return percentileMillis(99);
    }

    private double percentileMillis(double percentile) {
        return histogram.getValueAtPercentile(percentile) / NANOS_PER_MILLI;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "p50 %.2f ms, p99 %.2f ms", p50Millis(), p99Millis());
    }
}
