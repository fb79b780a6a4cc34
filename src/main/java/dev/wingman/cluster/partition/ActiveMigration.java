package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import java.util.List;

/**
 * A migration that runs.
 *
 * @param migrationId a UUID
 * @param startedAtMillis since the Unix epoch, for people: time-outs are measured elsewhere
 */
public record ActiveMigration(
        String migrationId,
        int partitionId,
        NodeId source,
        NodeId destination,
        MigrationPhase phase,
        long startedAtMillis,
        List<NodeId> newBackups) {
    public ActiveMigration {
        newBackups = List.copyOf(newBackups);
    }
}
