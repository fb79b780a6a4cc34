package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.ServerMessage.Entry;
import dev.wingman.protocol.Value;
import dev.wingman.storage.CommitBatch;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.CommitBatch.SumsSnapshot;
import dev.wingman.storage.InMemoryRecordStore;
import dev.wingman.storage.StoredRecord;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class MapDeltaTest {
    private static final int LOG_ENTRIES = 4;
    private static final Stamp FAR = new Stamp(1_000, 0);
    private static final Key A = new Key("a");
    private static final Key B = inPartitionOfA("b");
    private static final Key C = inPartitionOfA("c");
    private static final int PARTITION = A.partition();

    private final InMemoryRecordStore store = new InMemoryRecordStore(Runnable::run, LOG_ENTRIES);
    private long sequence;

    private static Key inPartitionOfA(String prefix) {
        int i = 0;
        while (new Key(prefix + i).partition() != A.partition()) {
            i++;
        }
        return new Key(prefix + i);
    }

    private LwwRecord<Value> commit(Key key, long receivedMillis, long writtenMillis) {
        return commit(Rig.TODOS, key, receivedMillis, writtenMillis);
    }

    private LwwRecord<Value> commit(MapName map, Key key, long receivedMillis, long writtenMillis) {
        LwwRecord<Value> record = Rig.record(writtenMillis, Rig.number(receivedMillis));
        commit(List.of(change(map, key, receivedMillis, record)), List.of());
        return record;
    }

    private Change change(Key key, long receivedMillis, LwwRecord<Value> record) {
        return change(Rig.TODOS, key, receivedMillis, record);
    }

    private Change change(MapName map, Key key, long receivedMillis, LwwRecord<Value> record) {
        StoredRecord before = store.read(map, key);
        var stored = new StoredRecord(record, ++sequence, new Stamp(receivedMillis, 0));
        var delta = LeafDelta.of(key.value(), before == null ? null : before.record(), record);
        return new Change(map, key, stored, delta);
    }

    private void commit(List<Change> changes, List<SumsSnapshot> sums) {
        store.commit(new CommitBatch(0, changes, sums, List.of())).toCompletableFuture().join();
    }

    private MapDelta delta(Stamp since, int limit, Stamp closed) {
        var delta = new MapDelta(Rig.TODOS, since, limit, Long.MAX_VALUE);
        delta.collect(store, PARTITION, new Stamp(999, 0));
        delta.closedAt(closed);
        return delta;
    }

    private static Stamp at(long millis) {
        return new Stamp(millis, 0);
    }

    @Test
    void withoutAStampTheWholeMapIsTold() {
        LwwRecord<Value> a = commit(A, 10, 1);
        LwwRecord<Value> b = commit(B, 11, 2);

        MapDelta delta = delta(Stamp.NONE, 10, FAR);

        assertThat(delta.entries()).containsExactly(new Entry(A, a), new Entry(B, b));
        assertThat(delta.until()).isEqualTo(at(11));
    }

    @Test
    void afterAStampOnlyWhatCameLaterIsTold() {
        commit(A, 10, 1);
        LwwRecord<Value> b = commit(B, 11, 2);

        MapDelta delta = delta(at(10), 10, FAR);

        assertThat(delta.entries()).containsExactly(new Entry(B, b));
    }

    @Test
    void aWriteMadeLongAgoThatArrivesNowIsTold() {
        commit(A, 10, 9);
        LwwRecord<Value> late = commit(B, 11, 1);

        MapDelta delta = delta(at(10), 10, FAR);

        assertThat(delta.entries()).containsExactly(new Entry(B, late));
    }

    @Test
    void anEntryThatChangedTwiceIsToldOnceAsItIs() {
        commit(A, 10, 1);
        commit(B, 11, 2);
        LwwRecord<Value> again = commit(A, 12, 3);

        MapDelta delta = delta(at(10), 10, FAR);

        assertThat(delta.entries()).extracting(Entry::key).containsExactly(B, A);
        assertThat(delta.entries().getLast().record()).isEqualTo(again);
    }

    @Test
    void otherMapsDoNotConcernIt() {
        commit(Rig.NOTES, A, 10, 1);

        MapDelta fromLog = delta(at(9), 10, FAR);
        MapDelta fromRecords = delta(Stamp.NONE, 10, FAR);

        assertThat(fromLog.entries()).isEmpty();
        assertThat(fromRecords.entries()).isEmpty();
    }

    @Test
    void whatTheLogNoLongerReachesIsFoundAmongTheRecords() {
        commit(C, 10, 1);
        LwwRecord<Value> b = commit(B, 11, 1);
        for (int i = 0; i < 3 * LOG_ENTRIES; i++) {
            commit(A, 20 + i, 2 + i);
        }
        cutLog();

        MapDelta delta = delta(at(10), 10, FAR);

        assertThat(store.scanLogBack(PARTITION, at(10), _ -> true)).isFalse();
        assertThat(delta.entries()).extracting(Entry::key).containsExactly(B, A);
        assertThat(delta.entries().getFirst().record()).isEqualTo(b);
    }

    private void cutLog() {
        var sums = Objects.requireNonNull(store.rebuildSums(PARTITION).get(Rig.TODOS));
        commit(List.of(), List.of(new SumsSnapshot(PARTITION, Rig.TODOS, sums, sequence)));
    }

    @Test
    void whatIsTooMuchIsToldFromTheEarliestOnAndTheRestNextTime() {
        commit(A, 10, 3);
        commit(B, 11, 2);
        commit(C, 12, 1);
        MapDelta first = delta(at(9), 2, FAR);

        MapDelta second = delta(first.until(), 2, FAR);

        assertThat(first.entries()).extracting(Entry::key).containsExactly(A, B);
        assertThat(first.until()).isEqualTo(at(11));
        assertThat(second.entries()).extracting(Entry::key).containsExactly(C);
    }

    @Test
    void itReachesNoFurtherThanWhatEveryStripeCouldSee() {
        commit(A, 10, 1);
        commit(B, 12, 1);

        MapDelta delta = delta(at(9), 10, at(11));
        delta.closedAt(at(500));

        assertThat(delta.until()).isEqualTo(at(11));
    }

    /** The clock may have run ahead of the disk, and a crash takes it back there. */
    @Test
    void itReachesNoFurtherThanTheLatestEntryOnTheDisk() {
        commit(A, 10, 1);

        MapDelta delta = delta(at(9), 10, FAR);

        assertThat(delta.until()).isEqualTo(at(10));
    }

    @Test
    void withoutEntriesItReachesWhereItBegan() {
        MapDelta delta = delta(at(9), 10, FAR);

        assertThat(delta.until()).isEqualTo(at(9));
    }

    @Test
    void aPartitionWithoutNewsIsNotRead() {
        commit(A, 10, 1);
        var delta = new MapDelta(Rig.TODOS, at(10), 10, Long.MAX_VALUE);

        long read = delta.collect(store, PARTITION, at(10));

        assertThat(read).isZero();
        assertThat(delta.entries()).isEmpty();
    }

    @Test
    void whatItLookedAtIsCounted() {
        long one = Stripe.BYTES_PER_RECORD + Rig.number(10).sizeBytes();
        commit(A, 10, 1);
        commit(B, 11, 1);

        assertThat(read(Stamp.NONE)).isEqualTo(2 * one);
        assertThat(read(at(10))).isEqualTo(Stripe.BYTES_PER_RECORD + one);
    }

    /** The record that is left out may be larger than those received after it. */
    @Test
    void nothingBehindARecordThatHasNoRoomIsToldBeforeIt() {
        commit(A, 10, 1);
        LwwRecord<Value> large = Rig.record(2, Value.ofEncoded(new byte[1_000]));
        commit(List.of(change(B, 11, large)), List.of());
        commit(C, 12, 3);

        MapDelta first = inBytes(at(9), 500);
        MapDelta second = inBytes(first.until(), 500);
        MapDelta third = inBytes(second.until(), 500);

        assertThat(first.entries()).extracting(Entry::key).containsExactly(A);
        assertThat(second.entries()).containsExactly(new Entry(B, large));
        assertThat(third.entries()).extracting(Entry::key).containsExactly(C);
        assertThat(first.bytes()).isEqualTo(first.entries().getFirst().sizeBytes());
    }

    private MapDelta inBytes(Stamp since, long maxBytes) {
        var delta = new MapDelta(Rig.TODOS, since, 10, maxBytes);
        delta.collect(store, PARTITION, FAR);
        delta.closedAt(FAR);
        return delta;
    }

    private long read(Stamp since) {
        return new MapDelta(Rig.TODOS, since, 10, Long.MAX_VALUE).collect(store, PARTITION, FAR);
    }
}
