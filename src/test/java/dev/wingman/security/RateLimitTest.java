package dev.wingman.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RateLimitTest {
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5); // wraps, as nanoTime may

    private final RateLimit limit = new RateLimit(20_000, 40_000, nanos::get);

    @Test
    void allowsTheBurstAndNoMore() {
        assertThat(limit.tryTake(40_000)).isTrue();

        assertThat(limit.tryTake(1)).isFalse();
    }

    @Test
    void fillsAtItsRate() {
        limit.tryTake(40_000);

        pass(Duration.ofSeconds(1));

        assertThat(limit.tryTake(20_000)).isTrue();
        assertThat(limit.tryTake(1)).isFalse();
    }

    @Test
    void oneTokenComesAfterExactlyItsShareOfASecond() {
        limit.tryTake(40_000);

        nanos.addAndGet(49_999);
        boolean early = limit.tryTake(1);
        nanos.addAndGet(1);
        boolean due = limit.tryTake(1);

        assertThat(early).isFalse();
        assertThat(due).isTrue();
    }

    @Test
    void aLongPauseFillsNoMoreThanTheBurst() {
        limit.tryTake(40_000);

        pass(Duration.ofDays(365));

        assertThat(limit.tryTake(40_000)).isTrue();
        assertThat(limit.tryTake(1)).isFalse();
    }

    @Test
    void aCostBeyondTheBurstIsTheBurst() {
        assertThat(limit.tryTake(40_001)).isTrue();

        assertThat(limit.tryTake(40_001)).isFalse();
    }

    @Test
    void aRefusalTakesNothing() {
        limit.tryTake(30_000);

        boolean refused = limit.tryTake(10_001);

        assertThat(refused).isFalse();
        assertThat(limit.tryTake(10_000)).isTrue();
    }

    @Test
    void whatCostsNothingAlwaysPasses() {
        limit.tryTake(40_000);

        assertThat(limit.tryTake(0)).isTrue();
    }

    @Test
    void aRateOfNothingIsRefused() {
        assertThatThrownBy(() -> new RateLimit(0, 1, nanos::get))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void neverAllowsMoreThanTheBurstPlusTheRateTimesTheTime(long seed) {
        var random = new SplittableRandom(seed);
        int rate = random.nextInt(1, 1_000_000);
        int burst = random.nextInt(1, 1_000);
        long start = nanos.get();
        var bucket = new RateLimit(rate, burst, nanos::get);
        long taken = 0;

        for (int step = 0; step < 200; step++) {
            nanos.addAndGet(random.nextLong(2_000_000));
            int cost = random.nextInt(burst + 1);
            taken += bucket.tryTake(cost) ? cost : 0;

            double seconds = (nanos.get() - start) / 1e9;
            assertThat((double) taken).isLessThanOrEqualTo(burst + rate * seconds + 1e-6);
        }
    }

    private void pass(Duration time) {
        nanos.addAndGet(time.toNanos());
    }
}
