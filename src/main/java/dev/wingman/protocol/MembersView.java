package dev.wingman.protocol;

import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The members of the cluster at one version. Of one cluster, the same version is the same view on
 * every node.
 *
 * @param members each once; those that are dead or removed stay for a while
 */
public record MembersView(long version, List<MemberInfo> members) {
    /** What a node knows before it has joined. */
    public static final MembersView EMPTY = new MembersView(0, List.of());

    private static final Comparator<MemberInfo> BY_AGE =
            Comparator.comparingLong(MemberInfo::joinVersion)
                    .thenComparing(member -> member.nodeId().value());

    public MembersView {
        members = List.copyOf(members);
        Set<NodeId> ids = new HashSet<>();
        for (MemberInfo member : members) {
            if (!ids.add(member.nodeId())) {
                throw new IllegalArgumentException(
                        "a view has the member " + member.nodeId() + " twice");
            }
        }
    }

    /**
     * The oldest active member; of two that joined at once, the one with the smaller id. It is the
     * one that ought to lead the cluster, whoever does at the moment.
     */
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
