package dev.wingman.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Partitions;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.CommitBatch.MetaEntry;
import dev.wingman.storage.CommitBatch.SumsSnapshot;
import dev.wingman.storage.RecordModel.Entry;
import dev.wingman.storage.RecordStore.LogEntry;
import dev.wingman.storage.StoreException.Problem;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every form of {@link RecordStore} does. */
abstract class RecordStoreContract {
    static final int LOG_ENTRIES = 20;

    private static final MapName TODOS = new MapName("todos");
    private static final MapName NOTES = new MapName("notes");
    private static final int PARTITION = 17;
    private static final List<Key> KEYS = RecordModel.keysIn(PARTITION, 12);

    private final RecordModel model = new RecordModel();

    /** Opens an empty store that keeps {@link #LOG_ENTRIES} of each partition's log. */
    abstract void open() throws Exception;

    /** Closes the store and opens it again. */
    abstract void reopen() throws Exception;

    abstract RecordStore store();

    /** What the latest opening found. */
    abstract Recovery recovery();

    abstract Map<MapName, LeafSums> rebuildSums(int partition);

    abstract void fillDisk();

    abstract void freeDisk();

    @BeforeEach
    void openStore() throws Exception {
        open();
    }

    @AfterEach
    void closeStore() {
        store().close();
    }

    @Test
    void aCommittedRecordReadsBackAsItWas() {
        Change change = model.write(TODOS, KEYS.getFirst(), "milk");

        commit(change);

        assertThat(store().read(TODOS, KEYS.getFirst())).isEqualTo(change.stored());
    }

    @Test
    void theLaterCommitOfAKeyReplacesTheEarlier() {
        commit(model.write(TODOS, KEYS.getFirst(), "milk"));
        Change later = model.write(TODOS, KEYS.getFirst(), "bread");

        commit(later);

        assertThat(store().read(TODOS, KEYS.getFirst())).isEqualTo(later.stored());
    }

    @Test
    void aTombstoneIsReadAndScannedLikeARecord() {
        Change removed = model.write(TODOS, KEYS.getFirst(), null);

        commit(removed);

        assertThat(store().read(TODOS, KEYS.getFirst())).isEqualTo(removed.stored());
        assertThat(scan(TODOS, PARTITION))
                .containsExactly(new Entry(KEYS.getFirst(), removed.stored()));
    }

    @Test
    void aKeyOfOneMapIsAbsentFromAnother() {
        commit(model.write(TODOS, KEYS.getFirst(), "milk"));
        commit(model.write(NOTES, KEYS.get(1), "song"));

        assertThat(store().read(NOTES, KEYS.getFirst())).isNull();
        assertThat(scan(NOTES, PARTITION)).extracting(Entry::key).containsExactly(KEYS.get(1));
    }

    @Test
    void aMapThatWasNeverWrittenIsEmpty() {
        var unknown = new MapName("unknown");

        assertThat(store().read(unknown, KEYS.getFirst())).isNull();
        assertThat(scan(unknown, PARTITION)).isEmpty();
    }

    @Test
    void aScanGoesByUnsignedHash() {
        for (Key key : KEYS.reversed()) {
            commit(model.write(TODOS, key, "x"));
        }

        List<Entry> scanned = scan(TODOS, PARTITION);

        assertThat(scanned).isEqualTo(model.scan(TODOS, PARTITION));
        assertThat(scanned)
                .extracting(entry -> Integer.toUnsignedLong(entry.key().hash()))
                .isSorted()
                .anyMatch(hash -> hash > Integer.MAX_VALUE)
                .anyMatch(hash -> hash <= Integer.MAX_VALUE);
    }

    @Test
    void aScanStopsWhenTheVisitorHasEnough() {
        for (Key key : KEYS) {
            commit(model.write(TODOS, key, "x"));
        }
        List<Key> visited = new ArrayList<>();

        store().scan(
                        TODOS,
                        PARTITION,
                        (key, _) -> {
                            visited.add(key);
                            return visited.size() < 3;
                        });

        assertThat(visited).hasSize(3);
    }

    @Test
    void aLeafScanVisitsExactlyTheKeysOfItsLeaf() {
        List<Key> keys = RecordModel.keysIn(PARTITION, 200);
        for (Key key : keys) {
            commit(model.write(TODOS, key, "x"));
        }
        int leaf = MerkleTrie.leafOf(keys.getFirst().hash());
        List<Key> visited = new ArrayList<>();

        store().scanLeaf(TODOS, PARTITION, leaf, null, (key, _) -> visited.add(key));

        assertThat(visited)
                .containsExactlyElementsOf(
                        model.scan(TODOS, PARTITION).stream()
                                .map(Entry::key)
                                .filter(key -> MerkleTrie.leafOf(key.hash()) == leaf)
                                .toList());
        assertThat(visited).contains(keys.getFirst());
    }

    @Test
    void aLeafScanGoesOnBehindTheKeyItWasBrokenOffAt() {
        int leaf = MerkleTrie.leafOf(KEYS.getFirst().hash());
        List<Key> keys = RecordModel.keysInLeaf(PARTITION, leaf, 4);
        for (Key key : keys) {
            commit(model.write(TODOS, key, "x"));
        }
        List<Key> whole = new ArrayList<>();
        store().scanLeaf(TODOS, PARTITION, leaf, null, (key, _) -> whole.add(key));
        List<Key> inParts = new ArrayList<>();

        for (Key after = null; inParts.size() < keys.size(); after = inParts.getLast()) {
            store().scanLeaf(
                            TODOS,
                            PARTITION,
                            leaf,
                            after,
                            (key, _) -> {
                                inParts.add(key);
                                return false;
                            });
        }

        assertThat(whole).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(inParts).isEqualTo(whole);
    }

    @Test
    void theLogIsReadBackToButWithoutTheGivenStamp() {
        for (Key key : KEYS) {
            commit(model.write(TODOS, key, "x"));
        }
        LogEntry fourthNewest = model.logBack(PARTITION, Stamp.NONE).get(3);

        var log = logBack(PARTITION, fourthNewest.receivedAt());

        assertThat(log.complete).isTrue();
        assertThat(log.entries)
                .isEqualTo(model.logBack(PARTITION, Stamp.NONE).subList(0, 3))
                .extracting(LogEntry::sequence)
                .containsExactly(12L, 11L, 10L);
    }

    @Test
    void aLogThatWasNeverCutReachesBackToAnyStamp() {
        commit(model.write(TODOS, KEYS.getFirst(), "x"));

        var log = logBack(PARTITION, Stamp.NONE);

        assertThat(log.complete).isTrue();
        assertThat(log.entries).hasSize(1);
    }

    @Test
    void theLogOfAnUntouchedPartitionIsEmptyAndWhole() {
        commit(model.write(TODOS, KEYS.getFirst(), "x"));

        var log = logBack(PARTITION + 1, Stamp.NONE);

        assertThat(log.complete).isTrue();
        assertThat(log.entries).isEmpty();
    }

    @Test
    void aReaderOfTheLogMayStopEarly() {
        for (Key key : KEYS) {
            commit(model.write(TODOS, key, "x"));
        }
        List<LogEntry> visited = new ArrayList<>();

        boolean complete =
                store().scanLogBack(
                                PARTITION,
                                Stamp.NONE,
                                entry -> {
                                    visited.add(entry);
                                    return false;
                                });

        assertThat(complete).isTrue();
        assertThat(visited).hasSize(1);
    }

    @Test
    void aCutLogSaysWhenItDoesNotReachBackFarEnough() {
        fillAndCutLog();
        List<LogEntry> kept = logBack(PARTITION, Stamp.NONE).entries;
        LogEntry oldest = kept.getLast();
        LogEntry cut = model.logBack(PARTITION, Stamp.NONE).get(kept.size());

        assertThat(kept).hasSize(LOG_ENTRIES);
        assertThat(logBack(PARTITION, oldest.receivedAt()).complete).isTrue();
        assertThat(logBack(PARTITION, cut.receivedAt()).complete).isFalse();
        assertThat(logBack(PARTITION, oldest.receivedAt().before()).complete).isFalse();
    }

    @Test
    void aLogIsNotCutBeyondWhatTheStoredSumsContain() {
        commit(model.write(TODOS, KEYS.getFirst(), "in the stored sums"));
        List<SumsSnapshot> early = model.takeSnapshots(PARTITION);
        for (int i = 0; i < 2 * LOG_ENTRIES; i++) {
            commit(model.write(TODOS, KEYS.get(i % KEYS.size()), "v" + i));
        }

        commit(List.of(), early);

        assertThat(logBack(PARTITION, Stamp.NONE).entries.getLast().sequence()).isEqualTo(2);
    }

    @Test
    void aMapThatIsRarelyWrittenDoesNotKeepTheLogFromBeingCut() throws Exception {
        commit(model.write(NOTES, KEYS.getFirst(), "once"));
        commit(List.of(), model.takeSnapshots(PARTITION));
        fillAndCutLog();

        reopen();

        Recovery.Partition found = recovery().partitions().get(PARTITION);
        assertThat(logBack(PARTITION, Stamp.NONE).entries).hasSize(LOG_ENTRIES);
        assertThat(found.snapshotSequence()).isEqualTo(found.lastSequence());
        assertThat(found.sums()).isEqualTo(model.sums(PARTITION));
    }

    @Test
    void sumsAreCompleteAfterTheLogWasCut() throws Exception {
        fillAndCutLog();
        commit(model.write(TODOS, KEYS.getFirst(), null));

        reopen();

        assertThat(recovery().partitions().get(PARTITION).sums()).isEqualTo(model.sums(PARTITION));
    }

    /** Cuts to the limit: snapshots of everything that was written come with the last change. */
    private void fillAndCutLog() {
        for (int i = 0; i < 2 * LOG_ENTRIES; i++) {
            commit(model.write(TODOS, KEYS.get(i % KEYS.size()), "v" + i));
        }
        commit(List.of(), model.takeSnapshots(PARTITION));
    }

    @Test
    void metaEntriesReadBack() {
        byte[] secret = {1, 0, -1};

        await(commitAsync(List.of(), List.of(), List.of(new MetaEntry("device/a", secret))));

        assertThat(store().readMeta("device/a")).isEqualTo(secret);
        assertThat(store().readMeta("device/b")).isNull();
    }

    @Test
    void stagesCompleteInTheOrderOfTheCalls() {
        List<Integer> completed = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<Void>> stages = new ArrayList<>();

        for (int i = 0; i < 200; i++) {
            int number = i;
            Change change = model.write(TODOS, KEYS.get(i % KEYS.size()), "v" + i);
            stages.add(
                    commitAsync(List.of(change), List.of(), List.of())
                            .thenRun(() -> completed.add(number)));
        }
        stages.forEach(RecordStoreContract::await);

        assertThat(completed).isSorted().hasSize(200);
    }

    @Test
    void nothingOfAFailedBatchIsStored() {
        Key elsewhere = RecordModel.keysIn(PARTITION + 1, 1).getFirst();
        Change here = model.write(TODOS, KEYS.getFirst(), "x");
        Change there = model.write(TODOS, elsewhere, "x");
        fillDisk();

        StoreException failure = failureOf(() -> commit(here, there));

        assertThat(failure.problem()).isEqualTo(Problem.DISK_FULL);
        assertThat(store().read(TODOS, KEYS.getFirst())).isNull();
        assertThat(store().read(TODOS, elsewhere)).isNull();
        assertThat(logBack(PARTITION, Stamp.NONE).entries).isEmpty();
    }

    @Test
    void aBatchBegunBeforeAFailureFailsEvenOnceThereIsSpace() {
        long before = store().epoch();
        Change lost = model.write(TODOS, KEYS.getFirst(), "lost");
        Change builtOnIt = model.write(TODOS, KEYS.get(1), "built on it");
        fillDisk();
        failureOf(() -> commit(lost));
        freeDisk();

        StoreException failure =
                failureOf(() ->
                        await(
                                store().commit(
                                                new CommitBatch(
                                                        before,
                                                        List.of(builtOnIt),
                                                        List.of(),
                                                        List.of()))));

        assertThat(failure.problem()).isEqualTo(Problem.STALE_EPOCH);
        assertThat(store().epoch()).isGreaterThan(before);
        assertThat(store().read(TODOS, KEYS.get(1))).isNull();
    }

    @Test
    void aFullDiskIsToldAndEndsWhenThereIsSpace() {
        Change first = model.write(TODOS, KEYS.getFirst(), "x");
        fillDisk();
        failureOf(() -> commit(first));
        StoreHealth whenFull = store().health();
        freeDisk();

        commit(first);

        assertThat(whenFull).isInstanceOf(StoreHealth.ReadOnly.class);
        assertThat(store().health()).isEqualTo(new StoreHealth.Writable());
        assertThat(store().read(TODOS, KEYS.getFirst())).isEqualTo(first.stored());
    }

    @Test
    void anEmptyStoreRecoversAsEmpty() {
        assertThat(recovery().partitions())
                .hasSize(Partitions.COUNT)
                .containsOnly(new Recovery.Partition(0, Stamp.NONE, 0, Map.of()));
    }

    @Test
    void everythingIsThereAfterReopening() throws Exception {
        Change kept = model.write(TODOS, KEYS.getFirst(), "x");
        Change removed = model.write(NOTES, KEYS.get(1), null);
        byte[] secret = {5};
        await(commitAsync(List.of(kept, removed), List.of(), List.of(new MetaEntry("m", secret))));

        reopen();

        assertThat(store().read(TODOS, KEYS.getFirst())).isEqualTo(kept.stored());
        assertThat(store().read(NOTES, KEYS.get(1))).isEqualTo(removed.stored());
        assertThat(store().readMeta("m")).isEqualTo(secret);
        assertThat(recovery().records()).isEqualTo(2);
        assertThat(recovery().partitions().get(PARTITION))
                .isEqualTo(
                        new Recovery.Partition(
                                2, removed.stored().receivedAt(), 0, model.sums(PARTITION)));
    }

    @Test
    void theLogIsReplayedAfterTheLatestSnapshotOfThePartition() throws Exception {
        commit(model.write(NOTES, KEYS.get(0), "in the first snapshots"));
        commit(model.write(TODOS, KEYS.get(1), "in the first snapshots"));
        commit(List.of(), model.takeSnapshots(PARTITION));
        commit(model.write(TODOS, KEYS.get(2), "in the second"));
        commit(List.of(), model.takeSnapshots(PARTITION));
        commit(model.write(NOTES, KEYS.get(3), "after both"));

        reopen();

        Recovery.Partition found = recovery().partitions().get(PARTITION);
        assertThat(found.sums()).isEqualTo(model.sums(PARTITION)).isEqualTo(rebuildSums(PARTITION));
        assertThat(found.snapshotSequence()).isEqualTo(3);
    }

    @Test
    void storedSumsAreTakenAtTheirWord() throws Exception {
        commit(model.write(TODOS, KEYS.getFirst(), "x"));
        var invented = new LeafSums();
        invented.add(new LeafDelta(9, 9, 9, 9));

        commit(List.of(), List.of(new SumsSnapshot(PARTITION, TODOS, invented, 1)));
        reopen();

        assertThat(recovery().partitions().get(PARTITION).sums())
                .isEqualTo(Map.of(TODOS, invented));
        assertThat(rebuildSums(PARTITION)).isEqualTo(model.sums(PARTITION));
    }

    @Test
    void aClosedStoreRefusesEverything() {
        Change change = model.write(TODOS, KEYS.getFirst(), "x");

        store().close();

        assertThat(failureOf(() -> commit(change)).problem()).isEqualTo(Problem.CLOSED);
        assertThat(failureOf(() -> store().read(TODOS, KEYS.getFirst())).problem())
                .isEqualTo(Problem.CLOSED);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#few")
    void theStoreEqualsTheNaiveModel(long seed) throws Exception {
        var random = new SplittableRandom(seed);
        List<MapName> maps = List.of(TODOS, NOTES, new MapName("\u00fcber"));
        List<Key> keys = new ArrayList<>(KEYS);
        keys.addAll(RecordModel.keysIn(PARTITION + 1, 5));
        keys.addAll(RecordModel.keysIn(Partitions.COUNT - 1, 2));

        for (int round = 0; round < 60; round++) {
            List<Change> changes = new ArrayList<>();
            for (int i = random.nextInt(6); i > 0; i--) {
                String text = random.nextInt(4) == 0 ? null : "v".repeat(random.nextInt(9));
                Key key = keys.get(random.nextInt(keys.size()));
                changes.add(model.write(maps.get(random.nextInt(maps.size())), key, text));
            }
            List<SumsSnapshot> sums = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                Key key = keys.get(random.nextInt(keys.size()));
                sums.addAll(model.takeSnapshots(key.partition()));
            }
            commit(changes, sums);
            if (random.nextInt(15) == 0) {
                reopen();
                requireRecovered(keys);
            }
        }

        for (MapName map : maps) {
            for (Key key : keys) {
                assertThat(store().read(map, key)).isEqualTo(model.read(map, key));
                assertThat(scan(map, key.partition())).isEqualTo(model.scan(map, key.partition()));
            }
        }
        requireLogs(keys);
    }

    private void requireRecovered(List<Key> keys) {
        for (Key key : keys) {
            int partition = key.partition();
            Recovery.Partition found = recovery().partitions().get(partition);
            assertThat(found.lastSequence()).isEqualTo(model.lastSequence(partition));
            assertThat(found.sums())
                    .isEqualTo(model.sums(partition))
                    .isEqualTo(rebuildSums(partition));
        }
    }

    private void requireLogs(List<Key> keys) {
        for (Key key : keys) {
            int partition = key.partition();
            var log = logBack(partition, Stamp.NONE);
            List<LogEntry> whole = model.logBack(partition, Stamp.NONE);
            assertThat(log.entries).isEqualTo(whole.subList(0, log.entries.size()));
            assertThat(log.complete).isEqualTo(log.entries.size() == whole.size());
            assertThat(log.entries)
                    .hasSizeGreaterThanOrEqualTo(Math.min(LOG_ENTRIES, whole.size()));
        }
    }

    private void commit(Change... changes) {
        await(commitAsync(Arrays.asList(changes), List.of(), List.of()));
    }

    private void commit(List<Change> changes, List<SumsSnapshot> sums) {
        await(commitAsync(changes, sums, List.of()));
    }

    private CompletableFuture<Void> commitAsync(
            List<Change> changes, List<SumsSnapshot> sums, List<MetaEntry> meta) {
        return store().commit(new CommitBatch(store().epoch(), changes, sums, meta))
                .toCompletableFuture();
    }

    /** Fails like the stage, and not with a wrapper. */
    static void await(CompletionStage<Void> stage) {
        try {
            stage.toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreException failure) {
                throw failure;
            }
            throw new AssertionError(e);
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    static StoreException failureOf(ThrowingCallable call) {
        StoreException failure = catchThrowableOfType(StoreException.class, call);
        assertThat(failure).isNotNull();
        return failure;
    }

    private List<Entry> scan(MapName map, int partition) {
        List<Entry> found = new ArrayList<>();
        store().scan(map, partition, (key, stored) -> found.add(new Entry(key, stored)));
        return found;
    }

    private record Log(List<LogEntry> entries, boolean complete) {}

    private Log logBack(int partition, Stamp since) {
        List<LogEntry> entries = new ArrayList<>();
        boolean complete = store().scanLogBack(partition, since, entries::add);
        return new Log(entries, complete);
    }
}
