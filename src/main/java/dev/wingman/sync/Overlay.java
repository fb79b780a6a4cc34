package dev.wingman.sync;

import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.EntryKey;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Partitions;
import dev.wingman.protocol.Value;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.RecordStore;
import dev.wingman.storage.StoredRecord;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The store as the next write must see it: what is in it, and over that the changes that are on
 * their way there. Merges each write against both and numbers those that win.
 *
 * <p>Confined to its stripe.
 */
final class Overlay {
    private final RecordStore store;
    private final HybridLogicalClock clock;
    private final long[] lastSequence = new long[Partitions.COUNT];
    private final Map<EntryKey, StoredRecord> pending = new HashMap<>();

    Overlay(RecordStore store, HybridLogicalClock clock) {
        this.store = store;
        this.clock = clock;
    }

    void restore(int partition, long sequence) {
        lastSequence[partition] = sequence;
    }

    /**
     * @return null when the write loses to what is there
     */
    @Nullable Change write(MapName map, Key key, LwwRecord<Value> record) {
        clock.updateFromClient(record.timestamp().stamp());
        var entry = new EntryKey(map, key);
        LwwRecord<Value> present = present(entry);
        return record.supersedes(present) ? change(entry, present, record) : null;
    }

    /**
     * Removes with a timestamp of our own. What is there may come from a client whose clock is so
     * far ahead that ours did not follow; its removal is the next moment after it.
     */
    Change remove(MapName map, Key key) {
        var entry = new EntryKey(map, key);
        LwwRecord<Value> present = present(entry);
        Timestamp now = clock.now();
        if (present != null && !now.isAfter(present.timestamp())) {
            Stamp next = present.timestamp().stamp().next();
            now = new Timestamp(next.millis(), next.counter(), clock.nodeId());
        }
        return change(entry, present, new LwwRecord<Value>(null, now, 0));
    }

    private @Nullable LwwRecord<Value> present(EntryKey entry) {
        StoredRecord newest = pending.get(entry);
        StoredRecord present = newest != null ? newest : store.read(entry.map(), entry.key());
        return present == null ? null : present.record();
    }

    private Change change(
            EntryKey entry, @Nullable LwwRecord<Value> present, LwwRecord<Value> winner) {
        Key key = entry.key();
        LeafDelta delta = LeafDelta.of(key.value(), present, winner);
        Stamp received = clock.nextStamp();
        var next = new StoredRecord(winner, ++lastSequence[key.partition()], received);
        pending.put(entry, next);
        return new Change(entry.map(), key, next, delta);
    }

    /** The change is in the store now. */
    void stored(Change change) {
        pending.computeIfPresent(
                new EntryKey(change.map(), change.key()),
                (_, newest) -> newest.sequence() > change.stored().sequence() ? newest : null);
    }

    /**
     * Nothing is on its way any more: goes on from what is stored.
     *
     * @param storedSequences the last of each partition
     */
    void startAnew(long[] storedSequences) {
        pending.clear();
        System.arraycopy(storedSequences, 0, lastSequence, 0, Partitions.COUNT);
    }
}
