package dev.wingman.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LwwRecordTest {
    private static final Timestamp EARLY = new Timestamp(100, 0, "a");
    private static final Timestamp LATE = new Timestamp(100, 0, "b");

    @Test
    void theLaterWriteWins() {
        var early = new LwwRecord<>("early", EARLY, 0);
        var late = new LwwRecord<>("late", LATE, 0);

        assertThat(late.supersedes(early)).isTrue();
        assertThat(early.supersedes(late)).isFalse();
    }

    @Test
    void anyWriteWinsAgainstNone() {
        assertThat(new LwwRecord<>("v", EARLY, 0).supersedes(null)).isTrue();
    }

    @Test
    void theSameWriteTwiceChangesNothing() {
        var record = new LwwRecord<>("v", EARLY, 0);

        assertThat(record.supersedes(new LwwRecord<>("v", EARLY, 0))).isFalse();
    }

    @Test
    void aRemovalTakesPartLikeAnyWrite() {
        LwwRecord<String> removal = new LwwRecord<>(null, LATE, 0);
        LwwRecord<String> put = new LwwRecord<>("v", EARLY, 0);

        assertThat(removal.supersedes(put)).isTrue();
        assertThat(put.supersedes(removal)).isFalse();
        assertThat(removal.isTombstone()).isTrue();
        assertThat(removal.isLive(100)).isFalse();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void replicasAgreeWhateverOrderTheyMergeIn(long seed) {
        var random = new SplittableRandom(seed);
        LwwRecord<String> a = record(random);
        LwwRecord<String> b = record(random);
        LwwRecord<String> c = record(random);

        LwwRecord<String> expected = merge(merge(a, b), c);

        assertThat(merge(a, merge(b, c))).isEqualTo(expected);
        assertThat(merge(merge(c, b), a)).isEqualTo(expected);
        assertThat(merge(expected, b)).isEqualTo(expected);
    }

    @Test
    void expiresOnceItsTimeIsOver() {
        var record = new LwwRecord<>("v", EARLY, 50);

        assertThat(record.isLive(150)).isTrue();
        assertThat(record.isExpired(150)).isFalse();
        assertThat(record.isExpired(151)).isTrue();
        assertThat(record.isLive(151)).isFalse();
    }

    @Test
    void livesForEverWithoutATimeToLive() {
        assertThat(new LwwRecord<>("v", EARLY, 0).isLive(Long.MAX_VALUE)).isTrue();
    }

    @Test
    void theLongestTimeToLiveDoesNotOverflow() {
        assertThat(new LwwRecord<>("v", EARLY, Long.MAX_VALUE).isLive(1000)).isTrue();
    }

    @Test
    void refusesANegativeTimeToLive() {
        assertThatThrownBy(() -> new LwwRecord<>("v", EARLY, -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static LwwRecord<String> merge(LwwRecord<String> present, LwwRecord<String> arrived) {
        return arrived.supersedes(present) ? arrived : present;
    }

    /** A timestamp names one write, so the value follows from it. */
    private static LwwRecord<String> record(SplittableRandom random) {
        var timestamp =
                new Timestamp(
                        random.nextLong(2), random.nextLong(2), random.nextBoolean() ? "a" : "b");
        String value = timestamp.counter() == 0 ? null : timestamp.toString();
        return new LwwRecord<>(value, timestamp, 0);
    }
}
