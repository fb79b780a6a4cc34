package dev.wingman.cluster.partition;

import dev.wingman.protocol.PartitionAssignment;
import java.util.List;

/**
 * What is to be done next.
 *
 * @param voided running fills that cannot be finished, or whose row has changed under them
 * @param rows to be put into the table at once: other roles for nodes that have copies
 * @param fills to be begun
 */
public record RebalancePlan(
        List<ReplicaFill> voided, List<PartitionAssignment> rows, List<ReplicaFill> fills) {
    public RebalancePlan {
        voided = List.copyOf(voided);
        rows = List.copyOf(rows);
        fills = List.copyOf(fills);
    }

    public boolean isEmpty() {
        return voided.isEmpty() && rows.isEmpty() && fills.isEmpty();
    }
}
