package dev.wingman.storage;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import java.util.List;

/**
 * What becomes durable together.
 *
 * @param epoch {@link RecordStore#epoch} at the time the batch was begun: after a failed commit the
 *     batches that were built on it must fail too
 * @param sums snapshots that spare the next start reading the log before them. Those of a partition
 *     are given together, for every map that changed in it since the previous ones: recovery goes
 *     on from the latest snapshot of the partition, and the log before that may be cut
 * @param meta small values of the server's own
 */
public record CommitBatch(
        long epoch, List<Change> changes, List<SumsSnapshot> sums, List<MetaEntry> meta) {
    /**
     * One accepted write.
     *
     * @param delta what it does to the sums of its map in its partition
     */
    public record Change(MapName map, Key key, StoredRecord stored, LeafDelta delta) {
        public int partition() {
            return key.partition();
        }
    }

    /**
     * The sums of one map in one partition.
     *
     * @param sequence of the last change that is in them
     */
    public record SumsSnapshot(int partition, MapName map, LeafSums sums, long sequence) {}

    @SuppressWarnings("ArrayRecordComponent") // written at once, never compared
    public record MetaEntry(String key, byte[] value) {}
}
