package dev.wingman.cluster.membership;

import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.MembersView;
import java.util.UUID;

/** Which of two clusters that were formed apart under one cluster id gives itself up. */
public sealed interface SplitBrainMergeDecision {
    /** This one does, and its members join the other. */
    record LocalShouldMerge(String remoteMasterAddress) implements SplitBrainMergeDecision {}

    record RemoteShouldMerge() implements SplitBrainMergeDecision {}

    /** They have nothing to do with each other, or are one. */
    record CannotMerge() implements SplitBrainMergeDecision {}

    /**
     * The cluster with more active members stays; of equals the one whose master is older, then the
     * one whose master has the smaller id, then the one with the smaller incarnation. Both sides
     * come to the same end when each knows the other as it is.
     */
    static SplitBrainMergeDecision decideMerge(
            String clusterId, UUID incarnation, MembersView view, RemoteClusterInfo remote) {
        if (!clusterId.equals(remote.clusterId()) || incarnation.equals(remote.incarnation())) {
            return new CannotMerge();
        }
        int order = Long.compare(view.activeMembers().size(), remote.memberCount());
        if (order == 0) {
            order = view.master().map(local -> byMaster(local, incarnation, remote)).orElse(-1);
        }
        return order > 0 ? new RemoteShouldMerge() : new LocalShouldMerge(remote.masterAddress());
    }

    /** More than 0 when the local cluster stays. */
    private static int byMaster(MemberInfo local, UUID incarnation, RemoteClusterInfo remote) {
        int byAge = Long.compare(remote.masterJoinVersion(), local.joinVersion());
        if (byAge != 0) {
            return byAge;
        }
        int byId = remote.masterId().value().compareTo(local.nodeId().value());
        return byId != 0 ? byId : remote.incarnation().compareTo(incarnation);
    }
}
