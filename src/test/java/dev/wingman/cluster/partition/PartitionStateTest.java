package dev.wingman.cluster.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.Transitions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PartitionStateTest {
    @Test
    void leadsOnlyWhereTheProtocolAllows() {
        assertThat(Transitions.of(PartitionState.class))
                .isEqualTo(
                        Map.of(
                                "Unassigned", Set.of("Receiving", "Lost"),
                                "Receiving", Set.of("Active", "Draining"),
                                "Active", Set.of("Migrating", "Draining"),
                                "Migrating", Set.of("Draining", "Active"),
                                "Draining", Set.of("Unassigned", "Active", "Receiving"),
                                "Lost", Set.of("Active")));
    }

    @Test
    void aMigrationGoesThroughItsStatesAtBothEnds() {
        assertThat(PartitionState.ACTIVE.migrate().drain().drop())
                .isEqualTo(PartitionState.UNASSIGNED);
        assertThat(PartitionState.UNASSIGNED.receive().filled()).isEqualTo(PartitionState.ACTIVE);
    }

    @Test
    void failuresLeadBackToWhereTheDataIs() {
        assertThat(PartitionState.MIGRATING.stay()).isEqualTo(PartitionState.ACTIVE);
        assertThat(PartitionState.RECEIVING.fail().receive()).isEqualTo(PartitionState.RECEIVING);
        assertThat(PartitionState.ACTIVE.drain().stay()).isEqualTo(PartitionState.ACTIVE);
        assertThat(PartitionState.UNASSIGNED.lose().assign()).isEqualTo(PartitionState.ACTIVE);
    }

    @Test
    void theirNamesAreThoseOfTheProtocol() {
        assertThat(
                        new PartitionState[] {
                            PartitionState.UNASSIGNED,
                            PartitionState.ACTIVE,
                            PartitionState.MIGRATING,
                            PartitionState.RECEIVING,
                            PartitionState.DRAINING,
                            PartitionState.LOST
                        })
                .extracting(PartitionState::text)
                .containsExactly(
                        "unassigned", "active", "migrating", "receiving", "draining", "lost");
        assertThat(MigrationPhase.values())
                .extracting(MigrationPhase::text)
                .containsExactly("replicating", "ready", "finalizing", "failed");
    }
}
