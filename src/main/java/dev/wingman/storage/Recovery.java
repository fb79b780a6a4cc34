package dev.wingman.storage;

import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.MapName;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * What a store found when it was opened.
 *
 * @param partitions one for each of the 271, by number
 * @param took time spent
 */
public record Recovery(List<Partition> partitions, Duration took) {
    /**
     * @param lastSequence of its log; 0 when it is empty
     * @param lastReceived stamp of the last change; {@link Stamp#NONE} when there is none
     * @param snapshotSequence of the partition's latest stored sums: the log after it was replayed;
     *     0 when there are none or they were of no use, so that all count as changed
     * @param sums by map
     */
    public record Partition(
            long lastSequence,
            Stamp lastReceived,
            long snapshotSequence,
            Map<MapName, LeafSums> sums) {}

    /** Records with a value and tombstones. */
    public long records() {
        long records = 0;
        for (Partition partition : partitions) {
            for (LeafSums sums : partition.sums().values()) {
                records += sums.liveCount() + sums.tombstoneCount();
            }
        }
        return records;
    }
}
