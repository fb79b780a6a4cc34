package dev.wingman.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Value;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.RecordStore.LogEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a store should hold, kept the naive way, and the author of the changes that get it there.
 */
final class RecordModel {
    record Place(MapName map, Key key) {}

    record Entry(Key key, StoredRecord stored) {}

    private static final Comparator<Entry> BY_HASH_AND_KEY =
            Comparator.comparing((Entry entry) -> entry.key.hash(), Integer::compareUnsigned)
                    .thenComparing(
                            entry -> entry.key.value().getBytes(UTF_8), Arrays::compareUnsigned);

    private final Map<Place, StoredRecord> records = new LinkedHashMap<>();
    private final Map<Integer, List<LogEntry>> logs = new HashMap<>();

    /** Maps that changed in a partition since its last snapshots. */
    private final Map<Integer, Set<MapName>> changed = new HashMap<>();

    private long millis = 1_000;

    /** The first {@code count} keys of the form {@code k<number>} that fall into the partition. */
    static List<Key> keysIn(int partition, int count) {
        List<Key> keys = new ArrayList<>();
        for (int i = 0; keys.size() < count; i++) {
            var key = new Key("k" + i);
            if (key.partition() == partition) {
                keys.add(key);
            }
        }
        return keys;
    }

    /** Keys that share a leaf, and so 12 of the 32 bits of their hash. */
    static List<Key> keysInLeaf(int partition, int leaf, int count) {
        List<Key> keys = new ArrayList<>();
        for (int i = 0; keys.size() < count; i++) {
            var key = new Key("k" + i);
            if (MerkleTrie.leafOf(key.hash()) == leaf && key.partition() == partition) {
                keys.add(key);
            }
        }
        return keys;
    }

    /** Writes a text, or removes with null, at the model's next millisecond. */
    Change write(MapName map, Key key, @Nullable String text) {
        millis++;
        Value value = text == null ? null : Value.ofEncoded(text.getBytes(UTF_8));
        var record = new LwwRecord<>(value, new Timestamp(millis, 7, "node"), millis % 3);
        List<LogEntry> log = logs.computeIfAbsent(key.partition(), _ -> new ArrayList<>());
        long sequence = log.size() + 1L;
        var receivedAt = new Stamp(millis, 1);
        var stored = new StoredRecord(record, sequence, receivedAt);
        StoredRecord before = records.put(new Place(map, key), stored);
        log.add(new LogEntry(sequence, map, key, receivedAt));
        changed.computeIfAbsent(key.partition(), _ -> new LinkedHashSet<>()).add(map);
        LwwRecord<Value> present = before == null ? null : before.record();
        return new Change(map, key, stored, LeafDelta.of(key.value(), present, record));
    }

    /** For a change that may fail: this model goes on without it. */
    RecordModel copy() {
        var copy = new RecordModel();
        copy.records.putAll(records);
        logs.forEach((partition, log) -> copy.logs.put(partition, new ArrayList<>(log)));
        changed.forEach(
                (partition, maps) -> copy.changed.put(partition, new LinkedHashSet<>(maps)));
        copy.millis = millis;
        return copy;
    }

    @Nullable StoredRecord read(MapName map, Key key) {
        return records.get(new Place(map, key));
    }

    List<Entry> scan(MapName map, int partition) {
        List<Entry> found = new ArrayList<>();
        records.forEach((place, stored) -> {
            if (place.map.equals(map) && place.key.partition() == partition) {
                found.add(new Entry(place.key, stored));
            }
        });
        found.sort(BY_HASH_AND_KEY);
        return found;
    }

    List<LogEntry> logBack(int partition, Stamp since) {
        return logs.getOrDefault(partition, List.of()).reversed().stream()
                .filter(entry -> entry.receivedAt().isAfter(since))
                .toList();
    }

    long lastSequence(int partition) {
        return logs.getOrDefault(partition, List.of()).size();
    }

    Map<MapName, LeafSums> sums(int partition) {
        Map<MapName, LeafSums> sums = new HashMap<>();
        records.forEach((place, stored) -> {
            if (place.key.partition() == partition) {
                sums.computeIfAbsent(place.map, _ -> new LeafSums())
                        .add(LeafDelta.of(place.key.value(), null, stored.record()));
            }
        });
        return sums;
    }

    /** The sums of every map that changed in the partition since the last call. */
    List<CommitBatch.SumsSnapshot> takeSnapshots(int partition) {
        Map<MapName, LeafSums> sums = sums(partition);
        Set<MapName> maps = changed.remove(partition);
        if (maps == null) {
            return List.of();
        }
        return maps.stream()
                .map(map ->
                        new CommitBatch.SumsSnapshot(
                                partition,
                                map,
                                sums.getOrDefault(map, new LeafSums()),
                                lastSequence(partition)))
                .toList();
    }
}
