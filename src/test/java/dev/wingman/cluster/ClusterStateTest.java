package dev.wingman.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.cluster.partition.ActiveMigration;
import dev.wingman.cluster.partition.ClusterPartitionTable;
import dev.wingman.cluster.partition.MigrationPhase;
import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.MembersView;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.NodeState;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ClusterStateTest {
    private static final NodeId A = new NodeId("a");
    private static final NodeId B = new NodeId("b");
    private static final NodeId C = new NodeId("c");

    private final ClusterState state = new ClusterState(A);

    private static MemberInfo member(NodeId id, NodeState memberState) {
        return new MemberInfo(id, "h", 8080, 9090, memberState, 1);
    }

    private static MembersView view(long version, MemberInfo... members) {
        return new MembersView(version, List.of(members));
    }

    private static ClusterPartitionTable table(long version, NodeId... owners) {
        List<PartitionAssignment> rows = new ArrayList<>();
        for (int i = 0; i < owners.length; i++) {
            rows.add(new PartitionAssignment(i, owners[i], List.of()));
        }
        return ClusterPartitionTable.EMPTY.withAssignments(rows).withVersion(version);
    }

    @Test
    void beginsWithoutMembersOrPartitions() {
        assertThat(state.currentView()).isEqualTo(MembersView.EMPTY);
        assertThat(state.isMaster()).isFalse();
        assertThat(state.health()).isEqualTo(ClusterHealth.NONE);
    }

    @Test
    void aViewIsReplacedOnlyByANewerOne() {
        MembersView second = view(2, member(A, NodeState.ACTIVE));
        state.updateView(second);

        assertThat(state.updateView(view(2, member(B, NodeState.ACTIVE)))).isEmpty();
        assertThat(state.updateView(view(1, member(B, NodeState.ACTIVE)))).isEmpty();
        assertThat(state.currentView()).isEqualTo(second);
        assertThat(state.isMaster()).isTrue();
        assertThat(state.updateView(view(3, member(B, NodeState.ACTIVE)))).isNotEmpty();
        assertThat(state.isMaster()).isFalse();
    }

    @Test
    void tellsWhoCameChangedAndLeft() {
        state.updateView(view(1, member(A, NodeState.ACTIVE), member(B, NodeState.ACTIVE)));

        List<ClusterChange> changes =
                state.updateView(
                        view(2, member(C, NodeState.JOINING), member(A, NodeState.SUSPECT)));

        assertThat(changes)
                .containsExactly(
                        new ClusterChange.MemberRemoved(member(B, NodeState.ACTIVE)),
                        new ClusterChange.MemberAdded(member(C, NodeState.JOINING)),
                        new ClusterChange.MemberUpdated(member(A, NodeState.SUSPECT)));
    }

    @Test
    void aNewerViewOfTheSameMembersChangesNothing() {
        state.updateView(view(1, member(A, NodeState.ACTIVE)));

        assertThat(state.updateView(view(2, member(A, NodeState.ACTIVE)))).isEmpty();
        assertThat(state.currentView().version()).isEqualTo(2);
    }

    @Test
    void aTableIsReplacedOnlyByANewerOneAndTellsWhatMoved() {
        state.updateTable(table(3, A, A));

        assertThat(state.updateTable(table(5, B, A, C)))
                .containsExactly(
                        new ClusterChange.PartitionMoved(0, A, B),
                        new ClusterChange.PartitionTableUpdated(5));
        assertThat(state.updateTable(table(5, C, C))).isEmpty();
        assertThat(state.updateTable(table(4, C, C))).isEmpty();
        assertThat(state.snapshot().table()).isEqualTo(table(5, B, A, C));
    }

    @Test
    void aTableOfTheSameVersionHasNotChanged() {
        assertThat(ClusterChange.between(table(3, A), table(3, B))).isEmpty();
    }

    @Test
    void thereAreFiveKindsOfChange() {
        assertThat(ClusterChange.class.getPermittedSubclasses()).hasSize(5);
    }

    @Test
    void countsWhatThereIs() {
        state.updateView(
                view(
                        1,
                        member(B, NodeState.ACTIVE),
                        member(A, NodeState.SUSPECT),
                        member(C, NodeState.DEAD)));
        state.updateTable(table(7, B));
        state.beginMigration(migration("m1"));

        assertThat(state.health()).isEqualTo(new ClusterHealth(3, 1, 1, 7, 1, false, B));
    }

    @Test
    void aPartitionHasOneMigration() {
        state.beginMigration(migration("m1"));
        state.beginMigration(migration("m2"));

        assertThat(state.endMigration(0)).contains(migration("m2"));
        assertThat(state.endMigration(0)).isEmpty();
        assertThat(state.snapshot().migrations()).isEmpty();
    }

    private static ActiveMigration migration(String id) {
        return new ActiveMigration(id, 0, A, B, MigrationPhase.REPLICATING, 1, List.of());
    }

    /** Two threads hand in the same views: each change is told once, to one of them. */
    @Test
    void aChangeIsToldToTheOneWhoMadeIt() throws InterruptedException {
        List<ClusterChange> told = Collections.synchronizedList(new ArrayList<>());
        var start = new CountDownLatch(1);
        Runnable updates =
                () -> {
                    try {
                        start.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    for (int version = 1; version <= 1_000; version++) {
                        told.addAll(state.updateTable(table(version)));
                    }
                };
        Thread one = Thread.ofPlatform().start(updates);
        Thread two = Thread.ofPlatform().start(updates);
        start.countDown();
        one.join();
        two.join();

        assertThat(told).hasSize(1_000).doesNotHaveDuplicates();
    }
}
