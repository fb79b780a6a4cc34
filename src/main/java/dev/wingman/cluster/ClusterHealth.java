package dev.wingman.cluster;

import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.NodeState;
import org.jspecify.annotations.Nullable;

/**
 * The cluster in figures.
 *
 * @param nodeCount members in any state
 * @param masterNodeId null while there is none
 */
public record ClusterHealth(
        int nodeCount,
        int activeNodes,
        int suspectNodes,
        long partitionTableVersion,
        int activeMigrations,
        boolean isMaster,
        @Nullable NodeId masterNodeId) {
    /** Of a node that has not joined. */
    public static final ClusterHealth NONE = new ClusterHealth(0, 0, 0, 0, 0, false, null);

    static ClusterHealth of(ClusterState.Snapshot snapshot, NodeId self) {
        var members = snapshot.view().members();
        return new ClusterHealth(
                members.size(),
                snapshot.view().activeMembers().size(),
                (int) members.stream().filter(ClusterHealth::isSuspect).count(),
                snapshot.table().version(),
                snapshot.migrations().size(),
                snapshot.view().isMaster(self),
                snapshot.view().master().map(MemberInfo::nodeId).orElse(null));
    }

    private static boolean isSuspect(MemberInfo member) {
        return member.state() instanceof NodeState.Suspect;
    }
}
