package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnsTest {
    private final Turns turns = new Turns();
    private final List<String> happened = new ArrayList<>();

    @Test
    void whoIsReadyEarlyWaitsForThoseBefore() {
        Turns.Turn first = turns.take();
        Turns.Turn second = turns.take();
        Turns.Turn third = turns.take();

        third.run(() -> happened.add("third"));
        second.pass();
        assertThat(happened).isEmpty();
        first.run(() -> happened.add("first"));

        assertThat(happened).containsExactly("first", "third");
    }

    @Test
    void whoIsNotReadyAtTheEndHoldsNobodyUp() {
        Turns.Turn first = turns.take();
        turns.take().run(() -> happened.add("second"));

        turns.skip();
        first.run(() -> happened.add("too late"));

        assertThat(happened).containsExactly("second");
    }
}
