package dev.wingman.cluster.membership;

import dev.wingman.protocol.NodeId;
import java.util.UUID;

/**
 * What a probe learned of another cluster with a master.
 *
 * @param masterAddress the one that was dialled, {@code host:clusterPort}: the answer has none
 * @param memberCount active members
 * @param incarnation of its Raft group; no two are equal
 */
public record RemoteClusterInfo(
        String clusterId,
        NodeId masterId,
        String masterAddress,
        long memberCount,
        long viewVersion,
        long masterJoinVersion,
        UUID incarnation) {}
