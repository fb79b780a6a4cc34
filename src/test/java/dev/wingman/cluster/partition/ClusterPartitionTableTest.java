package dev.wingman.cluster.partition;

import static dev.wingman.cluster.partition.Tables.node;
import static dev.wingman.cluster.partition.Tables.nodes;
import static dev.wingman.cluster.partition.Tables.row;
import static dev.wingman.cluster.partition.Tables.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.MembersView;
import dev.wingman.protocol.NodeState;
import dev.wingman.protocol.NodeStatus;
import dev.wingman.protocol.PartitionAssignment;
import dev.wingman.protocol.ServerMessage.NodeInfo;
import dev.wingman.protocol.ServerMessage.PartitionInfo;
import dev.wingman.protocol.ServerMessage.PartitionMap;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ClusterPartitionTableTest {
    @Test
    void aNewTableHas271PartitionsThatNobodyHolds() {
        ClusterPartitionTable table = ClusterPartitionTable.EMPTY;

        assertThat(table.version()).isZero();
        assertThat(table.partitionCount()).isEqualTo(271);
        assertThat(table.partitions()).isEmpty();
        assertThat(table.partition(270)).isEmpty();
    }

    @Test
    void aPartitionThatIsAssignedForTheFirstTimeIsActiveAtVersionZero() {
        ClusterPartitionTable table =
                ClusterPartitionTable.EMPTY.withAssignments(List.of(row(7, "a[b]")));

        assertThat(table.partition(7))
                .contains(new PartitionMeta(row(7, "a[b]"), PartitionState.ACTIVE, 0));
        assertThat(table.version()).isEqualTo(1);
        assertThat(ClusterPartitionTable.EMPTY.partition(7)).isEmpty();
    }

    @Test
    void anotherOwnerOrOtherBackupsAreANewVersionOfThePartitionAndLeaveItsState() {
        ClusterPartitionTable before =
                table("a[b]", "a[b]", "a[b]").withState(0, PartitionState.MIGRATING);
        ClusterPartitionTable after =
                before.withAssignments(List.of(row(0, "b[a]"), row(1, "a[c]"), row(2, "a[b]")));

        assertThat(after.partition(0))
                .contains(new PartitionMeta(row(0, "b[a]"), PartitionState.MIGRATING, 1));
        assertThat(after.partition(1).map(PartitionMeta::version)).contains(1L);
        assertThat(after.partition(2)).isEqualTo(before.partition(2));
        assertThat(after.version()).isEqualTo(before.version() + 1);
    }

    @Test
    void aStateIsNoNewVersionAndNothingOnAPartitionThatNobodyHolds() {
        ClusterPartitionTable table = table("a[]").withState(0, PartitionState.LOST);

        assertThat(table.version()).isEqualTo(table("a[]").version());
        assertThat(table.partition(0).map(PartitionMeta::state)).contains(PartitionState.LOST);
        assertThat(ClusterPartitionTable.EMPTY.withState(0, PartitionState.LOST))
                .isEqualTo(ClusterPartitionTable.EMPTY);
    }

    @Test
    void aNodesPartitionsAreThoseItOwnsInOrder() {
        ClusterPartitionTable table = table("a[b]", "b[a]", "a[]");

        assertThat(table.partitionsForNode(node("a"))).containsExactly(0, 2);
        assertThat(table.partitionsForNode(node("c"))).isEmpty();
    }

    @Test
    void clientsAreToldAllMembersAndPartitions() {
        var b = new MemberInfo(node("b"), "10.0.0.2", 8081, 9090, NodeState.SUSPECT, 2);
        var a = new MemberInfo(node("a"), "10.0.0.1", 8080, 9090, NodeState.ACTIVE, 1);
        ClusterPartitionTable table = table("a[b]", "b[a]").withVersion(7);

        assertThat(table.toPartitionMap(new MembersView(3, List.of(b, a)), 99))
                .isEqualTo(
                        new PartitionMap(
                                7,
                                2,
                                List.of(
                                        new NodeInfo(
                                                node("b"),
                                                "ws://10.0.0.2:8081",
                                                null,
                                                NodeStatus.SUSPECTED),
                                        new NodeInfo(
                                                node("a"),
                                                "ws://10.0.0.1:8080",
                                                null,
                                                NodeStatus.ACTIVE)),
                                List.of(
                                        new PartitionInfo(0, node("a"), nodes("b")),
                                        new PartitionInfo(1, node("b"), nodes("a"))),
                                99));
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void aPartitionIsAmongThoseOfOneNodeAndClientsAreToldTheSame(long seed) {
        var random = new SplittableRandom(seed);
        List<PartitionAssignment> rows = new ArrayList<>();
        for (int partition = random.nextInt(10);
                partition < 271;
                partition += 1 + random.nextInt(3)) {
            rows.add(row(partition, List.of("a[b]", "b[a,c]", "c[]").get(random.nextInt(3))));
        }
        ClusterPartitionTable table = ClusterPartitionTable.EMPTY.withAssignments(rows.reversed());

        assertThat(nodes("a,b,c").stream().map(table::partitionsForNode).flatMap(List::stream))
                .containsExactlyInAnyOrderElementsOf(
                        rows.stream().map(PartitionAssignment::partitionId).toList());
        assertThat(table.assignments()).isEqualTo(rows);
        assertThat(table.toPartitionMap(MembersView.EMPTY, 0).partitions())
                .isEqualTo(
                        rows.stream()
                                .map(row ->
                                        new PartitionInfo(
                                                row.partitionId(), row.owner(), row.backups()))
                                .toList());
    }

    @Test
    void theirVersionHas32Bits() {
        long version = (5L << 32) + 0xffff_fffeL;

        assertThat(table("a[]").withVersion(version).toPartitionMap(MembersView.EMPTY, 0).version())
                .isEqualTo(0xffff_fffeL);
    }

    @Test
    void tablesAreEqualByTheirVersionAndRows() {
        assertThat(table("a[b]")).isEqualTo(table("a[b]")).hasSameHashCodeAs(table("a[b]"));
        assertThat(table("a[b]"))
                .isNotEqualTo(table("a[]"))
                .isNotEqualTo(table("a[b]").withVersion(9));
        assertThat(table("a[b]"))
                .hasToString("ClusterPartitionTable[version 1, 1 of 1 partitions]");
    }
}
