package dev.wingman.cluster.membership;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OwnStallsTest {
    private final OwnStalls stalls = new OwnStalls();

    private void tick(long from, long to) {
        for (long now = from; now <= to; now += OwnStalls.TICK_MILLIS) {
            stalls.tick(now);
        }
    }

    @Test
    void withoutATickerThereAreNone() {
        assertThat(stalls.recentMillis(1_000_000)).isZero();
    }

    @Test
    void ofAPunctualTickerThereAreNone() {
        tick(0, 20_000);

        assertThat(stalls.recentMillis(20_000)).isZero();
    }

    @Test
    void latenessUpToHalfASecondIsOrdinary() {
        stalls.tick(0);

        assertThat(stalls.recentMillis(600)).isZero();
        assertThat(stalls.recentMillis(601)).isEqualTo(501);
        stalls.tick(600);
        assertThat(stalls.recentMillis(600)).isZero();
    }

    @Test
    void aStallIsKnownBeforeTheTickThatEndsIt() {
        stalls.tick(0);

        assertThat(stalls.recentMillis(2_100)).isEqualTo(2_000);
    }

    @Test
    void aStallIsRememberedForTenSeconds() {
        stalls.tick(0);
        tick(2_100, 12_100);

        assertThat(stalls.recentMillis(12_100)).isEqualTo(2_000);
        assertThat(stalls.recentMillis(12_101)).isZero();
    }

    @Test
    void whatIsForgottenIsNotKept() {
        long now = 0;
        for (int stall = 0; stall < 100; stall++) {
            tick(now, now + 1_000);
            now += 2_100;
        }

        assertThat(stalls.count()).isEqualTo(5);
        tick(now, now + 10_100);
        assertThat(stalls.count()).isZero();
    }

    @Test
    void theLongestCounts() {
        stalls.tick(0);
        tick(3_100, 4_000);
        tick(5_100, 13_100);

        assertThat(stalls.recentMillis(13_100)).isEqualTo(3_000);
    }

    @Test
    void aLongerOneReplacesAShorterOne() {
        stalls.tick(0);
        tick(1_100, 2_000);
        stalls.tick(5_100);
        tick(5_200, 15_100);

        assertThat(stalls.recentMillis(15_100)).isEqualTo(3_000);
        assertThat(stalls.recentMillis(15_101)).isZero();
    }

    @Test
    void aShorterOneIsRememberedWhenTheLongerOneBeforeItIsForgotten() {
        stalls.tick(0);
        tick(4_100, 8_000);
        tick(11_100, 14_100);

        assertThat(stalls.recentMillis(14_100)).isEqualTo(4_000);
        assertThat(stalls.recentMillis(14_101)).isEqualTo(3_000);
        tick(14_200, 21_100);
        assertThat(stalls.recentMillis(21_100)).isEqualTo(3_000);
        assertThat(stalls.recentMillis(21_101)).isZero();
    }
}
