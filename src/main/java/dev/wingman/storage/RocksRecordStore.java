package dev.wingman.storage;

import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.storage.RocksDatabase.Family;
import dev.wingman.storage.StoreException.Problem;
import dev.wingman.storage.StoreHealth.ReadOnly;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Records in an embedded RocksDB.
 *
 * <p>Writes go through the {@link Committer}: see there for groups, for what a full disk does, and
 * for the thread on which stages complete. {@link #commit} waits while 64 MiB are queued.
 *
 * <p>Thread-safe. {@link #close} waits for reads under way, so it must not be called from a
 * visitor.
 */
public final class RocksRecordStore implements RecordStore {
    private static final Logger LOG = Logger.getLogger(RocksRecordStore.class);

    /** A store and what was in it. */
    public record Opened(RocksRecordStore store, Recovery recovery) {}

    private final RocksDatabase database;
    private final MapIds maps;
    private final GroupWriter writer;
    private final Committer committer;

    /** Set once a read came across bytes that are not what was written. */
    private volatile @Nullable ReadOnly damage;

    /** Held for reading by whoever uses native memory, for writing by whoever frees it. */
    private final ReadWriteLock life = new ReentrantReadWriteLock();

    /** Written under {@link #life}. */
    private boolean closed;

    private RocksRecordStore(
            RocksDatabase database, MapIds maps, GroupWriter writer, Committer committer) {
        this.database = database;
        this.maps = maps;
        this.writer = writer;
        this.committer = committer;
    }

    /**
     * Opens the files, recovers from whatever ended the last run, and starts the committer.
     *
     * @param threads makes the committer's thread
     * @param nanoClock for pauses between attempts and for statistics
     * @throws StoreException when the directory cannot be used; the message says what to do
     */
    public static Opened open(StoreOptions options, ThreadFactory threads, LongSupplier nanoClock) {
        return open(options, threads, nanoClock, FreeSpace.of(options.directory()));
    }

    /**
     * As above.
     *
     * @param freeBytes tells the free space of the disk
     */
    static Opened open(
            StoreOptions options,
            ThreadFactory threads,
            LongSupplier nanoClock,
            LongSupplier freeBytes) {
        RocksDatabase database = RocksDatabase.open(options);
        var recovery = new RocksRecovery(database);
        Recovery recovered;
        try {
            recovered = recovery.run(nanoClock);
        } catch (StoreException e) {
            database.close();
            throw e;
        }
        var writer = new GroupWriter(database, recovery.maps(), recovery.logs(), options);
        var freeSpace = new FreeSpace(freeBytes, options.minFreeBytes(), nanoClock);
        var committer = new Committer(writer, database, options, freeSpace, threads, nanoClock);
        committer.start();
        var store = new RocksRecordStore(database, recovery.maps(), writer, committer);
        return new Opened(store, recovered);
    }

    @Override
    public CompletionStage<Void> commit(CommitBatch batch) {
        ReadOnly found = damage;
        return found == null
                ? committer.commit(batch)
                : CompletableFuture.failedStage(
                        new StoreException(found.problem(), found.reason()));
    }

    @Override
    public long epoch() {
        return committer.epoch();
    }

    @Override
    public StoreHealth health() {
        ReadOnly found = damage;
        return found == null ? committer.health() : found;
    }

    /** Whoever operates the server has to hear of it, not only the client that came across it. */
    private StoreException noted(StoreException e) {
        if (e.problem() == Problem.DAMAGED && damage == null) {
            damage = new ReadOnly(Problem.DAMAGED, String.valueOf(e.getMessage()));
            LOG.errorf("store refuses writes code=%s error=%s", e.problem(), e.getMessage());
        }
        return e;
    }

    @Override
    public @Nullable StoredRecord read(MapName map, Key key) {
        enter();
        try {
            Integer mapId = maps.idOf(map);
            if (mapId == null) {
                return null;
            }
            byte[] stored = database.get(Family.RECORDS, KeyFormat.recordKey(mapId, key));
            return stored == null ? null : RecordFormat.decode(stored);
        } catch (StoreException e) {
            throw noted(e);
        } finally {
            leave();
        }
    }

    @Override
    public byte @Nullable [] readMeta(String key) {
        enter();
        try {
            return database.get(Family.META, KeyFormat.metaEntry(key));
        } catch (StoreException e) {
            throw noted(e);
        } finally {
            leave();
        }
    }

    @Override
    public void scan(MapName map, int partition, RecordVisitor visitor) {
        scanFrom(mapId -> KeyFormat.mapPrefix(partition, mapId), map, partition, visitor);
    }

    @Override
    public void scanLeaf(
            MapName map, int partition, int leaf, @Nullable Key after, RecordVisitor visitor) {
        // Leaves are ranges of hashes, so the scan would go on to those after it.
        scanFrom(
                mapId ->
                        after == null
                                ? KeyFormat.leafStart(partition, mapId, leaf)
                                : KeyFormat.recordKey(mapId, after),
                map,
                partition,
                (key, stored) ->
                        key.equals(after)
                                || (MerkleTrie.leafOf(key.hash()) == leaf
                                        && visitor.visit(key, stored)));
    }

    private void scanFrom(
            IntFunction<byte[]> start, MapName map, int partition, RecordVisitor visitor) {
        enter();
        try (RocksScan scan = database.scan(Family.RECORDS)) {
            Integer mapId = maps.idOf(map);
            if (mapId == null) {
                return;
            }
            byte[] prefix = KeyFormat.mapPrefix(partition, mapId);
            boolean more = true;
            scan.from(start.apply(mapId));
            for (; more && scan.isIn(prefix); scan.next()) {
                more =
                        visitor.visit(
                                KeyFormat.keyOf(scan.key()), RecordFormat.decode(scan.value()));
            }
        } catch (StoreException e) {
            throw noted(e);
        } finally {
            leave();
        }
    }

    @Override
    public boolean scanLogBack(int partition, Stamp since, LogVisitor visitor) {
        byte[] prefix = KeyFormat.partitionPrefix(partition);
        enter();
        try (RocksScan scan = database.scan(Family.LOG)) {
            // Where the log begins when it was never cut.
            long lowest = 1;
            scan.upTo(KeyFormat.logKey(partition, Long.MAX_VALUE));
            for (; scan.isIn(prefix); scan.previous()) {
                byte[] encoded = scan.value();
                LogFormat.Line line = LogFormat.decode(encoded);
                if (!line.receivedAt().isAfter(since)) {
                    return true;
                }
                lowest = KeyFormat.sequenceOf(scan.key());
                var key = new Key(line.key(encoded));
                MapName map = maps.nameOf(line.mapId());
                if (!visitor.visit(new LogEntry(lowest, map, key, line.receivedAt()))) {
                    return true;
                }
            }
            return lowest == 1;
        } catch (StoreException e) {
            throw noted(e);
        } finally {
            leave();
        }
    }

    /**
     * The sums of a partition's maps as its records say, every one of which is read. What {@link
     * Recovery} has must equal this.
     */
    public Map<MapName, LeafSums> rebuildSums(int partition) {
        enter();
        try {
            return RocksRecovery.rebuild(database, maps, partition);
        } catch (StoreException e) {
            throw noted(e);
        } finally {
            leave();
        }
    }

    /** Makes a copy of the store that can be opened, in a directory that must not exist yet. */
    public void checkpoint(Path target) {
        enter();
        try {
            database.checkpoint(target);
        } finally {
            leave();
        }
    }

    public StoreStats stats() {
        enter();
        try {
            return committer.stats();
        } finally {
            leave();
        }
    }

    /** Nanoseconds that each group of batches took to be written. */
    public Histogram commitNanos() {
        return committer.commitNanos();
    }

    /** Records in each group of batches. */
    public Histogram groupSizes() {
        return committer.groupSizes();
    }

    private void enter() {
        life.readLock().lock();
        if (closed) {
            life.readLock().unlock();
            throw new StoreException(Problem.CLOSED, "the store is closed");
        }
    }

    private void leave() {
        life.readLock().unlock();
    }

    @Override
    public void close() {
        committer.close();
        life.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                writer.close();
                database.close();
            }
        } finally {
            life.writeLock().unlock();
        }
    }
}
