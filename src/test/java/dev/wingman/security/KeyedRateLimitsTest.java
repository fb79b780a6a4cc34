package dev.wingman.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class KeyedRateLimitsTest {
    private final AtomicLong nanos = new AtomicLong();
    private int capacity = 3;
    private final KeyedRateLimits limits =
            new KeyedRateLimits(() -> capacity, Duration.ofSeconds(60), nanos::get);

    private boolean take(String who) {
        return limits.take(who).allowed();
    }

    @Test
    void eachCallerHasABucketOfItsOwn() {
        for (int i = 0; i < 3; i++) {
            assertThat(take("ann")).isTrue();
        }
        assertThat(take("ann")).isFalse();
        assertThat(take("bob")).isTrue();
    }

    @Test
    void theBucketFillsInTheCourseOfTheWindow() {
        for (int i = 0; i < 3; i++) {
            take("ann");
        }
        KeyedRateLimits.Allowance refused = limits.take("ann");

        nanos.addAndGet(refused.untilNext().toNanos());

        assertThat(refused.allowed()).isFalse();
        assertThat(refused.remaining()).isZero();
        assertThat(refused.untilNext()).isEqualTo(Duration.ofSeconds(20));
        assertThat(refused.untilFull()).isEqualTo(Duration.ofSeconds(60));
        assertThat(take("ann")).isTrue();
        assertThat(take("ann")).isFalse();
    }

    @Test
    void aSmallerBucketIsSmallerForEverybodyAtOnce() {
        take("ann");
        capacity = 1;

        assertThat(take("ann")).isTrue();
        assertThat(take("ann")).isFalse();
        capacity = 3;
        nanos.addAndGet(Duration.ofSeconds(60).toNanos());

        assertThat(limits.take("ann").remaining()).isEqualTo(2);
    }

    @Test
    void memoryIsBounded() {
        for (int i = 0; i < KeyedRateLimits.MAX_BUCKETS; i++) {
            take("caller " + i);
        }

        assertThat(take("one more")).isTrue();
    }
}
