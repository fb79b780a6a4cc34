package dev.wingman.protocol;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The members of the cluster at one version. Of one cluster, the same version is the same view on
 * every node.
 */
public record MembersView(long version, List<MemberInfo> members) {
    /** What a node knows before it has joined. */
    public static final MembersView EMPTY = new MembersView(0, List.of());

    private static final Comparator<MemberInfo> BY_AGE =
            Comparator.comparingLong(MemberInfo::joinVersion)
                    .thenComparing(member -> member.nodeId().value());

    public MembersView {
        members = List.copyOf(members);
    }

    /** The oldest active member; of two that joined at once, the one with the smaller id. */
    public Optional<MemberInfo> master() {
        return members.stream().filter(MemberInfo::isActive).min(BY_AGE);
    }

    public boolean isMaster(NodeId node) {
        return master().filter(master -> master.nodeId().equals(node)).isPresent();
    }

    public List<MemberInfo> activeMembers() {
        return members.stream().filter(MemberInfo::isActive).toList();
    }

    /** Whatever its state. */
    public Optional<MemberInfo> member(NodeId node) {
        return members.stream().filter(member -> member.nodeId().equals(node)).findFirst();
    }
}
