package dev.wingman.cluster;

import dev.wingman.cluster.partition.ClusterPartitionTable;
import dev.wingman.cluster.partition.PartitionMeta;
import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.MembersView;
import dev.wingman.protocol.NodeId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What became different in a node's picture of its cluster. */
public sealed interface ClusterChange {
    record MemberAdded(MemberInfo member) implements ClusterChange {}

    /**
     * @param member as it is now
     */
    record MemberUpdated(MemberInfo member) implements ClusterChange {}

    /**
     * @param member as it was
     */
    record MemberRemoved(MemberInfo member) implements ClusterChange {}

    record PartitionMoved(int partitionId, NodeId oldOwner, NodeId newOwner)
            implements ClusterChange {}

    record PartitionTableUpdated(long version) implements ClusterChange {}

    /** Those who left, in the old order, then those who came or changed, in the new. */
    static List<ClusterChange> between(MembersView before, MembersView after) {
        List<ClusterChange> changes = new ArrayList<>();
        for (MemberInfo old : before.members()) {
            if (after.member(old.nodeId()).isEmpty()) {
                changes.add(new MemberRemoved(old));
            }
        }
        for (MemberInfo member : after.members()) {
            Optional<MemberInfo> old = before.member(member.nodeId());
            if (old.isEmpty()) {
                changes.add(new MemberAdded(member));
            } else if (!old.get().equals(member)) {
                changes.add(new MemberUpdated(member));
            }
        }
        return changes;
    }

    /**
     * The partitions with another owner, by id, then the new version; nothing when it is the same.
     */
    static List<ClusterChange> between(ClusterPartitionTable before, ClusterPartitionTable after) {
        List<ClusterChange> changes = new ArrayList<>();
        if (before.version() == after.version()) {
            return changes;
        }
        for (PartitionMeta row : after.partitions().toList()) {
            before.partition(row.partitionId())
                    .map(PartitionMeta::owner)
                    .filter(owner -> !owner.equals(row.owner()))
                    .map(owner -> new PartitionMoved(row.partitionId(), owner, row.owner()))
                    .ifPresent(changes::add);
        }
        changes.add(new PartitionTableUpdated(after.version()));
        return changes;
    }
}
