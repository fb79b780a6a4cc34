package dev.wingman.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TimestampTest {
    @Test
    void comparesMillisecondsThenCounterThenNode() {
        assertThat(
                        new Timestamp[] {
                            new Timestamp(1, 9, "z"),
                            new Timestamp(2, 0, "z"),
                            new Timestamp(2, 1, "a"),
                            new Timestamp(2, 1, "b")
                        })
                .isSorted();
    }

    @Test
    void nodeIdsCompareByCodeUnit() {
        assertThat(new Timestamp(1, 0, "n_1").isAfter(new Timestamp(1, 0, "n-1"))).isTrue();
        assertThat(new Timestamp(1, 0, "a").isAfter(new Timestamp(1, 0, "B"))).isTrue();
    }

    @Test
    void isNotAfterItself() {
        var timestamp = new Timestamp(1, 0, "n");

        assertThat(timestamp.isAfter(new Timestamp(1, 0, "n"))).isFalse();
    }

    @Test
    void textFormHasPlainDecimals() {
        assertThat(new Timestamp(1_700_000_000_000L, 5, "node-1"))
                .hasToString("1700000000000:5:node-1");
    }

    @Test
    void refusesWhatWouldMakeTheTextFormAmbiguous() {
        assertThatThrownBy(() -> new Timestamp(1, 0, "a:b"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Timestamp(-1, 0, "a"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Timestamp(0, -1, "a"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
