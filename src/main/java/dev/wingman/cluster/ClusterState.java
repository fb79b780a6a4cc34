package dev.wingman.cluster;

import dev.wingman.cluster.partition.ActiveMigration;
import dev.wingman.cluster.partition.Assignments;
import dev.wingman.cluster.partition.ClusterPartitionTable;
import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.MembersView;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.Partitions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a node knows of its cluster. View and table are only ever replaced by newer ones, so that an
 * answer which comes late does not undo what was broadcast meanwhile.
 *
 * <p>Thread-safe. Whoever makes a change gets told what it changed, and nobody else.
 */
public final class ClusterState {
    /**
     * All of it at one moment.
     *
     * @param migrations that run, by partition
     */
    public record Snapshot(
            MembersView view,
            ClusterPartitionTable table,
            Map<Integer, ActiveMigration> migrations) {
        public Snapshot {
            migrations = Map.copyOf(migrations);
        }

        private Snapshot withView(MembersView next) {
            return next.version() > view.version() ? new Snapshot(next, table, migrations) : this;
        }

        private Snapshot withTable(ClusterPartitionTable next) {
            return next.version() > table.version() ? new Snapshot(view, next, migrations) : this;
        }

        private Snapshot withMigration(int partition, @Nullable ActiveMigration migration) {
            Map<Integer, ActiveMigration> next = new HashMap<>(migrations);
            if (migration == null) {
                next.remove(partition);
            } else {
                next.put(partition, migration);
            }
            return new Snapshot(view, table, next);
        }
    }

    private final NodeId self;
    private final AtomicReference<Snapshot> present =
            new AtomicReference<>(
                    new Snapshot(MembersView.EMPTY, ClusterPartitionTable.EMPTY, Map.of()));

    public ClusterState(NodeId self) {
        this.self = self;
    }

    /** Of a node that is a cluster of its own: one active member that owns every partition. */
    public static ClusterState alone(MemberInfo member) {
        var state = new ClusterState(member.nodeId());
        var view = new MembersView(1, List.of(member));
        var table =
                ClusterPartitionTable.EMPTY.withAssignments(
                        Assignments.computeAssignment(view.members(), Partitions.COUNT, 0));
        state.present.set(new Snapshot(view, table, Map.of()));
        return state;
    }

    public NodeId self() {
        return self;
    }

    public Snapshot snapshot() {
        return present.get();
    }

    public MembersView currentView() {
        return snapshot().view();
    }

    public boolean isMaster() {
        return currentView().isMaster(self);
    }

    public ClusterHealth health() {
        return ClusterHealth.of(snapshot(), self);
    }

    /** Returns what changed: nothing when the present view is as new. */
    public List<ClusterChange> updateView(MembersView view) {
        Snapshot before = present.getAndUpdate(snapshot -> snapshot.withView(view));
        return view.version() > before.view().version()
                ? ClusterChange.between(before.view(), view)
                : List.of();
    }

    /** Returns what changed: nothing when the present table is as new. */
    public List<ClusterChange> updateTable(ClusterPartitionTable table) {
        Snapshot before = present.getAndUpdate(snapshot -> snapshot.withTable(table));
        return table.version() > before.table().version()
                ? ClusterChange.between(before.table(), table)
                : List.of();
    }

    /** Replaces the one of the same partition. */
    public void beginMigration(ActiveMigration migration) {
        present.updateAndGet(
                snapshot -> snapshot.withMigration(migration.partitionId(), migration));
    }

    public Optional<ActiveMigration> endMigration(int partition) {
        Snapshot before = present.getAndUpdate(snapshot -> snapshot.withMigration(partition, null));
        return Optional.ofNullable(before.migrations().get(partition));
    }
}
