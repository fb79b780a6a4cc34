package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import java.util.List;

/**
 * A partition that is to change its owner.
 *
 * @param newBackups those it has afterwards
 */
public record MigrationTask(
        int partitionId, NodeId source, NodeId destination, List<NodeId> newBackups) {
    public MigrationTask {
        newBackups = List.copyOf(newBackups);
    }
}
