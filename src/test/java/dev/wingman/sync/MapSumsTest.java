package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.MapName;
import dev.wingman.storage.CommitBatch.SumsSnapshot;
import dev.wingman.storage.Recovery;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MapSumsTest {
    private static final MapName TODOS = Rig.TODOS;
    private static final MapName NOTES = Rig.NOTES;
    private static final LeafDelta ONE_LIVE = new LeafDelta(7, 100, 1, 0);
    private static final LeafDelta ONE_REMOVED = new LeafDelta(8, 20, 0, 1);

    private final MapSums sums = new MapSums();

    @Test
    void theSumsOfAMapAreThoseOfItsPartitionsTogether() {
        sums.add(TODOS, 1, ONE_LIVE);
        sums.add(TODOS, 2, ONE_LIVE);
        sums.add(NOTES, 2, ONE_REMOVED);

        assertThat(sums.total(TODOS)).isEqualTo(sums(ONE_LIVE, ONE_LIVE));
        assertThat(sums.total(NOTES)).isEqualTo(sums(ONE_REMOVED));
    }

    @Test
    void anUnknownMapIsEmpty() {
        assertThat(sums.total(TODOS)).isEqualTo(new LeafSums());
        assertThat(sums.isPresent(TODOS, 1)).isFalse();
        assertThat(sums.isOccupied(TODOS, 1, 7)).isFalse();
    }

    @Test
    void onlyThePartitionsAndLeavesThatHaveSomethingAreVisited() {
        sums.add(TODOS, 1, ONE_REMOVED);

        assertThat(sums.isPresent(TODOS, 1)).isTrue();
        assertThat(sums.isPresent(TODOS, 2)).isFalse();
        assertThat(sums.isOccupied(TODOS, 1, 8)).isTrue();
        assertThat(sums.isOccupied(TODOS, 1, 7)).isFalse();
    }

    @Test
    void snapshotsAreOfEveryMapThatChangedSinceTheOnesBefore() {
        sums.add(TODOS, 1, ONE_LIVE);
        sums.add(NOTES, 1, ONE_LIVE);
        List<SumsSnapshot> first = sums.takeSnapshots(1, 2);
        sums.add(NOTES, 1, ONE_REMOVED);

        List<SumsSnapshot> second = sums.takeSnapshots(1, 3);

        assertThat(first).extracting(SumsSnapshot::map).containsExactlyInAnyOrder(TODOS, NOTES);
        assertThat(second)
                .containsExactly(new SumsSnapshot(1, NOTES, sums(ONE_LIVE, ONE_REMOVED), 3));
        assertThat(sums.takeSnapshots(1, 3)).isEmpty();
    }

    @Test
    void aSnapshotDoesNotChangeWithWhatComesLater() {
        sums.add(TODOS, 1, ONE_LIVE);
        SumsSnapshot snapshot = sums.takeSnapshots(1, 1).getFirst();

        sums.add(TODOS, 1, ONE_LIVE);

        assertThat(snapshot.sums()).isEqualTo(sums(ONE_LIVE));
    }

    @Test
    void aSnapshotIsDueAfterManyChangesOfItsPartition() {
        for (int i = 1; i < MapSums.CHANGES_PER_SNAPSHOT; i++) {
            sums.add(TODOS, 1, ONE_LIVE);
        }
        boolean before = sums.isSnapshotDue(1);

        sums.add(TODOS, 1, ONE_LIVE);

        assertThat(before).isFalse();
        assertThat(sums.isSnapshotDue(1)).isTrue();
        assertThat(sums.isSnapshotDue(2)).isFalse();
    }

    @Test
    void snapshotsThatWereLostAreDueAgain() {
        sums.add(TODOS, 1, ONE_LIVE);
        List<SumsSnapshot> lost = sums.takeSnapshots(1, 1);
        sums.add(NOTES, 1, ONE_LIVE);

        sums.markUnstored(lost);

        assertThat(sums.isSnapshotDue(1)).isTrue();
        assertThat(sums.takeSnapshots(1, 2))
                .extracting(SumsSnapshot::map)
                .containsExactlyInAnyOrder(TODOS, NOTES);
    }

    @Test
    void restoredSumsWithALogBehindThemCountAsChanged() {
        sums.restore(1, recovered(9, 4));

        assertThat(sums.total(TODOS)).isEqualTo(sums(ONE_LIVE));
        assertThat(sums.partitionsToStore()).containsExactly(1);
        assertThat(sums.takeSnapshots(1, 9))
                .extracting(SumsSnapshot::map)
                .containsExactlyInAnyOrder(TODOS, NOTES);
    }

    @Test
    void restoredSumsWithNothingBehindThemNeedNotBeStoredAgain() {
        sums.restore(1, recovered(9, 9));

        assertThat(sums.partitionsToStore()).isEmpty();
    }

    private static Recovery.Partition recovered(long lastSequence, long snapshotSequence) {
        return new Recovery.Partition(
                lastSequence,
                new Stamp(5, 0),
                snapshotSequence,
                Map.of(TODOS, sums(ONE_LIVE), NOTES, sums(ONE_REMOVED)));
    }

    private static LeafSums sums(LeafDelta... deltas) {
        var sums = new LeafSums();
        for (LeafDelta delta : deltas) {
            sums.add(delta);
        }
        return sums;
    }
}
