package dev.wingman.sync;

import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Op;
import dev.wingman.storage.Recovery;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The maps there are. Each takes memory here and a number in the store for good, and any client can
 * name a new one, so there is a limit to them.
 *
 * <p>Thread-safe.
 */
final class MapNames {
    private final int limit;
    private final Set<MapName> names = ConcurrentHashMap.newKeySet();

    /** Of all that were let in; never more than {@link #limit} but for those from the disk. */
    private final AtomicInteger count = new AtomicInteger();

    /**
     * @param limit number of maps, 1 or more
     */
    MapNames(int limit) {
        this.limit = limit;
    }

    /** Those of the store are let in even when they are more than the limit. */
    void restore(Recovery recovery) {
        for (Recovery.Partition partition : recovery.partitions()) {
            names.addAll(partition.sums().keySet());
        }
        count.set(names.size());
    }

    /** The ops, with those refused that would make one map too many. */
    List<Op> admit(List<Op> ops) {
        MapName previous = null;
        for (int i = 0; i < ops.size(); i++) {
            MapName map = mapOf(ops.get(i));
            if (map != null && !map.equals(previous) && !admits(map)) {
                return withoutNewMaps(ops, i);
            }
            previous = map;
        }
        return ops;
    }

    /** All of them, in the order of their names. */
    List<MapName> sorted() {
        return names.stream().sorted(Comparator.comparing(MapName::value)).toList();
    }

    int count() {
        return count.get();
    }

    private List<Op> withoutNewMaps(List<Op> ops, int from) {
        List<Op> admitted = new ArrayList<>(ops.subList(0, from));
        for (Op op : ops.subList(from, ops.size())) {
            MapName map = mapOf(op);
            admitted.add(map == null || admits(map) ? op : refused(op));
        }
        return admitted;
    }

    private Op refused(Op op) {
        return new Op.Invalid(
                op.id(),
                ErrorCode.TOO_LARGE,
                "the server has the most maps it may have: "
                        + limit
                        + "; raise wingman.sync.max-maps");
    }

    private static @Nullable MapName mapOf(Op op) {
        return switch (op) {
            case Op.Write write -> write.map();
            case Op.Remove remove -> remove.map();
            case Op.Invalid _ -> null;
        };
    }

    private boolean admits(MapName map) {
        if (names.contains(map)) {
            return true;
        }
        if (count.getAndUpdate(n -> n < limit ? n + 1 : n) >= limit) {
            return false;
        }
        if (!names.add(map)) {
            count.decrementAndGet(); // another thread let it in meanwhile
        }
        return true;
    }
}
