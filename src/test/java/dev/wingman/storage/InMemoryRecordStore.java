package dev.wingman.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Partitions;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.StoreException.Problem;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A store whose disk is a few sorted maps. It has no thread of its own: a batch becomes durable and
 * its stage completes when the executor runs a task, one batch a task, in the order of the calls
 * whatever the order of the tasks. Nothing depends on hash order, so that a run under a seeded
 * executor can be replayed.
 *
 * <p>Thread-safe.
 */
public final class InMemoryRecordStore implements RecordStore {
    private record Place(int partition, MapName map, Key key) {
        private static final Comparator<Place> ORDER =
                Comparator.comparingInt(Place::partition)
                        .thenComparing(place -> place.map.value())
                        .thenComparing(place -> place.key.hash(), Integer::compareUnsigned)
                        .thenComparing(
                                place -> place.key.value().getBytes(UTF_8),
                                Arrays::compareUnsigned);
    }

    private record Line(LogEntry entry, LeafDelta delta) {}

    private record Pending(CommitBatch batch, CompletableFuture<Void> done) {}

    /** What a crash leaves. */
    private static final class Disk {
        private final NavigableMap<Place, StoredRecord> records = new TreeMap<>(Place.ORDER);
        private final List<NavigableMap<Long, Line>> lines = new ArrayList<>();
        private final List<PartitionLog> logs = new ArrayList<>();
        private final List<NavigableMap<String, LeafSums>> snapshots = new ArrayList<>();
        private final NavigableMap<String, byte[]> meta = new TreeMap<>();

        Disk() {
            for (int partition = 0; partition < Partitions.COUNT; partition++) {
                lines.add(new TreeMap<>());
                logs.add(new PartitionLog(1, 0, 0));
                snapshots.add(new TreeMap<>());
            }
        }
    }

    private final Executor completions;
    private final int logLimit;
    private final Disk disk;
    private final Queue<Pending> queue = new ArrayDeque<>();
    private long epoch;
    private boolean closed;
    private boolean crashed;
    private @Nullable StoreException refusal;
    private @Nullable StoreException lastFailure;
    private StoreHealth health = new StoreHealth.Writable();

    public InMemoryRecordStore(Executor completions, int logEntriesPerPartition) {
        this(completions, logEntriesPerPartition, new Disk());
    }

    private InMemoryRecordStore(Executor completions, int logLimit, Disk disk) {
        this.completions = completions;
        this.logLimit = logLimit;
        this.disk = disk;
    }

    /**
     * Ends this store as a power cut would: stages that have not completed never will.
     *
     * @return a store with what was durable
     */
    public synchronized InMemoryRecordStore crash() {
        crashed = true;
        queue.clear();
        return new InMemoryRecordStore(completions, logLimit, disk);
    }

    /** From now on commits fail with this; null lets them through again. */
    public synchronized void refuseWrites(@Nullable StoreException reason) {
        refusal = reason;
    }

    @Override
    public CompletionStage<Void> commit(CommitBatch batch) {
        var done = new CompletableFuture<Void>();
        synchronized (this) {
            if (crashed) {
                return done;
            }
            if (closed) {
                return CompletableFuture.failedStage(
                        new StoreException(Problem.CLOSED, "the store is closed"));
            }
            queue.add(new Pending(batch, done));
        }
        completions.execute(this::commitNext);
        return done;
    }

    private void commitNext() {
        Pending head;
        StoreException failure;
        synchronized (this) {
            head = queue.poll();
            if (head == null) {
                return;
            }
            failure = tryToApply(head.batch);
        }
        if (failure == null) {
            head.done.complete(null);
        } else {
            head.done.completeExceptionally(failure);
        }
    }

    private synchronized @Nullable StoreException tryToApply(CommitBatch batch) {
        if (batch.epoch() != epoch) {
            return new StoreException(Problem.STALE_EPOCH, "an earlier commit failed", lastFailure);
        }
        StoreException reason = refusal;
        if (reason != null) {
            epoch++;
            lastFailure = reason;
            health = new StoreHealth.ReadOnly(reason.problem(), "refused");
            return reason;
        }
        health = new StoreHealth.Writable();
        apply(batch);
        return null;
    }

    private synchronized void apply(CommitBatch batch) {
        for (Change change : batch.changes()) {
            StoredRecord stored = change.stored();
            var entry =
                    new LogEntry(
                            stored.sequence(), change.map(), change.key(), stored.receivedAt());
            disk.records.put(new Place(change.partition(), change.map(), change.key()), stored);
            disk.lines
                    .get(change.partition())
                    .put(stored.sequence(), new Line(entry, change.delta()));
            disk.logs.get(change.partition()).append(stored.sequence());
        }
        for (CommitBatch.SumsSnapshot snapshot : batch.sums()) {
            storeSums(snapshot);
        }
        for (CommitBatch.MetaEntry entry : batch.meta()) {
            disk.meta.put(entry.key(), entry.value().clone());
        }
    }

    private synchronized void storeSums(CommitBatch.SumsSnapshot snapshot) {
        int partition = snapshot.partition();
        PartitionLog log = disk.logs.get(partition);
        disk.snapshots.get(partition).put(snapshot.map().value(), snapshot.sums().copy());
        log.cover(snapshot.sequence());
        long keepFrom = log.keepFrom(logLimit);
        disk.lines.get(partition).headMap(keepFrom, false).clear();
        log.cutTo(keepFrom);
    }

    /** What a store opened on this disk would find. */
    public synchronized Recovery recover() {
        List<Recovery.Partition> partitions = new ArrayList<>();
        for (int partition = 0; partition < Partitions.COUNT; partition++) {
            Map.Entry<Long, Line> newest = disk.lines.get(partition).lastEntry();
            partitions.add(
                    new Recovery.Partition(
                            newest == null ? 0 : newest.getKey(),
                            newest == null ? Stamp.NONE : newest.getValue().entry.receivedAt(),
                            disk.logs.get(partition).coveredTo(),
                            recoverSums(partition)));
        }
        return new Recovery(List.copyOf(partitions), Duration.ZERO);
    }

    private synchronized Map<MapName, LeafSums> recoverSums(int partition) {
        Map<MapName, LeafSums> sums = sumsByMap();
        disk.snapshots
                .get(partition)
                .forEach((map, snapshot) -> sums.put(new MapName(map), snapshot.copy()));
        long coveredTo = disk.logs.get(partition).coveredTo();
        for (Line line : disk.lines.get(partition).tailMap(coveredTo, false).values()) {
            sums.computeIfAbsent(line.entry.map(), _ -> new LeafSums()).add(line.delta);
        }
        return Collections.unmodifiableMap(sums);
    }

    /** The sums of a partition's maps as its records say. */
    public synchronized Map<MapName, LeafSums> rebuildSums(int partition) {
        Map<MapName, LeafSums> sums = sumsByMap();
        disk.records.forEach((place, stored) -> {
            if (place.partition == partition) {
                sums.computeIfAbsent(place.map, _ -> new LeafSums())
                        .add(LeafDelta.of(place.key.value(), null, stored.record()));
            }
        });
        return sums;
    }

    private static Map<MapName, LeafSums> sumsByMap() {
        return new TreeMap<>(Comparator.comparing(MapName::value));
    }

    @Override
    public synchronized long epoch() {
        return epoch;
    }

    @Override
    public synchronized StoreHealth health() {
        return health;
    }

    @Override
    public synchronized @Nullable StoredRecord read(MapName map, Key key) {
        requireOpen();
        return disk.records.get(new Place(key.partition(), map, key));
    }

    @Override
    public synchronized byte @Nullable [] readMeta(String key) {
        requireOpen();
        byte[] value = disk.meta.get(key);
        return value == null ? null : value.clone();
    }

    @Override
    public void scan(MapName map, int partition, RecordVisitor visitor) {
        for (Map.Entry<Place, StoredRecord> entry : recordsOf(map, partition)) {
            if (!visitor.visit(entry.getKey().key, entry.getValue())) {
                return;
            }
        }
    }

    @Override
    public void scanLeaf(
            MapName map, int partition, int leaf, @Nullable Key after, RecordVisitor visitor) {
        boolean[] begun = {after == null};
        scan(
                map,
                partition,
                (key, stored) -> {
                    boolean visits = begun[0] && MerkleTrie.leafOf(key.hash()) == leaf;
                    begun[0] |= key.equals(after);
                    return !visits || visitor.visit(key, stored);
                });
    }

    private synchronized List<Map.Entry<Place, StoredRecord>> recordsOf(
            MapName map, int partition) {
        requireOpen();
        List<Map.Entry<Place, StoredRecord>> found = new ArrayList<>();
        var first = new Place(partition, map, new Key("", 0));
        for (Map.Entry<Place, StoredRecord> entry : disk.records.tailMap(first).entrySet()) {
            if (entry.getKey().partition != partition || !entry.getKey().map.equals(map)) {
                break;
            }
            found.add(entry);
        }
        return found;
    }

    @Override
    public boolean scanLogBack(int partition, Stamp since, LogVisitor visitor) {
        List<Line> newestFirst;
        synchronized (this) {
            requireOpen();
            newestFirst = List.copyOf(disk.lines.get(partition).descendingMap().values());
        }
        for (Line line : newestFirst) {
            if (!line.entry.receivedAt().isAfter(since) || !visitor.visit(line.entry)) {
                return true;
            }
        }
        return newestFirst.isEmpty() || newestFirst.getLast().entry.sequence() == 1;
    }

    private synchronized void requireOpen() {
        if (closed || crashed) {
            throw new StoreException(Problem.CLOSED, "the store is closed");
        }
    }

    @Override
    public void close() {
        int left;
        synchronized (this) {
            closed = true;
            left = queue.size();
        }
        for (; left > 0; left--) {
            commitNext();
        }
    }
}
