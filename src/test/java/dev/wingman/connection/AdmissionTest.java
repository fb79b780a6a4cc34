package dev.wingman.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.connection.Admission.Admitted;
import dev.wingman.connection.Admission.Reason;
import dev.wingman.connection.Admission.Refused;
import dev.wingman.lifecycle.HealthState;
import java.util.Collections;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private final Connections server = new Connections(ConnectionConfig.DEFAULTS);

    @Test
    void aReadyServerAdmits() {
        assertThat(server.registry.admit()).isEqualTo(new Admitted());
    }

    @Test
    void aStartingServerRefuses() {
        server.health = HealthState.STARTING;

        Admission answer = server.registry.admit();

        assertThat(reason(answer)).isEqualTo(Reason.STARTING);
    }

    @Test
    void aDrainingServerAdmitsUntilItsDoorsClose() {
        server.health = HealthState.DRAINING;
        Admission before = server.registry.admit();

        server.registry.closeDoors();

        assertThat(before).isEqualTo(new Admitted());
        assertThat(reason(server.registry.admit())).isEqualTo(Reason.DRAINING);
    }

    @Test
    void aStoppedServerRefuses() {
        server.health = HealthState.STOPPED;

        assertThat(reason(server.registry.admit())).isEqualTo(Reason.DRAINING);
    }

    @Test
    void aFullServerRefusesAndOneBelowThatAdmits() {
        assertThat(Admission.decide(HealthState.READY, true, 9, 10)).isEqualTo(new Admitted());
        assertThat(reason(Admission.decide(HealthState.READY, true, 10, 10)))
                .isEqualTo(Reason.FULL);
    }

    @Test
    void whoIsOnTheWayInHasAPlace() {
        var registry = new Connections(Connections.config(2, 1, 1)).registry;
        registry.admit();
        registry.admit();

        assertThat(reason(registry.admit())).isEqualTo(Reason.FULL);
        registry.registerAdmitted(ConnectionKind.CLIENT, new FakeSocket());
        assertThat(reason(registry.admit())).isEqualTo(Reason.FULL);
        registry.releasePlace(); // of the second, which never came
        assertThat(registry.admit()).isEqualTo(new Admitted());
        assertThat(reason(registry.admit())).isEqualTo(Reason.FULL);
    }

    @Test
    void whoComesTogetherIsNeverMoreThanTheLimit() throws Exception {
        int limit = 5;
        var registry = new Connections(Connections.config(limit, 1, 1)).registry;
        var inside = new AtomicInteger();
        var most = new AtomicInteger();
        Callable<Void> visits =
                () -> {
                    for (int i = 0; i < 2_000; i++) {
                        if (registry.admit() instanceof Admitted) {
                            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            var handle =
                                    registry.registerAdmitted(
                                            ConnectionKind.CLIENT, new FakeSocket());
                            inside.decrementAndGet();
                            registry.remove(handle.id());
                        }
                    }
                    return null;
                };
        try (var threads = Executors.newFixedThreadPool(2 * limit)) {
            for (Future<Void> visit : threads.invokeAll(Collections.nCopies(2 * limit, visits))) {
                visit.get();
            }
        }

        assertThat(most.get()).isBetween(1, limit);
        for (int i = 0; i < limit; i++) {
            assertThat(registry.admit()).isEqualTo(new Admitted());
        }
        assertThat(reason(registry.admit())).isEqualTo(Reason.FULL);
    }

    @Test
    void everyRefusalSaysWhenToComeBack() {
        for (HealthState state : HealthState.values()) {
            if (Admission.decide(state, false, 0, 1) instanceof Refused(_, var retryAfter)) {
                assertThat(retryAfter.toSeconds()).isBetween(1L, 30L);
            }
        }
    }

    @Test
    void refusalsAreCountedByReason() {
        server.health = HealthState.STARTING;
        server.registry.admit();
        server.registry.admit();

        assertThat(server.registry.counters().refused(Reason.STARTING)).isEqualTo(2);
        assertThat(server.registry.counters().refused(Reason.FULL)).isZero();
    }

    private static Reason reason(Admission answer) {
        return ((Refused) answer).reason();
    }
}
