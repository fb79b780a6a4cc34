package dev.wingman.cluster.membership;

import static dev.wingman.cluster.membership.SplitBrainMergeDecision.decideMerge;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.cluster.membership.SplitBrainMergeDecision.CannotMerge;
import dev.wingman.cluster.membership.SplitBrainMergeDecision.LocalShouldMerge;
import dev.wingman.cluster.membership.SplitBrainMergeDecision.RemoteShouldMerge;
import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.MembersView;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.NodeState;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SplitBrainMergeDecisionTest {
    private static final UUID SMALLER = new UUID(0, 1);
    private static final UUID LARGER = new UUID(0, 2);
    private static final String ADDRESS = "10.0.0.9:9090";

    /** The local master is n1. */
    @ParameterizedTest
    @CsvSource({
        "3, 1, 2, n2, 1, remote",
        "2, 1, 3, n2, 1, local",
        "2, 1, 2, n2, 4, remote",
        "2, 5, 2, n2, 4, local",
        "2, 1, 2, n2, 1, remote",
        "2, 1, 2, n0, 1, local"
    })
    void theLargerThenTheOlderThenTheSmallerIdStays(
            int members,
            long joinVersion,
            int others,
            String master,
            long masterVersion,
            String who) {
        SplitBrainMergeDecision decision =
                decideMerge(
                        "c",
                        LARGER,
                        view(members, joinVersion),
                        remote("c", master, others, masterVersion, SMALLER));

        assertThat(decision)
                .isEqualTo(
                        who.equals("local")
                                ? new LocalShouldMerge(ADDRESS)
                                : new RemoteShouldMerge());
    }

    @Test
    void ofTwoMastersWithOneNameTheSmallerIncarnationStays() {
        RemoteClusterInfo twin = remote("c", "n1", 2, 1, SMALLER);

        assertThat(decideMerge("c", LARGER, view(2, 1), twin))
                .isEqualTo(new LocalShouldMerge(ADDRESS));
        assertThat(decideMerge("c", SMALLER, view(2, 1), remote("c", "n1", 2, 1, LARGER)))
                .isEqualTo(new RemoteShouldMerge());
    }

    @Test
    void clustersWithOtherIdsHaveNothingToDoWithEachOther() {
        assertThat(decideMerge("c", LARGER, view(2, 1), remote("d", "n2", 3, 1, SMALLER)))
                .isEqualTo(new CannotMerge());
    }

    @Test
    void aClusterDoesNotMergeWithItself() {
        assertThat(decideMerge("c", SMALLER, view(2, 1), remote("c", "n2", 3, 1, SMALLER)))
                .isEqualTo(new CannotMerge());
    }

    @Test
    void whoHasNoMasterGivesWay() {
        assertThat(decideMerge("c", SMALLER, view(0, 1), remote("c", "n2", 0, 1, LARGER)))
                .isEqualTo(new LocalShouldMerge(ADDRESS));
    }

    @Test
    void onlyActiveMembersCount() {
        List<MemberInfo> members = new ArrayList<>(view(1, 1).members());
        members.add(member("x", NodeState.SUSPECT, 2));
        members.add(member("y", NodeState.DEAD, 3));

        assertThat(
                        decideMerge(
                                "c",
                                SMALLER,
                                new MembersView(1, members),
                                remote("c", "n2", 2, 9, LARGER)))
                .isEqualTo(new LocalShouldMerge(ADDRESS));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void exactlyOneSideMerges(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 200; i++) {
            MembersView one = randomView(random);
            MembersView other = randomView(random);
            RemoteClusterInfo ofOne = seen(one, SMALLER);
            RemoteClusterInfo ofOther = seen(other, LARGER);

            SplitBrainMergeDecision here = decideMerge("c", SMALLER, one, ofOther);
            SplitBrainMergeDecision there = decideMerge("c", LARGER, other, ofOne);

            assertThat(here instanceof LocalShouldMerge)
                    .as("%s against %s", one, other)
                    .isEqualTo(there instanceof RemoteShouldMerge)
                    .isNotEqualTo(there instanceof LocalShouldMerge);
        }
    }

    /** Tiny ranges on purpose: ties are where both sides could give way. At least one is active. */
    private static MembersView randomView(SplittableRandom random) {
        List<MemberInfo> members = new ArrayList<>();
        members.add(member("n" + random.nextInt(3), NodeState.ACTIVE, random.nextInt(3)));
        for (int i = random.nextInt(4); i > 0; i--) {
            NodeState state = NodeState.ALL.get(random.nextInt(NodeState.ALL.size()));
            members.add(member("m" + i, state, random.nextInt(3)));
        }
        return new MembersView(random.nextInt(3), members);
    }

    private static RemoteClusterInfo seen(MembersView view, UUID incarnation) {
        MemberInfo master = view.master().orElseThrow();
        return new RemoteClusterInfo(
                "c",
                master.nodeId(),
                ADDRESS,
                view.activeMembers().size(),
                view.version(),
                master.joinVersion(),
                incarnation);
    }

    /** The first is n1, the others joined later. */
    private static MembersView view(int active, long joinVersion) {
        List<MemberInfo> members = new ArrayList<>();
        for (int i = 1; i <= active; i++) {
            members.add(member("n" + i, NodeState.ACTIVE, joinVersion + i - 1));
        }
        return new MembersView(9, members);
    }

    private static MemberInfo member(String id, NodeState state, long joinVersion) {
        return new MemberInfo(new NodeId(id), "h", 8080, 9090, state, joinVersion);
    }

    private static RemoteClusterInfo remote(
            String clusterId, String master, int members, long joinVersion, UUID incarnation) {
        return new RemoteClusterInfo(
                clusterId, new NodeId(master), ADDRESS, members, 8, joinVersion, incarnation);
    }
}
