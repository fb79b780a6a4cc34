package dev.wingman.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.cluster.ClusterChange.MemberAdded;
import dev.wingman.cluster.ClusterChange.MemberRemoved;
import dev.wingman.cluster.ClusterChange.MemberUpdated;
import dev.wingman.cluster.ClusterChange.PartitionMoved;
import dev.wingman.cluster.ClusterChange.PartitionTableUpdated;
import dev.wingman.cluster.partition.ClusterPartitionTable;
import dev.wingman.cluster.partition.PartitionMeta;
import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.MembersView;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.NodeState;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whoever keeps a picture of the cluster by what changes in it has the right one. */
class ClusterChangeTest {
    private static final int PARTITIONS = 12;

    private final Map<NodeId, MemberInfo> members = new HashMap<>();
    private final Map<Integer, NodeId> owners = new HashMap<>();
    private long tableVersion;

    private void apply(ClusterChange change) {
        switch (change) {
            case MemberAdded(MemberInfo member) ->
                    assertThat(members.put(member.nodeId(), member)).isNull();
            case MemberUpdated(MemberInfo member) ->
                    assertThat(members.put(member.nodeId(), member))
                            .isNotNull()
                            .isNotEqualTo(member);
            case MemberRemoved(MemberInfo member) ->
                    assertThat(members.remove(member.nodeId())).isEqualTo(member);
            case PartitionMoved(int partition, NodeId oldOwner, NodeId newOwner) -> {
                assertThat(newOwner).isNotEqualTo(oldOwner);
                assertThat(owners.put(partition, newOwner)).isEqualTo(oldOwner);
            }
            case PartitionTableUpdated(long version) -> tableVersion = version;
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void theChangesOfTwoViewsLeadFromOneToTheOther(long seed) {
        var random = new SplittableRandom(seed);
        MembersView before = randomView(1, random);
        MembersView after = randomView(2, random);
        before.members().forEach(member -> members.put(member.nodeId(), member));

        ClusterChange.between(before, after).forEach(this::apply);

        assertThat(members.values()).containsExactlyInAnyOrderElementsOf(after.members());
        assertThat(ClusterChange.between(after, after)).isEmpty();
    }

    private static MembersView randomView(long version, SplittableRandom random) {
        List<MemberInfo> members = new ArrayList<>();
        for (String name : List.of("a", "b", "c", "d", "e")) {
            if (random.nextBoolean()) {
                NodeState state = NodeState.ALL.get(random.nextInt(2));
                members.add(new MemberInfo(new NodeId(name), "h", 1, 2, state, random.nextInt(2)));
            }
        }
        return new MembersView(version, members);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void theChangesOfTwoTablesLeadFromOneToTheOther(long seed) {
        var random = new SplittableRandom(seed);
        ClusterPartitionTable before = randomTable(ClusterPartitionTable.EMPTY, random);
        ClusterPartitionTable after = randomTable(before, random);
        before.partitions().forEach(row -> owners.put(row.partitionId(), row.owner()));

        List<ClusterChange> changes = ClusterChange.between(before, after);
        changes.forEach(this::apply);

        assertThat(owners)
                .allSatisfy((partition, owner) ->
                        assertThat(after.partition(partition).map(PartitionMeta::owner))
                                .contains(owner));
        assertThat(tableVersion).isEqualTo(after.version());
        assertThat(changes.getLast()).isInstanceOf(PartitionTableUpdated.class);
    }

    private static ClusterPartitionTable randomTable(
            ClusterPartitionTable table, SplittableRandom random) {
        List<PartitionAssignment> rows = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            if (random.nextBoolean()) {
                NodeId owner = new NodeId("n" + random.nextInt(3));
                rows.add(new PartitionAssignment(partition, owner, List.of(new NodeId("x"))));
            }
        }
        return table.withAssignments(rows);
    }
}
