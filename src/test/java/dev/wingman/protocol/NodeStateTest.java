package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.Transitions;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NodeStateTest {
    @Test
    void leadsOnlyWhereTheProtocolAllows() {
        assertThat(Transitions.of(NodeState.class))
                .isEqualTo(
                        Map.of(
                                "Joining", Set.of("Active"),
                                "Active", Set.of("Suspect", "Leaving", "Dead"),
                                "Suspect", Set.of("Active", "Dead"),
                                "Leaving", Set.of("Removed", "Dead", "Active"),
                                "Dead", Set.of("Active", "Removed"),
                                "Removed", Set.of()));
    }

    @Test
    void aNodeThatFallsSilentAndComesBackIsWhatItWas() {
        NodeState.Suspect suspect = NodeState.JOINING.accepted().suspected();

        assertThat(suspect.heard()).isEqualTo(NodeState.ACTIVE);
        assertThat(suspect.lost().rejoined()).isEqualTo(NodeState.ACTIVE);
        assertThat(NodeState.ACTIVE.lost().forgotten()).isEqualTo(NodeState.REMOVED);
    }

    @Test
    void aNodeThatLeavesMayStopOrComeBack() {
        NodeState.Leaving leaving = NodeState.ACTIVE.leaving();

        assertThat(leaving.left()).isEqualTo(NodeState.REMOVED);
        assertThat(leaving.stopped()).isEqualTo(NodeState.DEAD);
        assertThat(leaving.rejoined()).isEqualTo(NodeState.ACTIVE);
    }

    @Test
    void theirNamesAreThoseOfTheWire() {
        assertThat(NodeState.ALL)
                .extracting(NodeState::text)
                .containsExactly("joining", "active", "suspect", "leaving", "dead", "removed");
    }

    @Test
    void clientsAreToldOfDeadAndRemovedNodesThatTheyFailed() {
        assertThat(NodeState.ALL)
                .extracting(NodeState::status)
                .containsExactly(
                        NodeStatus.JOINING,
                        NodeStatus.ACTIVE,
                        NodeStatus.SUSPECTED,
                        NodeStatus.LEAVING,
                        NodeStatus.FAILED,
                        NodeStatus.FAILED);
    }
}
