package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which nodes run, and which of them have a complete copy of which partition.
 *
 * @param live nodes whose process runs and is not leaving
 * @param copies of each partition, by id: nodes that run, a leaving one included, and are in sync.
 *     The owner is, unless its disk is empty
 */
public record Holders(Set<NodeId> live, List<Set<NodeId>> copies) {
    public Holders {
        live = Set.copyOf(live);
        copies = copies.stream().map(Set::copyOf).toList();
    }

    /** When every replica in the table that is live is in sync. */
    public static Holders of(ClusterPartitionTable table, Set<NodeId> live) {
        List<Set<NodeId>> copies = new ArrayList<>();
        for (int partition = 0; partition < table.partitionCount(); partition++) {
            Set<NodeId> holders = new LinkedHashSet<>();
            table.partition(partition)
                    .ifPresent(row -> {
                        holders.add(row.owner());
                        holders.addAll(row.backups());
                    });
            holders.retainAll(live);
            copies.add(holders);
        }
        return new Holders(live, copies);
    }

    boolean isLive(NodeId node) {
        return live.contains(node);
    }

    boolean isInSync(int partition, NodeId node) {
        return copies.get(partition).contains(node);
    }
}
