package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MembersViewTest {
    private static MemberInfo member(String id, NodeState state, long joinVersion) {
        return new MemberInfo(new NodeId(id), "h", 8080, 9090, state, joinVersion);
    }

    private static NodeId master(MemberInfo... members) {
        return new MembersView(1, List.of(members)).master().orElseThrow().nodeId();
    }

    @Test
    void theOldestActiveMemberIsMaster() {
        NodeId master =
                master(
                        member("a", NodeState.ACTIVE, 3),
                        member("c", NodeState.ACTIVE, 2),
                        member("b", NodeState.SUSPECT, 1));

        assertThat(master).isEqualTo(new NodeId("c"));
    }

    @Test
    void ofTwoThatJoinedAtOnceTheSmallerIdIsMaster() {
        assertThat(master(member("n2", NodeState.ACTIVE, 1), member("n10", NodeState.ACTIVE, 1)))
                .isEqualTo(new NodeId("n10"));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void everybodyNamesTheSameMaster(long seed) {
        var random = new SplittableRandom(seed);
        List<MemberInfo> members = new ArrayList<>();
        for (int i = random.nextInt(8); i > 0; i--) {
            NodeState state = NodeState.ALL.get(random.nextInt(NodeState.ALL.size()));
            members.add(member("n" + i, state, random.nextInt(3)));
        }
        var view = new MembersView(1, members);
        Collections.shuffle(members, new Random(seed));

        assertThat(new MembersView(1, members).master()).isEqualTo(view.master());
        assertThat(members.stream().filter(member -> view.isMaster(member.nodeId())))
                .hasSize(view.activeMembers().isEmpty() ? 0 : 1)
                .allSatisfy(master ->
                        assertThat(view.activeMembers())
                                .contains(master)
                                .allSatisfy(other ->
                                        assertThat(other.joinVersion())
                                                .isGreaterThanOrEqualTo(master.joinVersion())));
    }

    @Test
    void withoutAnActiveMemberNobodyIsMaster() {
        var view = new MembersView(1, List.of(member("a", NodeState.LEAVING, 1)));

        assertThat(view.master()).isEmpty();
        assertThat(view.isMaster(new NodeId("a"))).isFalse();
        assertThat(MembersView.EMPTY.master()).isEmpty();
    }

    @Test
    void membersAreFoundInAnyStateAndCountedWhenActive() {
        MemberInfo dead = member("a", NodeState.DEAD, 1);
        MemberInfo active = member("b", NodeState.ACTIVE, 2);
        var view = new MembersView(4, List.of(dead, active));

        assertThat(view.member(new NodeId("a"))).contains(dead);
        assertThat(view.member(new NodeId("z"))).isEmpty();
        assertThat(view.activeMembers()).containsExactly(active);
        assertThat(view.isMaster(new NodeId("b"))).isTrue();
        assertThat(view.isMaster(new NodeId("a"))).isFalse();
    }

    @Test
    void aViewHasEachMemberOnce() {
        List<MemberInfo> twice =
                List.of(member("a", NodeState.ACTIVE, 1), member("a", NodeState.DEAD, 2));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MembersView(1, twice))
                .withMessageContaining("a twice");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "node-1.cluster.local", "0"})
    void aNodeIdIsThatOfAHost(String id) {
        assertThat(new NodeId(id)).hasToString(id);
        assertThat(new NodeId(id.repeat(64).substring(0, 64)).value()).hasSize(64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A", "a_b", "a b", "a/b", "a:1", "\u00e4", "a\n"})
    void anythingElseIsNoNodeId(String id) {
        assertThatIllegalArgumentException().isThrownBy(() -> new NodeId(id));
        assertThatIllegalArgumentException().isThrownBy(() -> new NodeId("a".repeat(65)));
    }

    @ParameterizedTest
    @CsvSource({"-1, 1", "65536, 1", "1, -1", "1, 65536"})
    void aMemberHasPorts(int clientPort, int clusterPort) {
        assertThatIllegalArgumentException().isThrownBy(() -> withPorts(clientPort, clusterPort));
        assertThat(withPorts(0, 65_535).isActive()).isTrue();
        assertThat(withPorts(65_535, 0).isActive()).isTrue();
    }

    private static MemberInfo withPorts(int clientPort, int clusterPort) {
        return new MemberInfo(new NodeId("a"), "h", clientPort, clusterPort, NodeState.ACTIVE, 1);
    }

    @Test
    void aMemberInAnotherStateIsOtherwiseTheSame() {
        assertThat(member("a", NodeState.ACTIVE, 3).withState(NodeState.DEAD))
                .isEqualTo(member("a", NodeState.DEAD, 3));
    }

    @Test
    void anAssignmentNamesEachNodeOnce() {
        var a = new NodeId("a");
        var b = new NodeId("b");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PartitionAssignment(1, a, List.of(a)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PartitionAssignment(1, a, List.of(b, b)));
    }
}
