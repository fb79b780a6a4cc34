package dev.wingman.cluster.partition;

import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.NodeState;
import dev.wingman.protocol.PartitionAssignment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Partition tables in few words. */
final class Tables {
    private Tables() {}

    static NodeId node(String name) {
        return new NodeId(name);
    }

    static List<NodeId> nodes(String names) {
        return names.isEmpty()
                ? List.of()
                : Arrays.stream(names.split(",")).map(NodeId::new).toList();
    }

    static List<MemberInfo> members(String names) {
        return nodes(names).stream().map(id -> member(id, NodeState.ACTIVE)).toList();
    }

    static MemberInfo member(NodeId id, NodeState state) {
        return new MemberInfo(id, id.value(), 8080, 9090, state, 1);
    }

    /** {@code a[b,c]}. */
    static PartitionAssignment row(int partition, String text) {
        int bracket = text.indexOf('[');
        return new PartitionAssignment(
                partition,
                node(text.substring(0, bracket)),
                nodes(text.substring(bracket + 1, text.length() - 1)));
    }

    static String text(PartitionAssignment row) {
        List<String> backups = row.backups().stream().map(NodeId::value).toList();
        return row.owner() + "[" + String.join(",", backups) + "]";
    }

    static ClusterPartitionTable table(String... rows) {
        ClusterPartitionTable table = ClusterPartitionTable.empty(rows.length);
        for (int i = 0; i < rows.length; i++) {
            table = table.withAssignments(List.of(row(i, rows[i])));
        }
        return table;
    }

    static ClusterPartitionTable formed(String names, int partitions, int backups) {
        return ClusterPartitionTable.empty(partitions)
                .withAssignments(
                        Assignments.computeAssignment(members(names), partitions, backups));
    }

    static Map<NodeId, Integer> owned(ClusterPartitionTable table) {
        Map<NodeId, Integer> counts = new HashMap<>();
        table.partitions().forEach(row -> counts.merge(row.owner(), 1, Integer::sum));
        return counts;
    }

    static Map<NodeId, Integer> backedUp(ClusterPartitionTable table) {
        Map<NodeId, Integer> counts = new HashMap<>();
        table.partitions()
                .flatMap(row -> row.backups().stream())
                .forEach(node -> counts.merge(node, 1, Integer::sum));
        return counts;
    }

    /** The difference between the largest and the smallest count, nodes without any included. */
    static int unevenness(Map<NodeId, Integer> counts, List<NodeId> nodes) {
        int least = Integer.MAX_VALUE;
        int most = 0;
        for (NodeId node : nodes) {
            least = Math.min(least, counts.getOrDefault(node, 0));
            most = Math.max(most, counts.getOrDefault(node, 0));
        }
        return most - least;
    }

    static Set<NodeId> replicas(PartitionAssignment row) {
        Set<NodeId> replicas = new HashSet<>(row.backups());
        replicas.add(row.owner());
        return replicas;
    }
}
