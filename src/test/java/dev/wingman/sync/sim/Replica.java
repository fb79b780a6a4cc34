package dev.wingman.sync.sim;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.Value;
import java.util.LinkedHashMap;
import java.util.Map;

/** A client's copy of a map. */
final class Replica {
    private final Map<Key, LwwRecord<Value>> records = new LinkedHashMap<>();

    void merge(Key key, LwwRecord<Value> record) {
        if (record.supersedes(records.get(key))) {
            records.put(key, record);
        }
    }

    Map<Key, LwwRecord<Value>> records() {
        return records;
    }

    LeafSums sums() {
        var sums = new LeafSums();
        records.forEach((key, record) -> sums.add(LeafDelta.of(key.value(), null, record)));
        return sums;
    }
}
