package dev.wingman.cluster.partition;

import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * The specified functions of assignment and migration (cluster protocol B 6). {@link
 * #computeAssignment} fills the table of a cluster that has just been formed; it moves far too much
 * to be used for later changes, which are those of {@link MinimalMovePlanner}.
 */
public final class Assignments {
    private Assignments() {}

    /**
     * Deals the partitions out among the active members in the order of their ids, each with the
     * members after its owner as backups. The order of {@code members} does not matter.
     */
    public static List<PartitionAssignment> computeAssignment(
            Collection<MemberInfo> members, int partitionCount, int backupCount) {
        List<NodeId> nodes =
                members.stream()
                        .filter(MemberInfo::isActive)
                        .map(MemberInfo::nodeId)
                        .sorted(Comparator.comparing(NodeId::value))
                        .toList();
        if (nodes.isEmpty()) {
            return List.of();
        }
        List<PartitionAssignment> assignments = new ArrayList<>(partitionCount);
        for (int partition = 0; partition < partitionCount; partition++) {
            assignments.add(assignment(partition, nodes, backupCount));
        }
        return assignments;
    }

    private static PartitionAssignment assignment(
            int partition, List<NodeId> nodes, int backupCount) {
        List<NodeId> backups = new ArrayList<>();
        for (int i = 1; i <= Math.min(backupCount, nodes.size() - 1); i++) {
            backups.add(nodes.get((partition + i) % nodes.size()));
        }
        return new PartitionAssignment(partition, nodes.get(partition % nodes.size()), backups);
    }

    /**
     * The changes of owner that lead from the table to the target, by partition. A partition that
     * was never assigned has nothing to migrate from, and other backups alone are no migration.
     */
    public static List<MigrationTask> planRebalance(
            ClusterPartitionTable table, Collection<PartitionAssignment> target) {
        List<MigrationTask> tasks = new ArrayList<>();
        for (PartitionAssignment row : target) {
            table.partition(row.partitionId())
                    .map(PartitionMeta::owner)
                    .filter(owner -> !owner.equals(row.owner()))
                    .map(owner ->
                            new MigrationTask(row.partitionId(), owner, row.owner(), row.backups()))
                    .ifPresent(tasks::add);
        }
        tasks.sort(Comparator.comparingInt(MigrationTask::partitionId));
        return tasks;
    }

    /**
     * Sorts in place: first the promotions of backups, which move no data; then partitions with few
     * replicas, which are in danger; then by id.
     */
    public static void orderMigrations(List<MigrationTask> tasks, ClusterPartitionTable table) {
        tasks.sort(
                Comparator.comparing((MigrationTask task) -> !isPromotion(task, table))
                        .thenComparingInt(task -> replicas(task, table))
                        .thenComparingInt(MigrationTask::partitionId));
    }

    private static boolean isPromotion(MigrationTask task, ClusterPartitionTable table) {
        return table.partition(task.partitionId())
                .filter(row -> row.backups().contains(task.destination()))
                .isPresent();
    }

    private static int replicas(MigrationTask task, ClusterPartitionTable table) {
        return table.partition(task.partitionId()).map(row -> 1 + row.backups().size()).orElse(0);
    }
}
