package dev.wingman.sync;

import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.ServerMessage.Entry;
import dev.wingman.storage.RecordStore;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * As many entries of one leaf of a map's trie, tombstones included, as fit one answer; {@link
 * #next} says where the part after it begins.
 *
 * <p>Not thread-safe: one stripe at a time.
 */
final class LeafPart {
    /**
     * Where a part begins.
     *
     * @param after the last key of the part before it, in that partition; null when it has none
     */
    record Position(int partition, @Nullable Key after) {
        static final Position START = new Position(0, null);
    }

    private final MapName map;
    private final int leaf;
    private final long maxBytes;
    private final List<Entry> entries = new ArrayList<>();
    private long bytes;
    private @Nullable Position next;

    /**
     * @param leaf 0..4095
     * @param maxBytes of the entries together; a single one may be larger
     */
    LeafPart(MapName map, int leaf, long maxBytes) {
        this.map = map;
        this.leaf = leaf;
        this.maxBytes = maxBytes;
    }

    MapName map() {
        return map;
    }

    int leaf() {
        return leaf;
    }

    List<Entry> entries() {
        return entries;
    }

    /** Null when no entry was left out. */
    @Nullable Position next() {
        return next;
    }

    /** Reads one partition, or as much of it as there is room for. */
    void collect(RecordStore store, Position from) {
        Key[] last = {from.after()};
        store.scanLeaf(
                map,
                from.partition(),
                leaf,
                from.after(),
                (key, stored) -> {
                    var entry = new Entry(key, stored.record());
                    if (!entries.isEmpty() && entry.sizeBytes() > maxBytes - bytes) {
                        next = new Position(from.partition(), last[0]);
                        return false;
                    }
                    entries.add(entry);
                    bytes += entry.sizeBytes();
                    last[0] = key;
                    return true;
                });
    }
}
