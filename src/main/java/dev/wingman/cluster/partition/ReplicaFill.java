package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;

/**
 * A node that is to be given a copy of a partition.
 *
 * @param source has a copy
 * @param destination has none yet
 * @param row that the table gets once the destination has everything
 * @param epoch of the partition, for which this was decided: at another one it is void
 */
public record ReplicaFill(NodeId source, NodeId destination, PartitionAssignment row, long epoch) {
    public int partitionId() {
        return row.partitionId();
    }
}
