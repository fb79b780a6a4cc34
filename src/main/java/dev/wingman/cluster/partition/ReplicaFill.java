package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;

/**
 * A node that is to be given a copy of a partition.
 *
 * @param source has a copy
 * @param destination has none yet
 * @param row that the table gets once the destination has everything
 */
public record ReplicaFill(NodeId source, NodeId destination, PartitionAssignment row) {
    public int partitionId() {
        return row.partitionId();
    }

    boolean touches(NodeId node) {
        return source.equals(node) || destination.equals(node);
    }
}
