package dev.wingman.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.Partitions;
import org.junit.jupiter.api.Test;

class OwnershipViewTest {
    @Test
    void aNodeThatIsAloneHoldsEveryPartitionAndNoMore() {
        OwnershipView view = OwnershipView.alone(new NodeId("a"));

        assertThat(view.self()).isEqualTo(new NodeId("a"));
        assertThat(view.epoch()).isEqualTo(1);
        for (int partition = 0; partition < Partitions.COUNT; partition++) {
            assertThat(view.holds(partition)).isTrue();
        }
        assertThat(view.holds(Partitions.COUNT)).isFalse();
    }
}
