package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Carries plans out: what the master and the nodes would do, without the waiting. */
final class PlannedCluster {
    private final MinimalMovePlanner planner;
    private final List<Set<NodeId>> copies;
    private ClusterPartitionTable table;

    /** Owners that changed because the one before was gone, or for the sake of balance. */
    int promotions;

    int moves;
    int copied;
    int steps;

    PlannedCluster(ClusterPartitionTable table, MinimalMovePlanner planner) {
        this.table = table;
        this.planner = planner;
        copies = new ArrayList<>();
        for (int partition = 0; partition < table.partitionCount(); partition++) {
            copies.add(
                    table.partition(partition)
                            .map(row -> Tables.replicas(row.assignment()))
                            .orElseGet(HashSet::new));
        }
    }

    ClusterPartitionTable table() {
        return table;
    }

    /** Until nothing is left to do. */
    void settle(List<NodeId> members) {
        Holders holders = holders(members);
        var failover = planner.failover(table, holders);
        promotions += failover.size();
        table = table.withAssignments(failover);
        for (RebalancePlan plan = next(members); !plan.isEmpty(); plan = next(members)) {
            ClusterPartitionTable before = table;
            table = table.withAssignments(plan.rows());
            for (ReplicaFill fill : plan.fills()) {
                copies.get(fill.partitionId()).add(fill.destination());
                table = table.withAssignments(List.of(fill.row()));
            }
            moves += Assignments.planRebalance(before, table.assignments()).size();
            copied += plan.fills().size();
            steps++;
        }
    }

    private RebalancePlan next(List<NodeId> members) {
        return planner.next(table, members, holders(members), List.of());
    }

    private Holders holders(List<NodeId> members) {
        Set<NodeId> live = Set.copyOf(members);
        List<Set<NodeId>> reachable = new ArrayList<>();
        for (Set<NodeId> holders : copies) {
            Set<NodeId> here = new HashSet<>(holders);
            here.retainAll(live);
            reachable.add(here);
        }
        return new Holders(live, reachable);
    }
}
