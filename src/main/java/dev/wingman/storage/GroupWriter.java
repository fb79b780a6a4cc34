package dev.wingman.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wingman.protocol.MapName;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.CommitBatch.MetaEntry;
import dev.wingman.storage.CommitBatch.SumsSnapshot;
import dev.wingman.storage.RocksDatabase.Family;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Turns commit batches into one write of RocksDB, with the map names and the cutting of the log
 * that go with them.
 *
 * <p>Confined to the committer.
 */
final class GroupWriter implements AutoCloseable {
    private static final int INITIAL_BUFFER_BYTES = 4 << 10;

    private final RocksDatabase database;
    private final MapIds maps;
    private final PartitionLog[] logs;
    private final int logLimit;
    private final boolean sync;
    private final WriteBatch batch = new WriteBatch();

    /**
     * Direct, so that nothing is copied on the way into native code; grow to the largest record.
     */
    private ByteBuffer keyBuffer = ByteBuffer.allocateDirect(INITIAL_BUFFER_BYTES);

    private ByteBuffer valueBuffer = ByteBuffer.allocateDirect(INITIAL_BUFFER_BYTES);

    GroupWriter(RocksDatabase database, MapIds maps, PartitionLog[] logs, StoreOptions options) {
        this.database = database;
        this.maps = maps;
        this.logs = logs;
        logLimit = options.logEntriesPerPartition();
        sync = options.durability() == Durability.COMMIT;
    }

    /** All or nothing; nothing when it throws. */
    void write(List<CommitBatch> group) {
        batch.clear();
        maps.discard();
        Map<Integer, PartitionLog> next;
        try {
            for (CommitBatch each : group) {
                putChanges(each.changes());
                putMeta(each.meta());
            }
            next = putSums(group);
            putMapNames();
        } catch (RocksDBException e) {
            throw RocksDatabase.failed("collect a batch", e);
        }
        database.write(batch, sync);
        maps.confirm();
        apply(group, next);
    }

    private void putChanges(List<Change> changes) throws RocksDBException {
        for (Change change : changes) {
            int mapId = maps.allot(change.map());
            byte[] key = change.key().value().getBytes(UTF_8);
            StoredRecord stored = change.stored();

            keyBuffer = cleared(keyBuffer, KeyFormat.RECORD_FIXED_BYTES + key.length);
            KeyFormat.putRecordKey(keyBuffer, change.partition(), mapId, change.key().hash(), key);
            valueBuffer = cleared(valueBuffer, RecordFormat.maxSize(stored));
            RecordFormat.encode(stored, valueBuffer);
            put(Family.RECORDS);

            keyBuffer.clear();
            KeyFormat.putLogKey(keyBuffer, change.partition(), stored.sequence());
            valueBuffer = cleared(valueBuffer, LogFormat.FIXED_BYTES + key.length);
            LogFormat.encode(mapId, change.delta(), stored.receivedAt(), key, valueBuffer);
            put(Family.LOG);
        }
    }

    private static ByteBuffer cleared(ByteBuffer buffer, int bytes) {
        if (buffer.capacity() >= bytes) {
            return buffer.clear();
        }
        return ByteBuffer.allocateDirect(Math.max(bytes, 2 * buffer.capacity()));
    }

    private void put(Family family) throws RocksDBException {
        batch.put(database.handle(family), keyBuffer.flip(), valueBuffer.flip());
    }

    private void putMeta(List<MetaEntry> entries) throws RocksDBException {
        for (MetaEntry entry : entries) {
            batch.put(
                    database.handle(Family.META), KeyFormat.metaEntry(entry.key()), entry.value());
        }
    }

    /** Again with every batch until one that has them is written. */
    private void putMapNames() throws RocksDBException {
        for (Map.Entry<MapName, Integer> map : maps.tentative().entrySet()) {
            batch.put(
                    database.handle(Family.META),
                    KeyFormat.mapName(map.getValue()),
                    map.getKey().value().getBytes(UTF_8));
        }
    }

    /**
     * Puts the snapshots and, because only they allow it, cuts the log.
     *
     * @return the logs of the partitions with snapshots as they are once the group is written
     */
    private Map<Integer, PartitionLog> putSums(List<CommitBatch> group) throws RocksDBException {
        Map<Integer, PartitionLog> next = new HashMap<>();
        for (CommitBatch each : group) {
            for (SumsSnapshot snapshot : each.sums()) {
                next.computeIfAbsent(snapshot.partition(), p -> logs[p].copy());
            }
        }
        if (next.isEmpty()) {
            return next;
        }
        for (CommitBatch each : group) {
            for (Change change : each.changes()) {
                PartitionLog log = next.get(change.partition());
                if (log != null) {
                    log.append(change.stored().sequence());
                }
            }
            for (SumsSnapshot snapshot : each.sums()) {
                putSnapshot(snapshot, next);
            }
        }
        for (Map.Entry<Integer, PartitionLog> entry : next.entrySet()) {
            cut(entry.getKey(), entry.getValue());
        }
        return next;
    }

    private void putSnapshot(SumsSnapshot snapshot, Map<Integer, PartitionLog> next)
            throws RocksDBException {
        Integer mapId = maps.idOrTentative(snapshot.map());
        PartitionLog log = next.get(snapshot.partition());
        if (mapId == null || log == null) {
            return;
        }
        batch.put(
                database.handle(Family.META),
                KeyFormat.sums(snapshot.partition(), mapId),
                SumsFormat.encode(snapshot.sequence(), snapshot.sums()));
        log.cover(snapshot.sequence());
    }

    private void cut(int partition, PartitionLog log) throws RocksDBException {
        long keepFrom = log.keepFrom(logLimit);
        if (keepFrom > log.first()) {
            batch.deleteRange(
                    database.handle(Family.LOG),
                    KeyFormat.logKey(partition, log.first()),
                    KeyFormat.logKey(partition, keepFrom));
            log.cutTo(keepFrom);
        }
    }

    private void apply(List<CommitBatch> group, Map<Integer, PartitionLog> next) {
        for (CommitBatch each : group) {
            for (Change change : each.changes()) {
                if (!next.containsKey(change.partition())) {
                    logs[change.partition()].append(change.stored().sequence());
                }
            }
        }
        next.forEach((partition, log) -> logs[partition] = log);
    }

    @Override
    public void close() {
        batch.close();
    }
}
