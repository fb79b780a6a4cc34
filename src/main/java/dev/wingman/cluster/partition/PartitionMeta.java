package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;
import java.util.List;

/**
 * A row of the partition table.
 *
 * @param version the epoch of the partition: one more with every change of its owner or backups
 */
public record PartitionMeta(PartitionAssignment assignment, PartitionState state, long version) {
    public int partitionId() {
        return assignment.partitionId();
    }

    public NodeId owner() {
        return assignment.owner();
    }

    /** First the one that takes over from the owner. */
    public List<NodeId> backups() {
        return assignment.backups();
    }

    PartitionMeta withAssignment(PartitionAssignment next) {
        return next.equals(assignment) ? this : new PartitionMeta(next, state, version + 1);
    }

    PartitionMeta withState(PartitionState next) {
        return new PartitionMeta(assignment, next, version);
    }
}
