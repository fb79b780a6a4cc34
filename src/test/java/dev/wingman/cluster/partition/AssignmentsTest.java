package dev.wingman.cluster.partition;

import static dev.wingman.cluster.partition.Tables.formed;
import static dev.wingman.cluster.partition.Tables.member;
import static dev.wingman.cluster.partition.Tables.members;
import static dev.wingman.cluster.partition.Tables.node;
import static dev.wingman.cluster.partition.Tables.nodes;
import static dev.wingman.cluster.partition.Tables.row;
import static dev.wingman.cluster.partition.Tables.table;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.NodeState;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class AssignmentsTest {
    @Test
    void partitionsAreDealtOutInTheOrderOfIdsWhateverTheOrderOfMembers() {
        List<PartitionAssignment> rows = Assignments.computeAssignment(members("c,a,b"), 271, 1);

        assertThat(rows).hasSize(271);
        assertThat(rows.subList(0, 4))
                .containsExactly(row(0, "a[b]"), row(1, "b[c]"), row(2, "c[a]"), row(3, "a[b]"));
        assertThat(rows.subList(269, 271)).containsExactly(row(269, "c[a]"), row(270, "a[b]"));
    }

    @Test
    void backupsAreTheNextMembers() {
        assertThat(Assignments.computeAssignment(members("a,b,c"), 3, 2))
                .containsExactly(row(0, "a[b,c]"), row(1, "b[c,a]"), row(2, "c[a,b]"));
    }

    @Test
    void thereAreNeverMoreBackupsThanOtherMembers() {
        assertThat(Assignments.computeAssignment(members("a"), 2, 4))
                .containsExactly(row(0, "a[]"), row(1, "a[]"));
        assertThat(Assignments.computeAssignment(members("a,b"), 2, 4))
                .containsExactly(row(0, "a[b]"), row(1, "b[a]"));
    }

    @Test
    void onlyActiveMembersGetAnything() {
        List<MemberInfo> members = new ArrayList<>(members("a"));
        for (NodeState state : NodeState.ALL) {
            if (!state.equals(NodeState.ACTIVE)) {
                members.add(member(node("x-" + state.text()), state));
            }
        }

        assertThat(Assignments.computeAssignment(members, 2, 1))
                .containsExactly(row(0, "a[]"), row(1, "a[]"));
        assertThat(Assignments.computeAssignment(List.of(), 2, 1)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "a, 271",
        "'a,b', 136 135",
        "'a,b,c', 91 90 90",
        "'a,b,c,d', 68 68 68 67",
        "'a,b,c,d,e', 55 54 54 54 54",
        "'a,b,c,d,e,f', 46 45 45 45 45 45",
        "'a,b,c,d,e,f,g', 39 39 39 39 39 38 38"
    })
    void theFirstOnesGetOneMore(String names, String owned) {
        ClusterPartitionTable table = formed(names, 271, 1);

        List<String> counts =
                nodes(names).stream()
                        .map(node -> String.valueOf(table.partitionsForNode(node).size()))
                        .toList();

        assertThat(String.join(" ", counts)).isEqualTo(owned);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void everyPartitionIsAssignedOnceAndTheOrderOfMembersDoesNotMatter(long seed) {
        var random = new SplittableRandom(seed);
        int count = random.nextInt(1, 12);
        int partitions = random.nextInt(300);
        int backups = random.nextInt(5);
        List<MemberInfo> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            members.add(member(node("n" + random.nextInt(1000) + "-" + i), NodeState.ACTIVE));
        }
        List<PartitionAssignment> rows =
                Assignments.computeAssignment(members, partitions, backups);
        Collections.shuffle(members, new Random(seed));

        assertThat(Assignments.computeAssignment(members, partitions, backups)).isEqualTo(rows);
        assertThat(rows.stream().map(PartitionAssignment::partitionId))
                .containsExactlyElementsOf(IntStream.range(0, partitions).boxed().toList());
        assertThat(rows)
                .allSatisfy(row ->
                        assertThat(row.backups())
                                .hasSize(Math.min(backups, count - 1))
                                .doesNotContain(row.owner())
                                .doesNotHaveDuplicates());
    }

    @Test
    void onlyAnotherOwnerIsAMigration() {
        ClusterPartitionTable current = table("n1[]", "n2[]");

        assertThat(Assignments.planRebalance(current, List.of(row(0, "n2[n1]"), row(1, "n2[n1]"))))
                .containsExactly(new MigrationTask(0, node("n1"), node("n2"), nodes("n1")));
        assertThat(Assignments.planRebalance(current, current.assignments())).isEmpty();
    }

    @Test
    void migrationsAreSortedByPartitionAndStartFromSomewhere() {
        ClusterPartitionTable current = table("a[]", "a[]");

        assertThat(
                        Assignments.planRebalance(
                                ClusterPartitionTable.empty(3)
                                        .withAssignments(current.assignments()),
                                List.of(row(2, "b[]"), row(1, "b[]"), row(0, "b[]"))))
                .extracting(MigrationTask::partitionId)
                .containsExactly(0, 1);
    }

    @Test
    void promotionsComeFirstThenWhatHasFewReplicas() {
        ClusterPartitionTable table = table("n1[n2]", "n1[n3]", "n1[]");
        List<MigrationTask> tasks =
                new ArrayList<>(List.of(task(1, "n4"), task(2, "n4"), task(0, "n2")));

        Assignments.orderMigrations(tasks, table);

        assertThat(tasks).containsExactly(task(0, "n2"), task(2, "n4"), task(1, "n4"));
    }

    @Test
    void partitionsThatNobodyHasHaveTheFewestReplicasAndEqualsGoById() {
        ClusterPartitionTable table =
                ClusterPartitionTable.empty(4)
                        .withAssignments(List.of(row(0, "n1[]"), row(1, "n1[]"), row(3, "n1[n2]")));
        List<MigrationTask> tasks =
                new ArrayList<>(
                        List.of(task(1, "n4"), task(0, "n4"), task(2, "n4"), task(3, "n2")));

        Assignments.orderMigrations(tasks, table);

        assertThat(tasks).extracting(MigrationTask::partitionId).containsExactly(3, 2, 0, 1);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void theMigrationsLeadToTheOwnersOfTheTarget(long seed) {
        var random = new SplittableRandom(seed);
        ClusterPartitionTable current = random(random);
        List<PartitionAssignment> target = new ArrayList<>(random(random).assignments());

        List<MigrationTask> tasks = Assignments.planRebalance(current, target);

        assertThat(tasks).extracting(MigrationTask::partitionId).isSorted().doesNotHaveDuplicates();
        assertThat(tasks)
                .allSatisfy(task -> {
                    assertThat(owner(current, task.partitionId())).contains(task.source());
                    assertThat(task.destination()).isNotEqualTo(task.source());
                });
        ClusterPartitionTable after =
                current.withAssignments(
                        tasks.stream()
                                .map(task ->
                                        new PartitionAssignment(
                                                task.partitionId(),
                                                task.destination(),
                                                task.newBackups()))
                                .toList());
        for (PartitionAssignment row : target) {
            if (owner(current, row.partitionId()).isPresent()) {
                assertThat(owner(after, row.partitionId())).contains(row.owner());
            }
        }
        Collections.shuffle(target, new Random(seed));
        assertThat(Assignments.planRebalance(current, target)).isEqualTo(tasks);
        assertThat(Assignments.planRebalance(after, target)).isEmpty();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void theOrderOfMigrationsIsThatOfTheirUrgencyWhateverItWasBefore(long seed) {
        var random = new SplittableRandom(seed);
        ClusterPartitionTable table = random(random);
        List<MigrationTask> tasks = new ArrayList<>();
        for (int partition = 0; partition < table.partitionCount(); partition++) {
            tasks.add(task(partition, "n" + random.nextInt(5)));
        }
        List<MigrationTask> shuffled = new ArrayList<>(tasks);
        Collections.shuffle(shuffled, new Random(seed));

        Assignments.orderMigrations(shuffled, table);

        assertThat(shuffled).containsExactlyInAnyOrderElementsOf(tasks);
        assertThat(shuffled.stream().map(task -> urgency(task, table)).toList()).isSorted();
        Assignments.orderMigrations(tasks, table);
        assertThat(tasks).isEqualTo(shuffled);
    }

    /** The three keys of the order in one number. */
    private static int urgency(MigrationTask task, ClusterPartitionTable table) {
        PartitionMeta row = table.partition(task.partitionId()).orElse(null);
        boolean promotes = row != null && row.backups().contains(task.destination());
        int replicas = row == null ? 0 : 1 + row.backups().size();
        return (promotes ? 0 : 100_000) + replicas * 1_000 + task.partitionId();
    }

    private static Optional<NodeId> owner(ClusterPartitionTable table, int partition) {
        return table.partition(partition).map(PartitionMeta::owner);
    }

    /** A fifth of its partitions were never assigned. */
    private static ClusterPartitionTable random(SplittableRandom random) {
        List<PartitionAssignment> rows = new ArrayList<>();
        for (int partition = 0; partition < 20; partition++) {
            List<NodeId> nodes = new ArrayList<>(nodes("n0,n1,n2,n3,n4"));
            Collections.shuffle(nodes, new Random(random.nextLong()));
            if (random.nextInt(5) > 0) {
                rows.add(
                        new PartitionAssignment(
                                partition,
                                nodes.getFirst(),
                                nodes.subList(1, 1 + random.nextInt(4))));
            }
        }
        return ClusterPartitionTable.empty(20).withAssignments(rows);
    }

    private static MigrationTask task(int partition, String destination) {
        return new MigrationTask(partition, node("n1"), node(destination), List.of());
    }
}
