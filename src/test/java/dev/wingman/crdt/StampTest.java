package dev.wingman.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StampTest {
    @Test
    void millisecondsGoBeforeTheCounter() {
        assertThat(new Stamp(2, 0)).isGreaterThan(new Stamp(1, 9));
        assertThat(new Stamp(1, 9)).isGreaterThan(new Stamp(1, 8));
        assertThat(new Stamp(1, 8)).isEqualByComparingTo(new Stamp(1, 8));
    }

    @Test
    void nextCountsOn() {
        assertThat(new Stamp(5, 7).next()).isEqualTo(new Stamp(5, 8));
    }

    @Test
    void afterTheLastOfAMillisecondComesTheFirstOfTheNext() {
        var last = new Stamp(5, Stamp.MAX_COUNTER);
        var first = new Stamp(6, 0);

        assertThat(last.next()).isEqualTo(first);
        assertThat(first.before()).isEqualTo(last);
    }

    @Test
    void noStampHasACounterThatJavaScriptCannotHold() {
        Stamp before = new Stamp(6, 0).before();

        assertThat((long) (double) before.counter()).isEqualTo(before.counter());
        assertThat(before.next().before().counter()).isLessThan(1L << 53);
    }

    @Test
    void nothingIsBeforeNone() {
        assertThat(Stamp.NONE.before()).isEqualTo(Stamp.NONE);
        assertThat(new Stamp(0, 1).before()).isEqualTo(Stamp.NONE);
    }

    @Test
    void maxAndMinPickTheLaterAndTheEarlier() {
        var early = new Stamp(1, 5);
        var late = new Stamp(2, 0);

        assertThat(early.max(late)).isEqualTo(late);
        assertThat(late.max(early)).isEqualTo(late);
        assertThat(early.min(late)).isEqualTo(early);
        assertThat(late.min(early)).isEqualTo(early);
    }
}
