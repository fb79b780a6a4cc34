package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.cluster.Replication;
import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.protocol.Value;
import dev.wingman.storage.Durability;
import dev.wingman.storage.Recovery;
import dev.wingman.storage.StoredRecord;
import dev.wingman.sync.CommitPipeline.Applied;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommitPipelineTest {
    private static final Key KEY = new Key("k");
    private static final int PARTITION = KEY.partition();
    private static final Key NEIGHBOUR = keyInPartitionOf(KEY);

    private final Rig rig = new Rig();
    private final ManualExecutor stripe = rig.stripes.getFirst();
    private final MapSums sums = new MapSums();
    private final List<Applied> applied = new ArrayList<>();
    private final CommitPipeline pipeline = pipeline(rig.parts, sums);

    private CommitPipeline pipeline(SyncServer.Parts parts, MapSums ofPipeline) {
        return new CommitPipeline(parts, stripe, ofPipeline, applied::addAll, rig.failures);
    }

    private static Key keyInPartitionOf(Key other) {
        int i = 0;
        while (new Key("n" + i).partition() != other.partition()) {
            i++;
        }
        return new Key("n" + i);
    }

    /** What became of a request. */
    private static final class Outcome implements CommitPipeline.Acknowledgement {
        @Nullable AckLevel level;
        @Nullable ErrorCode failure;

        @Override
        public void written(AckLevel reached) {
            level = reached;
        }

        @Override
        public void failed(ErrorCode code, String reason) {
            failure = code;
        }
    }

    private Outcome write(Key key, long atMillis, @Nullable Value value) {
        return write(pipeline, key, atMillis, value);
    }

    private static Outcome write(CommitPipeline to, Key key, long atMillis, @Nullable Value value) {
        var outcome = new Outcome();
        to.write(Rig.TODOS, key, Rig.record(atMillis, value), null);
        to.acknowledge(outcome);
        return outcome;
    }

    private StoredRecord stored(Key key) {
        return Objects.requireNonNull(rig.store.read(Rig.TODOS, key));
    }

    private void settle() {
        stripe.runAll();
        while (rig.disk.waiting() > 0) {
            rig.disk.runAll();
            stripe.runAll();
        }
    }

    @Test
    void aWriteIsShownAndAcknowledgedOnceItIsOnTheDisk() {
        Outcome outcome = write(KEY, 5, Rig.number(1));
        stripe.runAll();

        assertThat(applied).isEmpty();
        assertThat(outcome.level).isNull();

        rig.disk.runNext();
        stripe.runAll();

        assertThat(applied).extracting(Applied::key).containsExactly(KEY);
        assertThat(outcome.level).isEqualTo(AckLevel.PERSISTED);
        assertThat(sums.total(Rig.TODOS).liveCount()).isEqualTo(1);
    }

    @Test
    void aLoserIsAcknowledgedNoEarlierThanTheWriteItLostTo() {
        write(KEY, 9, Rig.number(1));
        stripe.runAll();

        Outcome loser = write(KEY, 5, Rig.number(2));
        stripe.runAll();

        assertThat(loser.level).isNull();

        settle();

        assertThat(loser.level).isEqualTo(AckLevel.PERSISTED);
        assertThat(stored(KEY).record().value()).isEqualTo(Rig.number(1));
        assertThat(applied).hasSize(1);
    }

    @Test
    void aLoserAgainstAWriteOfTheSameBatchWaitsForTheBatch() {
        write(KEY, 9, Rig.number(1));

        Outcome loser = write(KEY, 5, Rig.number(2));

        assertThat(loser.level).isNull();
    }

    @Test
    void aLoserAgainstWhatIsOnTheDiskIsAcknowledgedAtOnce() {
        write(KEY, 9, Rig.number(1));
        settle();

        Outcome loser = write(KEY, 5, Rig.number(2));

        assertThat(loser.level).isEqualTo(AckLevel.PERSISTED);
        assertThat(rig.disk.waiting()).isZero();
    }

    @Test
    void theLoserFailsWithTheWriteItLostTo() {
        write(KEY, 9, Rig.number(1));
        Outcome loser = write(KEY, 5, Rig.number(2));
        rig.fillDisk();

        settle();

        assertThat(loser.failure).isEqualTo(ErrorCode.STORAGE_FULL);
        assertThat(loser.level).isNull();
    }

    @Test
    void writesOfOneKeyInOneBatchAreMergedOneAfterTheOther() {
        write(KEY, 5, Rig.number(1));
        write(KEY, 6, null);
        write(KEY, 7, Rig.number(3));

        settle();

        assertThat(stored(KEY).record().value()).isEqualTo(Rig.number(3));
        assertThat(stored(KEY).sequence()).isEqualTo(3);
        assertThat(applied)
                .extracting(each -> each.record().timestamp().millis())
                .containsExactly(5L, 6L, 7L);
        assertThat(sums.total(Rig.TODOS)).isEqualTo(rebuilt());
    }

    private LeafSums rebuilt() {
        return Objects.requireNonNull(rig.store.rebuildSums(PARTITION).get(Rig.TODOS));
    }

    @Test
    void whatComesWhileTwoBatchesAreUnderWayGoesIntoOneMore() {
        for (int i = 1; i <= 6; i++) {
            write(KEY, i, Rig.number(i));
            stripe.runAll();
        }

        assertThat(rig.disk.waiting()).isEqualTo(CommitPipeline.MAX_BATCHES_IN_FLIGHT);

        settle();

        assertThat(applied).hasSize(6);
        assertThat(stored(KEY).sequence()).isEqualTo(6);
    }

    @Test
    void aFailedCommitFailsWhatWasBuiltOnItAndShowsNothing() {
        Outcome first = write(KEY, 5, Rig.number(1));
        stripe.runAll();
        Outcome second = write(KEY, 6, Rig.number(2));
        stripe.runAll();
        Outcome open = write(NEIGHBOUR, 7, Rig.number(3));
        rig.fillDisk();
        rig.disk.runNext();
        rig.freeDisk();

        settle();

        assertThat(List.of(first, second, open))
                .allSatisfy(outcome -> assertThat(outcome.level).isNull())
                .allSatisfy(outcome -> assertThat(outcome.failure).isNotNull());
        assertThat(applied).isEmpty();
        assertThat(rig.store.read(Rig.TODOS, KEY)).isNull();
        assertThat(sums.total(Rig.TODOS)).isEqualTo(new LeafSums());
    }

    @Test
    void untilTheLastBatchOfAFailureHasComeBackWritesAreRefused() {
        write(KEY, 5, Rig.number(1));
        stripe.runAll();
        write(KEY, 6, Rig.number(2));
        stripe.runAll();
        rig.fillDisk();
        rig.disk.runNext();
        rig.freeDisk();
        stripe.runAll();

        Outcome between = write(NEIGHBOUR, 7, Rig.number(3));

        assertThat(between.failure).isEqualTo(ErrorCode.STORAGE_FULL);

        settle();

        assertThat(rig.store.read(Rig.TODOS, NEIGHBOUR)).isNull();
    }

    @Test
    void afterAFailureTheSequenceGoesOnWithoutAGap() {
        write(KEY, 5, Rig.number(1));
        settle();
        write(KEY, 6, Rig.number(2));
        rig.fillDisk();
        settle();
        rig.freeDisk();

        Outcome again = write(KEY, 6, Rig.number(2));
        settle();

        assertThat(again.level).isEqualTo(AckLevel.PERSISTED);
        assertThat(stored(KEY).sequence()).isEqualTo(2);
        assertThat(sums.total(Rig.TODOS)).isEqualTo(rebuilt());
    }

    @Test
    void aStripeWithNothingUnderWayIsNotTouchedByTheFailureOfAnother() {
        CommitPipeline other = pipeline(rig.parts, new MapSums());
        write(KEY, 5, Rig.number(1));
        rig.fillDisk();
        settle();
        rig.freeDisk();

        Outcome outcome = write(other, NEIGHBOUR, 5, Rig.number(1));
        settle();

        assertThat(outcome.level).isEqualTo(AckLevel.PERSISTED);
    }

    @Test
    void aBatchBegunBeforeTheFailureOfAnotherStripeIsRefusedForItsReasonAndTheNextIsNot() {
        CommitPipeline other = pipeline(rig.parts, new MapSums());
        write(KEY, 5, Rig.number(1));
        stripe.runAll();
        rig.fillDisk();
        Outcome begunBefore = write(other, NEIGHBOUR, 5, Rig.number(1));
        settle();
        rig.freeDisk();

        Outcome next = write(other, NEIGHBOUR, 5, Rig.number(1));
        settle();

        assertThat(begunBefore.failure).isEqualTo(ErrorCode.STORAGE_FULL);
        assertThat(next.level).isEqualTo(AckLevel.PERSISTED);
    }

    @Test
    void batchedDurabilityPromisesNoMoreThanItKeeps() {
        var batched =
                new SyncServer.Parts(rig.store, Durability.BATCHED, Replication.none(), rig.clock);

        Outcome outcome = write(pipeline(batched, sums), KEY, 5, Rig.number(1));
        settle();

        assertThat(outcome.level).isEqualTo(AckLevel.APPLIED);
    }

    @Test
    void aWriteWaitsForTheReplicasAsWellAsForTheDisk() {
        var backups = new CompletableFuture<Replication.Reached>();
        var replicated =
                new SyncServer.Parts(rig.store, Durability.COMMIT, _ -> backups, rig.clock);
        Outcome outcome = write(pipeline(replicated, sums), KEY, 5, Rig.number(1));
        settle();

        assertThat(outcome.level).isNull();
        assertThat(applied).isEmpty();

        backups.complete(Replication.Reached.ALL_BACKUPS);
        settle();

        assertThat(outcome.level).isEqualTo(AckLevel.REPLICATED);
        assertThat(applied).hasSize(1);
    }

    @Test
    void aReplicationThatFailsDoesNotTakeBackWhatIsOnTheDisk() {
        var faulty =
                new SyncServer.Parts(
                        rig.store,
                        Durability.COMMIT,
                        _ -> CompletableFuture.failedFuture(new IllegalStateException("lost")),
                        rig.clock);
        CommitPipeline unreplicated = pipeline(faulty, sums);

        Outcome first = write(unreplicated, KEY, 5, Rig.number(1));
        settle();
        Outcome second = write(unreplicated, KEY, 6, Rig.number(2));
        settle();

        assertThat(first.level).isEqualTo(AckLevel.PERSISTED);
        assertThat(second.level).isEqualTo(AckLevel.PERSISTED);
        assertThat(applied)
                .extracting(each -> each.stored().sequence())
                .as("no sequence is given out twice")
                .containsExactly(1L, 2L);
        assertThat(sums.total(Rig.TODOS)).isEqualTo(rebuilt());
    }

    @Test
    void aReplicationThatThrowsDoesNotTakeBackWhatIsOnTheDiskEither() {
        var faulty =
                new SyncServer.Parts(
                        rig.store,
                        Durability.COMMIT,
                        _ -> {
                            throw new IllegalStateException("lost");
                        },
                        rig.clock);

        Outcome outcome = write(pipeline(faulty, sums), KEY, 5, Rig.number(1));
        settle();

        assertThat(outcome.level).isEqualTo(AckLevel.PERSISTED);
        assertThat(applied).hasSize(1);
    }

    @Test
    void storedSumsSpareTheNextStartTheLog() {
        write(KEY, 5, Rig.number(1));
        settle();
        var done = new Outcome();

        pipeline.storeSums(done);
        settle();

        Recovery.Partition found = rig.store.recover().partitions().get(PARTITION);
        assertThat(done.level).isNotNull();
        assertThat(found.snapshotSequence()).isEqualTo(1);
        assertThat(found.sums()).isEqualTo(rig.store.rebuildSums(PARTITION));
    }

    @Test
    void storedSumsHoldNothingThatIsStillUnderWay() {
        write(KEY, 5, Rig.number(1));
        settle();
        write(KEY, 6, null);
        stripe.runAll();

        pipeline.storeSums(new Outcome());
        settle();

        Recovery.Partition found = rig.store.recover().partitions().get(PARTITION);
        assertThat(found.snapshotSequence()).isEqualTo(1);
        assertThat(found.sums()).isEqualTo(rig.store.rebuildSums(PARTITION));
    }

    @Test
    void sumsThatCouldNotBeStoredAreStoredTheNextTime() {
        write(KEY, 5, Rig.number(1));
        settle();
        rig.fillDisk();
        var refused = new Outcome();
        pipeline.storeSums(refused);
        settle();
        rig.freeDisk();

        pipeline.storeSums(new Outcome());
        settle();

        assertThat(refused.failure).isEqualTo(ErrorCode.STORAGE_FULL);
        assertThat(rig.store.recover().partitions().get(PARTITION).snapshotSequence()).isEqualTo(1);
    }

    @Test
    void theClosedStampIsBeforeWhateverReadersCannotSeeYet() {
        write(KEY, 5, Rig.number(1));
        Stamp whileOpen = pipeline.closedStamp();
        stripe.runAll();
        Stamp underWay = pipeline.closedStamp();
        write(NEIGHBOUR, 5, Rig.number(1));
        rig.disk.runNext();
        Stamp beforeTheSecond = pipeline.closedStamp();

        settle();

        Stamp first = stored(KEY).receivedAt();
        assertThat(whileOpen).isLessThan(first);
        assertThat(underWay).isLessThan(first);
        assertThat(beforeTheSecond).isLessThan(stored(NEIGHBOUR).receivedAt());
        assertThat(pipeline.closedStamp()).isGreaterThan(stored(NEIGHBOUR).receivedAt());
    }

    @Test
    void aClientClockALittleAheadMovesOurs() {
        long ahead = Rig.START_MILLIS + HybridLogicalClock.MAX_DRIFT_MILLIS;

        write(KEY, ahead, Rig.number(1));

        assertThat(rig.clock.now().millis()).isEqualTo(ahead);
    }

    @Test
    void aClientClockFarAheadDoesNotMoveOursAndItsWriteCounts() {
        long farAhead = Rig.START_MILLIS + HybridLogicalClock.MAX_DRIFT_MILLIS + 1;

        write(KEY, farAhead, Rig.number(1));
        settle();

        assertThat(rig.clock.now().millis()).isEqualTo(Rig.START_MILLIS);
        assertThat(stored(KEY).record().timestamp().millis()).isEqualTo(farAhead);
    }

    @Test
    void aRemovalWithoutATimestampIsLaterThanWhatItRemoves() {
        write(KEY, Rig.START_MILLIS + 1_000, Rig.number(1));

        pipeline.remove(Rig.TODOS, KEY, null);
        settle();

        assertThat(stored(KEY).record().isTombstone()).isTrue();
    }

    @Test
    void afterARestartTheClockGoesOnFromTheLastStampOnTheDisk() {
        write(KEY, Rig.START_MILLIS + 50_000, Rig.number(1));
        settle();
        Rig restarted = new Rig();
        var after =
                new CommitPipeline(restarted.parts, stripe, new MapSums(), _ -> {}, rig.failures);

        after.restore(PARTITION, rig.store.recover().partitions().get(PARTITION));

        assertThat(restarted.clock.nextStamp()).isGreaterThan(stored(KEY).receivedAt());
        assertThat(after.lastReceived(PARTITION)).isEqualTo(stored(KEY).receivedAt());
    }
}
