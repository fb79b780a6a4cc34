package dev.wingman.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HistogramTest {
    private final Histogram histogram = Histogram.upTo(10, 100);

    private long[] counts() {
        return IntStream.range(0, histogram.size()).mapToLong(histogram::count).toArray();
    }

    @Test
    void aValueIsInTheFirstBucketThatHoldsIt() {
        histogram.add(0, 1);
        histogram.add(10, 1);
        histogram.add(11, 1);
        histogram.add(100, 1);
        histogram.add(101, 1);

        assertThat(counts()).containsExactly(2, 2, 1);
        assertThat(histogram.sum()).isEqualTo(222);
    }

    @Test
    void aValueCountsAsOftenAsItOccurred() {
        histogram.add(7, 3);

        assertThat(counts()).containsExactly(3, 0, 0);
        assertThat(histogram.sum()).isEqualTo(21);
    }

    @Test
    void theLastBucketHasNoBound() {
        assertThat(histogram.upperBound(1)).isEqualTo(100);
        assertThat(histogram.upperBound(2)).isEqualTo(Long.MAX_VALUE);
    }
}
