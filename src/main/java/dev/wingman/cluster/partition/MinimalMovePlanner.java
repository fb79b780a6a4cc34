package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Changes the table as little as possible: when an owner is gone its first backup takes over, and
 * beyond that partitions move only until no node owns, or backs up, two more than another.
 *
 * <p>Among the even tables the one that it strives for has the fewest partitions with another
 * owner, of those the fewest copied for the sake of their owner, and of those the fewest copied for
 * a backup. The same input gives the same plan on every node.
 *
 * <p>Pure and thread-safe.
 *
 * @param backupCount backups of each partition, as far as there are members
 * @param maxParallelMigrations fills that a node takes part in at a time, at either end
 */
public record MinimalMovePlanner(int backupCount, int maxParallelMigrations) {
    /**
     * The rows to be changed at once because their owner does not run any more, or leaves. The
     * first backup takes over that is in sync, or else, when the owner is gone, the first that
     * runs. The old owner becomes the last backup: its disk may come back. A row whose backups are
     * gone as well stays as it is.
     */
    public List<PartitionAssignment> failover(ClusterPartitionTable table, Holders holders) {
        return table.partitions()
                .map(PartitionMeta::assignment)
                .filter(row -> !holders.isLive(row.owner()))
                .flatMap(row -> successor(row, holders).map(next -> promoted(row, next)).stream())
                .toList();
    }

    private static Optional<NodeId> successor(PartitionAssignment row, Holders holders) {
        Predicate<NodeId> inSync = node -> holders.isInSync(row.partitionId(), node);
        Stream<Predicate<NodeId>> preferences =
                inSync.test(row.owner())
                        ? Stream.of(inSync.and(holders::isLive))
                        : Stream.of(inSync.and(holders::isLive), inSync, holders::isLive);
        return preferences
                .flatMap(preferred -> row.backups().stream().filter(preferred))
                .findFirst();
    }

    private static PartitionAssignment promoted(PartitionAssignment row, NodeId next) {
        List<NodeId> backups = new ArrayList<>(row.backups());
        backups.remove(next);
        backups.add(row.owner());
        return new PartitionAssignment(row.partitionId(), next, backups);
    }

    /**
     * The rows to be changed at once because a node will never bring its copies back, be it removed
     * or on another disk: they do not name it any more. In the place of an owner comes the backup
     * that would take over, or else the first, whose disk may come back. A row that names no other
     * node stays as it is: its data is lost.
     */
    public List<PartitionAssignment> withdrawal(
            ClusterPartitionTable table, Holders holders, NodeId node) {
        List<PartitionAssignment> changed = new ArrayList<>();
        for (PartitionAssignment row : table.assignments()) {
            if (row.backups().contains(node)) {
                changed.add(without(row, node, row.owner()));
            } else if (row.owner().equals(node)) {
                successor(row, holders)
                        .or(() -> row.backups().stream().findFirst())
                        .map(next -> without(row, node, next))
                        .ifPresent(changed::add);
            }
        }
        return changed;
    }

    private static PartitionAssignment without(PartitionAssignment row, NodeId node, NodeId owner) {
        List<NodeId> backups = new ArrayList<>(row.backups());
        backups.removeAll(List.of(node, owner));
        return new PartitionAssignment(row.partitionId(), owner, backups);
    }

    /**
     * What to do now: the failover, roles that can change without a copy, and as many fills as may
     * run beside those that do. Carrying out one plan after another until nothing is left leads to
     * the even table. A partition of which no node has a copy is left alone.
     *
     * @param members to spread the partitions over; live ones
     * @param running fills, at most one for each partition; what they fill counts as filled
     */
    public RebalancePlan next(
            ClusterPartitionTable table,
            Collection<NodeId> members,
            Holders holders,
            List<ReplicaFill> running) {
        if (members.isEmpty()) {
            return new RebalancePlan(running, List.of(), List.of());
        }
        List<NodeId> sorted =
                members.stream().distinct().sorted(Comparator.comparing(NodeId::value)).toList();
        return new Rebalance(this, table, sorted, holders).beside(running);
    }
}
