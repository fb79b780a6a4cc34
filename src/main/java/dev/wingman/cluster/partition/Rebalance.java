package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** One step of {@link MinimalMovePlanner}, for one input. */
final class Rebalance {
    private final MinimalMovePlanner planner;
    private final ClusterPartitionTable table;
    private final List<NodeId> members;
    private final Holders holders;

    /** By partition, as they are after the failover. */
    private final Map<Integer, PartitionAssignment> rows = new TreeMap<>();

    /** By partition, those that can be finished. */
    private final Map<Integer, ReplicaFill> running = new HashMap<>();

    private final List<ReplicaFill> voided = new ArrayList<>();

    /** Fills that each node takes part in. */
    private final Map<NodeId, Integer> load = new HashMap<>();

    /** A copy that the target asks for, and the row as it is until then. */
    private record Missing(PartitionAssignment row, PartitionAssignment target, NodeId node) {}

    Rebalance(
            MinimalMovePlanner planner,
            ClusterPartitionTable table,
            List<NodeId> members,
            Holders holders) {
        this.planner = planner;
        this.table = table;
        this.members = members;
        this.holders = holders;
        table.assignments().forEach(this::put);
        planner.failover(table, holders).forEach(this::put);
    }

    private void put(PartitionAssignment row) {
        rows.put(row.partitionId(), row);
    }

    RebalancePlan beside(List<ReplicaFill> fills) {
        for (ReplicaFill fill : fills) {
            if (canFinish(fill)) {
                running.put(fill.partitionId(), fill);
                count(fill);
            } else {
                voided.add(fill);
            }
        }
        List<Missing> missing = new ArrayList<>();
        for (PartitionAssignment target : targets()) {
            if (!running.containsKey(target.partitionId())) {
                approach(target).ifPresent(missing::add);
            }
        }
        return new RebalancePlan(voided, changedRows(), fills(missing));
    }

    private boolean canFinish(ReplicaFill fill) {
        PartitionAssignment row = rows.get(fill.partitionId());
        return row != null
                && epochOf(row) == fill.epoch()
                && has(row, fill.source())
                && members.contains(fill.destination());
    }

    private void count(ReplicaFill fill) {
        load.merge(fill.source(), 1, Integer::sum);
        load.merge(fill.destination(), 1, Integer::sum);
    }

    private boolean has(PartitionAssignment row, NodeId node) {
        return holders.isInSync(row.partitionId(), node);
    }

    private List<PartitionAssignment> targets() {
        List<PartitionAssignment> known = new ArrayList<>();
        for (PartitionAssignment row : rows.values()) {
            ReplicaFill fill = running.get(row.partitionId());
            if (fill != null) {
                known.add(fill.row());
            } else if (copies(row).findAny().isPresent()) {
                known.add(row);
            }
        }
        return EvenTable.of(known, members, planner.backupCount(), this::hasOrGets);
    }

    private boolean hasOrGets(PartitionAssignment row, NodeId node) {
        ReplicaFill fill = running.get(row.partitionId());
        return has(row, node) || (fill != null && fill.destination().equals(node));
    }

    /** The nodes with a copy: the owner first, then the backups in their order, then others. */
    private Stream<NodeId> copies(PartitionAssignment row) {
        Stream<NodeId> others =
                holders.copies().get(row.partitionId()).stream()
                        .sorted(Comparator.comparing(NodeId::value));
        return Stream.concat(replicas(row), others).distinct().filter(node -> has(row, node));
    }

    private static Stream<NodeId> replicas(PartitionAssignment row) {
        return Stream.concat(Stream.of(row.owner()), row.backups().stream());
    }

    /** Changes the row as far as no copy is needed for it; returns the first one that is. */
    private Optional<Missing> approach(PartitionAssignment target) {
        PartitionAssignment row = Objects.requireNonNull(rows.get(target.partitionId()));
        PartitionAssignment near = near(row, target, null);
        put(near);
        return replicas(target)
                .filter(node -> !has(row, node))
                .filter(node -> node.equals(target.owner()) || !row.backups().contains(node))
                .findFirst()
                .map(node -> new Missing(near, target, node));
    }

    /**
     * The row as near to the target as the copies allow. Where the target's backups are not filled
     * yet, those that it drops keep their place, and in their absence the ones that are gone.
     *
     * @param filled has a copy by then; null when nobody gets one
     */
    private PartitionAssignment near(
            PartitionAssignment row, PartitionAssignment target, @Nullable NodeId filled) {
        NodeId owner =
                has(row, target.owner()) || target.owner().equals(filled)
                        ? target.owner()
                        : row.owner();
        List<NodeId> old = replicas(row).toList();
        Set<NodeId> backups = new LinkedHashSet<>(target.backups());
        backups.removeIf(node -> !has(row, node) && !node.equals(filled) && !old.contains(node));
        old.stream().filter(node -> holders.isLive(node) || has(row, node)).forEach(backups::add);
        backups.addAll(old);
        backups.remove(owner);
        Set<NodeId> kept =
                backups.stream()
                        .limit(target.backups().size())
                        .collect(Collectors.toCollection(LinkedHashSet::new));
        return new PartitionAssignment(row.partitionId(), owner, EvenTable.inTheirTurn(row, kept));
    }

    /** Once the row is in the table. */
    private long epochOf(PartitionAssignment row) {
        return table.partition(row.partitionId()).orElseThrow().withAssignment(row).version();
    }

    private boolean isChanged(PartitionAssignment row) {
        return !table.partition(row.partitionId()).orElseThrow().assignment().equals(row);
    }

    private List<PartitionAssignment> changedRows() {
        return rows.values().stream().filter(this::isChanged).toList();
    }

    /** As many as the nodes may take part in; partitions with the fewest copies come first. */
    private List<ReplicaFill> fills(List<Missing> missing) {
        missing.sort(Comparator.comparingLong(each -> copies(each.row()).count()));
        List<ReplicaFill> fills = new ArrayList<>();
        for (Missing each : missing) {
            Optional<NodeId> source = sources(each.row()).filter(this::isFree).findFirst();
            if (source.isPresent() && isFree(each.node())) {
                ReplicaFill fill = fill(source.get(), each);
                count(fill);
                fills.add(fill);
            }
        }
        return fills;
    }

    /** Copies outside the row are there to be deleted, so they serve only in need. */
    private Stream<NodeId> sources(PartitionAssignment row) {
        List<NodeId> inRow = replicas(row).filter(node -> has(row, node)).toList();
        return inRow.isEmpty() ? copies(row) : inRow.stream();
    }

    private boolean isFree(NodeId node) {
        return load.getOrDefault(node, 0) < planner.maxParallelMigrations();
    }

    private ReplicaFill fill(NodeId source, Missing missing) {
        return new ReplicaFill(
                source,
                missing.node(),
                near(missing.row(), missing.target(), missing.node()),
                epochOf(missing.row()));
    }
}
