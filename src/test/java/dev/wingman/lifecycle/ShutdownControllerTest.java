package dev.wingman.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShutdownControllerTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final ShutdownController controller = new ShutdownController();

    @Test
    void beginsInStarting() {
        assertThat(controller.healthState()).isEqualTo(HealthState.STARTING);
        assertThat(controller.inFlightCount()).isZero();
    }

    @Test
    void goesThroughAllStatesInOrder() throws InterruptedException {
        var seen = new ArrayList<String>();

        seen.add(controller.healthState().text());
        controller.setReady();
        seen.add(controller.healthState().text());
        controller.triggerShutdown();
        seen.add(controller.healthState().text());
        controller.waitForDrain(LONG);
        seen.add(controller.healthState().text());

        assertThat(seen).containsExactly("starting", "ready", "draining", "stopped");
    }

    @Test
    void aStopDuringTheStartWinsOverTheEndOfTheStart() {
        controller.triggerShutdown();

        boolean ready = controller.setReady();

        assertThat(ready).isFalse();
        assertThat(controller.healthState()).isEqualTo(HealthState.DRAINING);
    }

    @Test
    void onlyTheFirstOfTwoStopsBegins() {
        controller.setReady();

        boolean first = controller.triggerShutdown();
        boolean second = controller.triggerShutdown();

        assertThat(first).isTrue();
        assertThat(second).isFalse();
    }

    @Test
    void nothingLeadsOutOfStopped() throws InterruptedException {
        controller.triggerShutdown();
        controller.waitForDrain(LONG);

        assertThat(controller.setReady()).isFalse();
        assertThat(controller.triggerShutdown()).isFalse();
        assertThat(controller.waitForDrain(Duration.ZERO)).isTrue();
        assertThat(controller.healthState()).isEqualTo(HealthState.STOPPED);
    }

    @ParameterizedTest
    @CsvSource({
        "STARTING, READY DRAINING",
        "READY,    DRAINING",
        "DRAINING, STOPPED",
        "STOPPED,  ''"
    })
    void everyOtherStepIsRefused(HealthState from, String allowed) {
        assertThat(HealthState.values())
                .filteredOn(from::leadsTo)
                .extracting(HealthState::name)
                .containsExactly(allowed.isEmpty() ? new String[0] : allowed.split(" ", -1));
    }

    @Test
    void theHandleShowsThePresentState() {
        var handle = controller.healthStateHandle();

        controller.setReady();

        assertThat(handle.get()).isEqualTo(HealthState.READY);
    }

    @Test
    void aReceiverIsToldWhenTheStopBegins() {
        var told = new ArrayList<HealthState>();
        controller.shutdownReceiver().thenRun(() -> told.add(controller.healthState()));
        assertThat(told).isEmpty();

        controller.triggerShutdown();

        assertThat(told).containsExactly(HealthState.DRAINING);
    }

    @Test
    void aLateReceiverSeesThatTheStopHasBegun() {
        var told = new ArrayList<HealthState>();
        controller.triggerShutdown();

        controller.shutdownReceiver().thenRun(() -> told.add(controller.healthState()));

        assertThat(told).containsExactly(HealthState.DRAINING);
    }

    @Test
    void countsWhatIsInFlight() {
        var first = controller.inFlightGuard();
        controller.inFlightGuard();

        first.close();

        assertThat(controller.inFlightCount()).isEqualTo(1);
    }

    @Test
    void aGuardIsReleasedOnce() {
        var guard = controller.inFlightGuard();
        controller.inFlightGuard();

        guard.close();
        guard.close();

        assertThat(controller.inFlightCount()).isEqualTo(1);
    }

    @Test
    void aGuardIsReleasedWhenTheWorkFails() {
        assertThatThrownBy(
                        () -> {
                            try (var _ = controller.inFlightGuard()) {
                                throw new IllegalStateException("work failed");
                            }
                        })
                .hasMessage("work failed");

        assertThat(controller.inFlightCount()).isZero();
    }

    @Test
    void drainsAtOnceWhenNothingIsInFlight() throws InterruptedException {
        controller.triggerShutdown();

        boolean drained = controller.waitForDrain(Duration.ZERO);

        assertThat(drained).isTrue();
        assertThat(controller.healthState()).isEqualTo(HealthState.STOPPED);
    }

    @Test
    void drainGivesUpWhenTheTimeIsUpAndLeavesTheState() throws InterruptedException {
        controller.triggerShutdown();
        controller.inFlightGuard();

        boolean drained = controller.waitForDrain(Duration.ofMillis(5));

        assertThat(drained).isFalse();
        assertThat(controller.healthState()).isEqualTo(HealthState.DRAINING);
        assertThat(controller.inFlightCount()).isEqualTo(1);
    }

    @Test
    @Timeout(10)
    void drainEndsWhenTheLastGuardIsReleased()
            throws InterruptedException, ExecutionException, TimeoutException {
        controller.triggerShutdown();
        var guard = controller.inFlightGuard();
        var waits = new CountDownLatch(1);
        try (var executor = Executors.newSingleThreadExecutor()) {
            var drained =
                    executor.submit(() -> {
                        waits.countDown();
                        return controller.waitForDrain(LONG);
                    });
            waits.await();

            guard.close();

            assertThat(drained.get(10, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(controller.healthState()).isEqualTo(HealthState.STOPPED);
    }

    @Test
    void drainWithoutAStopIsAMistakeOfTheCaller() {
        controller.setReady();

        assertThatThrownBy(() -> controller.waitForDrain(LONG))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("ready");
    }

    /** The release and the wait race for the last wake-up; a lost one shows as a time-out. */
    @Test
    @Timeout(10) // below LONG: a wait that ends by itself is a failure too
    void noReleaseIsMissedByADrainThatBeginsAtTheSameTime()
            throws InterruptedException, ExecutionException {
        try (var executor = Executors.newSingleThreadExecutor()) {
            for (int round = 0; round < 2_000; round++) {
                var raced = new ShutdownController();
                var guard = raced.inFlightGuard();
                var start = new CountDownLatch(1);
                var release =
                        executor.submit(() -> {
                            start.await();
                            guard.close();
                            return true;
                        });

                start.countDown();
                raced.triggerShutdown();
                boolean drained = raced.waitForDrain(LONG);

                assertThat(drained).isTrue();
                release.get();
            }
        }
    }
}
