package dev.wingman.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class HybridLogicalClockTest {
    private final AtomicLong wallMillis = new AtomicLong(1000);
    private final HybridLogicalClock clock =
            new HybridLogicalClock(() -> Instant.ofEpochMilli(wallMillis.get()), "node-1");

    @Test
    void startsAtTheWallClock() {
        assertThat(clock.now()).isEqualTo(new Timestamp(1000, 0, "node-1"));
    }

    @Test
    void countsWithinOneMillisecond() {
        clock.now();

        assertThat(clock.now()).isEqualTo(new Timestamp(1000, 1, "node-1"));
    }

    @Test
    void startsCountingAnewWhenTheWallClockMovesOn() {
        clock.now();
        clock.now();
        wallMillis.set(1001);

        assertThat(clock.now()).isEqualTo(new Timestamp(1001, 0, "node-1"));
    }

    @Test
    void countsOnWhileTheWallClockIsBehind() {
        clock.now();
        wallMillis.set(10);

        assertThat(clock.now()).isEqualTo(new Timestamp(1000, 1, "node-1"));
    }

    /** Wire protocol 4.1: what was seen last is 1000, 0. */
    @ParameterizedTest
    @CsvSource({
        "1000, 1000, 7, 1000, 8", // seen and remote share the millisecond, remote counts higher
        "1000,  900, 7, 1000, 1", // seen alone
        "1000, 2000, 7, 2000, 8", // remote alone
        "3000, 2000, 7, 3000, 0", // the wall clock alone
        "2000, 2000, 7, 2000, 8" // remote and the wall clock
    })
    void updateFollowsTheLatestOfThree(
            long wall, long remoteMillis, long remoteCounter, long millis, long counter) {
        clock.now();
        wallMillis.set(wall);

        clock.update(new Stamp(remoteMillis, remoteCounter));

        // what update left behind shows in the stamp after it, with the wall clock out of the way
        wallMillis.set(0);
        assertThat(clock.nextStamp()).isEqualTo(new Stamp(millis, counter + 1));
    }

    @Test
    void takesTheHigherCounterWhenItIsItsOwn() {
        clock.now();
        clock.now();
        clock.now();

        clock.update(new Stamp(1000, 0));

        assertThat(clock.nextStamp()).isEqualTo(new Stamp(1000, 4));
    }

    @Test
    void aCounterAtItsEndDoesNotTurnTheClockBack() {
        clock.update(new Stamp(5000, Long.MAX_VALUE));

        assertThat(clock.now().millis()).isEqualTo(5001);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void neverGoesBackAndIsLaterThanAnythingSeen(long seed) {
        var random = new SplittableRandom(seed);
        Stamp latest = Stamp.NONE;
        for (int i = 0; i < 200; i++) {
            wallMillis.set(random.nextLong(1, 8)); // tiny ranges: ties are where clocks go wrong
            if (random.nextBoolean()) {
                var remote = new Stamp(random.nextLong(8), random.nextLong(8));
                clock.update(remote);
                latest = latest.max(remote);
            }

            Stamp now = clock.nextStamp();

            assertThat(now).isGreaterThan(latest);
            latest = now;
        }
    }
}
