package dev.wingman.storage;

import dev.wingman.protocol.MapName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The numbers that stand for map names in stored keys.
 *
 * <p>Looking up is thread-safe. Allotting is confined to the committer: a number is tentative until
 * the batch that first uses it is written, and is given out again when that fails.
 */
final class MapIds {
    private final Map<MapName, Integer> ids = new ConcurrentHashMap<>();

    /** Has tentative numbers too: a reader may meet one between the write and its confirmation. */
    private final Map<Integer, MapName> names = new ConcurrentHashMap<>();

    private final Map<MapName, Integer> tentative = new LinkedHashMap<>();
    private int next;

    /** Enters what was read from the disk. */
    void restore(int id, MapName name) {
        ids.put(name, id);
        names.put(id, name);
        next = Math.max(next, id + 1);
    }

    /** Null when nothing was ever stored under that name. */
    @Nullable Integer idOf(MapName name) {
        return ids.get(name);
    }

    MapName nameOf(int id) {
        MapName name = names.get(id);
        if (name == null) {
            throw new StoreException(
                    StoreException.Problem.DAMAGED, "no map has the stored number " + id);
        }
        return name;
    }

    /** The map's number, a tentative one when it has none yet. */
    int allot(MapName name) {
        Integer known = ids.get(name);
        if (known != null) {
            return known;
        }
        int id = tentative.computeIfAbsent(name, _ -> next + tentative.size());
        names.put(id, name);
        return id;
    }

    /** As {@link #idOf}, tentative numbers included. */
    @Nullable Integer idOrTentative(MapName name) {
        Integer known = ids.get(name);
        return known != null ? known : tentative.get(name);
    }

    /** Maps that got a number since {@link #confirm} or {@link #discard}. */
    Map<MapName, Integer> tentative() {
        return tentative;
    }

    void confirm() {
        ids.putAll(tentative);
        next += tentative.size();
        tentative.clear();
    }

    void discard() {
        tentative.clear();
    }
}
