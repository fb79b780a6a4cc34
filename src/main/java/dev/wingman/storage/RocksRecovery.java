package dev.wingman.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Partitions;
import dev.wingman.protocol.Value;
import dev.wingman.storage.RocksDatabase.Family;
import dev.wingman.storage.StoreException.Problem;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/**
 * Finds out what a store holds without reading its records: the stored sums, then the log after
 * them. A partition whose stored sums or log cannot be used has its records read instead.
 */
final class RocksRecovery {
    private static final int FORMAT_VERSION = 1;

    /** In place of a sequence: a snapshot cannot be read. */
    private static final long UNUSABLE = -1;

    private static final Logger LOG = Logger.getLogger(RocksRecovery.class);

    private final RocksDatabase database;
    private final MapIds maps = new MapIds();
    private final PartitionLog[] logs = new PartitionLog[Partitions.COUNT];

    RocksRecovery(RocksDatabase database) {
        this.database = database;
    }

    MapIds maps() {
        return maps;
    }

    PartitionLog[] logs() {
        return logs;
    }

    Recovery run(LongSupplier nanoClock) {
        long began = nanoClock.getAsLong();
        checkFormat();
        readMapNames();
        List<Recovery.Partition> partitions = new ArrayList<>(Partitions.COUNT);
        try (RocksScan meta = database.wholeScan(Family.META);
                RocksScan log = database.wholeScan(Family.LOG)) {
            for (int partition = 0; partition < Partitions.COUNT; partition++) {
                partitions.add(recover(partition, meta, log));
            }
        }
        return new Recovery(
                List.copyOf(partitions), Duration.ofNanos(nanoClock.getAsLong() - began));
    }

    private void checkFormat() {
        byte[] stored = database.get(Family.META, KeyFormat.FORMAT_VERSION);
        if (stored == null) {
            database.requireNew();
            writeFormat();
        } else if (stored.length != Integer.BYTES) {
            throw new StoreException(Problem.DAMAGED, "the format version is not a number");
        } else if (ByteBuffer.wrap(stored).getInt() > FORMAT_VERSION) {
            throw new StoreException(
                    Problem.NEWER_FORMAT,
                    "the store has format %d and this version of Wingman knows %d; use a newer one"
                            .formatted(ByteBuffer.wrap(stored).getInt(), FORMAT_VERSION));
        }
    }

    private void writeFormat() {
        try (WriteBatch batch = new WriteBatch()) {
            batch.put(
                    database.handle(Family.META),
                    KeyFormat.FORMAT_VERSION,
                    ByteBuffer.allocate(Integer.BYTES).putInt(FORMAT_VERSION).array());
            database.write(batch, true);
        } catch (RocksDBException e) {
            throw RocksDatabase.failed("write the format version", e);
        }
    }

    private void readMapNames() {
        try (RocksScan scan = database.scan(Family.META)) {
            scan.from(KeyFormat.MAP_NAMES);
            for (; scan.isIn(KeyFormat.MAP_NAMES); scan.next()) {
                int id = ByteBuffer.wrap(scan.key()).getInt(KeyFormat.MAP_NAMES.length);
                maps.restore(id, new MapName(new String(scan.value(), UTF_8)));
            }
        }
    }

    private Recovery.Partition recover(int partition, RocksScan meta, RocksScan log) {
        Ends ends = findEnds(partition, log);
        Map<MapName, LeafSums> sums = new LinkedHashMap<>();
        long coveredTo = readSnapshots(partition, meta, sums);
        if (coveredTo > ends.last) {
            throw new StoreException(
                    Problem.DAMAGED,
                    "the log of partition %d ends at %d but was known to reach %d"
                            .formatted(partition, ends.last, coveredTo));
        }
        boolean restored =
                coveredTo != UNUSABLE
                        && ends.first <= coveredTo + 1
                        && replay(partition, coveredTo, log, sums);
        if (!restored) {
            LOG.warnf("sums made anew from the records partition=%d", partition);
            sums = rebuild(database, maps, partition);
            coveredTo = 0;
        }
        logs[partition] = new PartitionLog(ends.first, ends.last, coveredTo);
        return new Recovery.Partition(
                ends.last, ends.lastReceived, coveredTo, Collections.unmodifiableMap(sums));
    }

    private record Ends(long first, long last, Stamp lastReceived) {}

    private static Ends findEnds(int partition, RocksScan log) {
        byte[] prefix = KeyFormat.partitionPrefix(partition);
        if (!log.upTo(KeyFormat.logKey(partition, Long.MAX_VALUE)).isIn(prefix)) {
            return new Ends(1, 0, Stamp.NONE);
        }
        long last = KeyFormat.sequenceOf(log.key());
        Stamp lastReceived = LogFormat.decode(log.value()).receivedAt();
        log.from(prefix).isIn(prefix);
        return new Ends(KeyFormat.sequenceOf(log.key()), last, lastReceived);
    }

    /**
     * Fills in the stored sums and returns how far they reach: as far as the latest of them, since
     * a map without one so late has not changed since its own.
     */
    private long readSnapshots(int partition, RocksScan meta, Map<MapName, LeafSums> sums) {
        long reach = 0;
        byte[] prefix = KeyFormat.sumsOf(partition);
        for (meta.from(prefix); meta.isIn(prefix); meta.next()) {
            Optional<SumsFormat.Snapshot> snapshot = SumsFormat.decode(meta.value());
            if (snapshot.isEmpty()) {
                return UNUSABLE;
            }
            MapName map = maps.nameOf(ByteBuffer.wrap(meta.key()).getInt(prefix.length));
            sums.put(map, snapshot.get().sums());
            reach = Math.max(reach, snapshot.get().sequence());
        }
        return reach;
    }

    /** False when the log has a gap. */
    private boolean replay(
            int partition, long coveredTo, RocksScan log, Map<MapName, LeafSums> sums) {
        byte[] prefix = KeyFormat.partitionPrefix(partition);
        long expected = coveredTo + 1;
        log.from(KeyFormat.logKey(partition, expected));
        for (; log.isIn(prefix); log.next()) {
            if (KeyFormat.sequenceOf(log.key()) != expected++) {
                return false;
            }
            LogFormat.Line line = LogFormat.decode(log.value());
            sums.computeIfAbsent(maps.nameOf(line.mapId()), _ -> new LeafSums()).add(line.delta());
        }
        return true;
    }

    /** The sums of a partition's maps from its records, each of which is read. */
    static Map<MapName, LeafSums> rebuild(RocksDatabase database, MapIds maps, int partition) {
        Map<MapName, LeafSums> sums = new LinkedHashMap<>();
        byte[] prefix = KeyFormat.partitionPrefix(partition);
        try (RocksScan records = database.wholeScan(Family.RECORDS)) {
            for (records.from(prefix); records.isIn(prefix); records.next()) {
                byte[] key = records.key();
                LwwRecord<Value> record = RecordFormat.decode(records.value()).record();
                sums.computeIfAbsent(maps.nameOf(KeyFormat.mapIdOf(key)), _ -> new LeafSums())
                        .add(LeafDelta.of(KeyFormat.keyOf(key).value(), null, record));
            }
        }
        return sums;
    }
}
