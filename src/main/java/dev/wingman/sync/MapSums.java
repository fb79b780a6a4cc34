package dev.wingman.sync;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Partitions;
import dev.wingman.storage.CommitBatch.SumsSnapshot;
import dev.wingman.storage.Recovery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The leaf sums of every map, for the partitions of one stripe: per partition, because that is what
 * is stored and what travels, and added up per map, because that is what a client asks for.
 *
 * <p>Confined to its stripe.
 */
final class MapSums {
    /** After so many changes a partition's sums are due to be stored, which shortens recovery. */
    static final int CHANGES_PER_SNAPSHOT = 2048;

    private static final LeafSums EMPTY = new LeafSums();

    private final Map<MapName, OfMap> maps = new HashMap<>();

    /** By partition; null where every change is in a stored snapshot. */
    private final @Nullable Unstored[] unstored = new Unstored[Partitions.COUNT];

    private static final class OfMap {
        final LeafSums total = new LeafSums();
        final @Nullable LeafSums[] byPartition = new LeafSums[Partitions.COUNT];

        LeafSums of(int partition) {
            LeafSums sums = byPartition[partition];
            if (sums == null) {
                sums = new LeafSums();
                byPartition[partition] = sums;
            }
            return sums;
        }
    }

    /** What changed in a partition since its sums were stored. */
    private static final class Unstored {
        final Set<MapName> maps = new HashSet<>();
        int changes;
    }

    void restore(int partition, Recovery.Partition recovered) {
        recovered
                .sums()
                .forEach((map, sums) -> {
                    OfMap ofMap = maps.computeIfAbsent(map, _ -> new OfMap());
                    ofMap.byPartition[partition] = sums;
                    ofMap.total.add(sums);
                });
        long replayed = recovered.lastSequence() - recovered.snapshotSequence();
        if (replayed > 0) {
            // Which maps the replayed entries touched is not kept, so all count as changed.
            Unstored changed = unstoredOf(partition);
            changed.maps.addAll(recovered.sums().keySet());
            changed.changes = (int) Math.min(replayed, CHANGES_PER_SNAPSHOT);
        }
    }

    void add(MapName map, int partition, LeafDelta delta) {
        OfMap ofMap = maps.computeIfAbsent(map, _ -> new OfMap());
        ofMap.of(partition).add(delta);
        ofMap.total.add(delta);
        Unstored changed = unstoredOf(partition);
        changed.maps.add(map);
        changed.changes++;
    }

    /**
     * The map's sums over the partitions of this stripe. The caller must not keep or change them.
     */
    LeafSums total(MapName map) {
        OfMap ofMap = maps.get(map);
        return ofMap == null ? EMPTY : ofMap.total;
    }

    boolean isOccupied(MapName map, int partition, int leaf) {
        OfMap ofMap = maps.get(map);
        LeafSums sums = ofMap == null ? null : ofMap.byPartition[partition];
        return sums != null && sums.isOccupied(leaf);
    }

    /** Whether the map has any entry in the partition. */
    boolean isPresent(MapName map, int partition) {
        OfMap ofMap = maps.get(map);
        return ofMap != null && ofMap.byPartition[partition] != null;
    }

    boolean isSnapshotDue(int partition) {
        Unstored changed = unstored[partition];
        return changed != null && changed.changes >= CHANGES_PER_SNAPSHOT;
    }

    /**
     * The sums to store for a partition: of every map that changed since the last time, as the
     * store's recovery relies on.
     *
     * @param sequence of the last change that is in the sums
     */
    List<SumsSnapshot> takeSnapshots(int partition, long sequence) {
        Unstored changed = unstored[partition];
        if (changed == null) {
            return List.of();
        }
        unstored[partition] = null;
        var snapshots = new ArrayList<SumsSnapshot>(changed.maps.size());
        for (MapName map : changed.maps) {
            LeafSums sums = maps.computeIfAbsent(map, _ -> new OfMap()).of(partition).copy();
            snapshots.add(new SumsSnapshot(partition, map, sums, sequence));
        }
        return snapshots;
    }

    /** Takes snapshots back that did not become durable after all. */
    void markUnstored(List<SumsSnapshot> lost) {
        for (SumsSnapshot snapshot : lost) {
            Unstored changed = unstoredOf(snapshot.partition());
            changed.maps.add(snapshot.map());
            changed.changes = CHANGES_PER_SNAPSHOT;
        }
    }

    /** Partitions with changes that no stored snapshot has. */
    List<Integer> partitionsToStore() {
        List<Integer> partitions = new ArrayList<>();
        for (int p = 0; p < Partitions.COUNT; p++) {
            if (unstored[p] != null) {
                partitions.add(p);
            }
        }
        return partitions;
    }

    private Unstored unstoredOf(int partition) {
        Unstored changed = unstored[partition];
        if (changed == null) {
            changed = new Unstored();
            unstored[partition] = changed;
        }
        return changed;
    }
}
