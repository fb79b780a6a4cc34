package dev.wingman.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.connection.Admission.Admitted;
import dev.wingman.connection.Admission.Reason;
import dev.wingman.connection.Admission.Refused;
import dev.wingman.lifecycle.HealthState;
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
