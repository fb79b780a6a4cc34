package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ChoreTest {
    @Test
    void aTimerGoesOnAfterATaskThatFailed() throws Exception {
        var runs = new Phaser(1);
        try (var timer = Executors.newSingleThreadScheduledExecutor()) {
            var _ =
                    timer.scheduleWithFixedDelay(
                            new Chore(() -> {
                                runs.arrive();
                                throw new IllegalStateException("of the test");
                            }),
                            1,
                            1,
                            TimeUnit.MILLISECONDS);

            int second = runs.awaitAdvanceInterruptibly(0, 30, TimeUnit.SECONDS);

            assertThat(runs.awaitAdvanceInterruptibly(second, 30, TimeUnit.SECONDS))
                    .isGreaterThan(second);
            timer.shutdownNow();
        }
    }
}
