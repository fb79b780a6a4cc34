package dev.wingman.protocol;

import java.util.HashSet;
import java.util.List;

/**
 * Who is to hold a partition: a row of the partition table, as it is planned and sent.
 *
 * @param backups other nodes than the owner, first the one that takes over from it
 */
public record PartitionAssignment(int partitionId, NodeId owner, List<NodeId> backups) {
    public PartitionAssignment {
        backups = List.copyOf(backups);
        if (backups.contains(owner) || new HashSet<>(backups).size() < backups.size()) {
            throw new IllegalArgumentException(
                    "partition " + partitionId + " names a node twice: " + owner + ", " + backups);
        }
    }
}
