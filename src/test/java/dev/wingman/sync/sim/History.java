package dev.wingman.sync.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Value;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.RecordStore;
import dev.wingman.storage.StoredRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What clients wrote, what reached the disk and what was acknowledged, and with it the judgement of
 * everything that the server says:
 *
 * <ul>
 *   <li>nothing is shown to anybody before it is on the disk;
 *   <li>what was acknowledged is on the disk, or something later is, and stays there;
 *   <li>every record is one that a client wrote;
 *   <li>the log of a partition has no gap.
 * </ul>
 */
final class History {
    private record Place(MapName map, Key key) {}

    /** Of a place, the records that clients wrote. */
    private final Map<Place, Map<Timestamp, LwwRecord<Value>>> issued = new LinkedHashMap<>();

    private final Map<Place, Map<Timestamp, LwwRecord<Value>>> durable = new HashMap<>();
    private final Map<Place, Timestamp> acknowledged = new LinkedHashMap<>();

    /** Values name their write, so that a row can be told from any other. */
    private final Map<Datum, Place> durableValues = new HashMap<>();

    private final Map<Integer, Long> lastSequences = new HashMap<>();
    private @Nullable AssertionError violation;

    void issued(MapName map, Key key, LwwRecord<Value> record) {
        issued.computeIfAbsent(new Place(map, key), _ -> new LinkedHashMap<>())
                .put(record.timestamp(), record);
    }

    /** Called where an exception would be taken for one of the store. */
    void stored(List<Change> changes) {
        try {
            requireSound(changes);
        } catch (AssertionError e) {
            violation = violation == null ? e : violation;
        }
    }

    /** Throws what was found wrong where nothing could be thrown. */
    void requireSound() {
        if (violation != null) {
            throw violation;
        }
    }

    private void requireSound(List<Change> changes) {
        for (Change change : changes) {
            long expected = lastSequences.getOrDefault(change.partition(), 0L) + 1;
            assertThat(change.stored().sequence()).isEqualTo(expected);
            lastSequences.put(change.partition(), expected);

            var place = new Place(change.map(), change.key());
            LwwRecord<Value> record = change.stored().record();
            assertThat(record)
                    .isEqualTo(issued.getOrDefault(place, Map.of()).get(record.timestamp()));
            durable.computeIfAbsent(place, _ -> new HashMap<>()).put(record.timestamp(), record);
            if (record.value() != null) {
                durableValues.put(Datum.of(record.value()), place);
            }
        }
    }

    long lastSequence(int partition) {
        return lastSequences.getOrDefault(partition, 0L);
    }

    /** The server shows a record to somebody. */
    void shown(MapName map, Key key, LwwRecord<Value> record) {
        assertThat(durable.getOrDefault(new Place(map, key), Map.of()).get(record.timestamp()))
                .as("a record that is shown is on the disk")
                .isEqualTo(record);
    }

    /** The server shows a row of a query. */
    void shown(Key key, Datum value) {
        Place place = durableValues.get(value);
        assertThat(place).as("a row that is shown is on the disk").isNotNull();
        assertThat(Objects.requireNonNull(place).key).isEqualTo(key);
    }

    /** As the other; /sync leaves the keys out. */
    void shown(Datum value) {
        assertThat(durableValues).as("a row that is shown is on the disk").containsKey(value);
    }

    void acknowledged(MapName map, Key key, Timestamp written, RecordStore store) {
        var place = new Place(map, key);
        Timestamp before = acknowledged.get(place);
        if (before == null || written.isAfter(before)) {
            acknowledged.put(place, written);
        }
        requireKept(place, written, store);
    }

    void requireAllAcknowledgedKept(RecordStore store) {
        acknowledged.forEach((place, written) -> requireKept(place, written, store));
    }

    private static void requireKept(Place place, Timestamp written, RecordStore store) {
        StoredRecord stored = store.read(place.map, place.key);
        assertThat(stored).as("an acknowledged write is on the disk").isNotNull();
        assertThat(Objects.requireNonNull(stored).record().timestamp())
                .isGreaterThanOrEqualTo(written);
    }

    /** What a map must hold once every client has got everything through. */
    Map<Key, LwwRecord<Value>> finalState(MapName map) {
        Map<Key, LwwRecord<Value>> state = new LinkedHashMap<>();
        issued.forEach((place, records) -> {
            if (place.map.equals(map)) {
                state.put(place.key, latest(records));
            }
        });
        return state;
    }

    private static LwwRecord<Value> latest(Map<Timestamp, LwwRecord<Value>> records) {
        LwwRecord<Value> latest = null;
        for (LwwRecord<Value> record : records.values()) {
            latest = record.supersedes(latest) ? record : latest;
        }
        return Objects.requireNonNull(latest);
    }

    /** The rows that a client must see in the end, the naive way. */
    Map<Key, Datum> rows(Question question, long nowMillis) {
        List<Map.Entry<Key, Datum>> rows = new ArrayList<>();
        finalState(question.map())
                .forEach((key, record) -> {
                    Datum value = valueAt(nowMillis, record);
                    if (value != null && question.matches(Frame.of(value))) {
                        rows.add(Map.entry(key, value));
                    }
                });
        rows.sort(question.order());
        Map<Key, Datum> first = new LinkedHashMap<>();
        for (Map.Entry<Key, Datum> row : rows.subList(0, Math.min(rows.size(), question.limit()))) {
            first.put(row.getKey(), row.getValue());
        }
        return first;
    }

    private static @Nullable Datum valueAt(long nowMillis, LwwRecord<Value> record) {
        Value value = record.value();
        return value == null || record.isExpired(nowMillis) ? null : Datum.of(value);
    }
}
