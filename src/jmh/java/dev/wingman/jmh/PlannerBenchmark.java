package dev.wingman.jmh;

import dev.wingman.cluster.partition.Assignments;
import dev.wingman.cluster.partition.ClusterPartitionTable;
import dev.wingman.cluster.partition.Holders;
import dev.wingman.cluster.partition.MinimalMovePlanner;
import dev.wingman.cluster.partition.RebalancePlan;
import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.NodeState;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One plan for 271 partitions with one backup. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class PlannerBenchmark {
    @Param({"3", "10", "100"})
    public int nodes;

    private final MinimalMovePlanner planner = new MinimalMovePlanner(1, 2);
    private List<MemberInfo> members = List.of();
    private List<NodeId> ids = List.of();
    private ClusterPartitionTable table = ClusterPartitionTable.EMPTY;

    @Setup
    public void form() {
        members = new ArrayList<>();
        for (int i = 0; i < nodes; i++) {
            var id = new NodeId("node-" + i);
            members.add(new MemberInfo(id, "10.0.0.1", 8080, 9090, NodeState.ACTIVE, i));
        }
        ids = members.stream().map(MemberInfo::nodeId).toList();
        table = ClusterPartitionTable.EMPTY.withAssignments(assignment());
    }

    @Benchmark
    public List<PartitionAssignment> assignment() {
        return Assignments.computeAssignment(members, 271, 1);
    }

    @Benchmark
    public RebalancePlan nothingToDo() {
        return plan(ids);
    }

    @Benchmark
    public RebalancePlan join() {
        List<NodeId> more = new ArrayList<>(ids);
        more.add(new NodeId("node-x"));
        return plan(more);
    }

    @Benchmark
    public RebalancePlan death() {
        return plan(ids.subList(1, ids.size()));
    }

    private RebalancePlan plan(List<NodeId> live) {
        return planner.next(table, live, Holders.of(table, Set.copyOf(live)), List.of());
    }
}
