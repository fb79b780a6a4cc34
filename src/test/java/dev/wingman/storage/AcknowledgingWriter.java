package dev.wingman.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Value;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.CommitBatch.SumsSnapshot;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A process to be killed: writes for ever and prints {@code partition sequence} for each change
 * once its stage has completed.
 *
 * <p>Arguments: directory, durability, seed.
 */
final class AcknowledgingWriter {
    static final MapName MAP = new MapName("m");
    static final List<Integer> PARTITIONS = List.of(3, 4, 200);

    private static final Map<Integer, List<Key>> KEYS =
            PARTITIONS.stream().collect(Collectors.toMap(p -> p, p -> RecordModel.keysIn(p, 40)));
    private static final int MAX_IN_FLIGHT = 16;

    private final RocksRecordStore store;
    private final SplittableRandom random;
    private final PrintStream acknowledged;
    private final Map<Key, LwwRecord<Value>> present = new HashMap<>();
    private final Map<Integer, LeafSums> sums = new HashMap<>();
    private final Map<Integer, Long> sequences = new HashMap<>();
    private final Semaphore inFlight = new Semaphore(MAX_IN_FLIGHT);
    private long millis;

    private AcknowledgingWriter(
            RocksRecordStore.Opened opened, SplittableRandom random, PrintStream acknowledged) {
        store = opened.store();
        this.random = random;
        this.acknowledged = acknowledged;
        for (int partition : PARTITIONS) {
            Recovery.Partition found = opened.recovery().partitions().get(partition);
            sequences.put(partition, found.lastSequence());
            sums.put(partition, found.sums().getOrDefault(MAP, new LeafSums()).copy());
            millis = Math.max(millis, found.lastReceived().millis());
            store.scan(MAP, partition, (key, stored) -> present.put(key, stored.record()) == null);
        }
    }

    public static void main(String[] args) throws InterruptedException {
        StoreOptions options =
                StoreOptions.at(Path.of(args[0]))
                        .withDurability(Durability.valueOf(args[1]))
                        .withLogEntriesPerPartition(100);
        var random = new SplittableRandom(Long.parseLong(args[2]));
        var opened = RocksRecordStore.open(options, Thread::new, System::nanoTime);
        new AcknowledgingWriter(opened, random, System.out).run();
    }

    private void run() throws InterruptedException {
        while (true) {
            inFlight.acquire();
            List<Change> changes = new ArrayList<>();
            for (int i = random.nextInt(1, 8); i > 0; i--) {
                changes.add(change());
            }
            store.commit(new CommitBatch(store.epoch(), changes, snapshots(), List.of()))
                    .thenRun(() -> acknowledge(changes));
        }
    }

    private Change change() {
        int partition = PARTITIONS.get(random.nextInt(PARTITIONS.size()));
        List<Key> keys = KEYS.getOrDefault(partition, List.of());
        Key key = keys.get(random.nextInt(keys.size()));
        long sequence = sequences.merge(partition, 1L, Long::sum);
        var timestamp = new Timestamp(++millis, 0, "n");
        var record = new LwwRecord<>(text(sequence), timestamp, 0);
        var stored = new StoredRecord(record, sequence, new Stamp(millis, 0));
        LeafDelta delta = LeafDelta.of(key.value(), present.put(key, record), record);
        sums.getOrDefault(partition, new LeafSums()).add(delta);
        return new Change(MAP, key, stored, delta);
    }

    /** Every third is a tombstone; the others say their sequence. */
    static @Nullable Value text(long sequence) {
        return sequence % 3 == 0
                ? null
                : Value.ofEncoded(("written as " + sequence).getBytes(UTF_8));
    }

    private List<SumsSnapshot> snapshots() {
        if (random.nextInt(20) != 0) {
            return List.of();
        }
        int partition = PARTITIONS.get(random.nextInt(PARTITIONS.size()));
        LeafSums current = sums.getOrDefault(partition, new LeafSums()).copy();
        return List.of(
                new SumsSnapshot(partition, MAP, current, sequences.getOrDefault(partition, 0L)));
    }

    private void acknowledge(List<Change> changes) {
        var lines = new StringBuilder();
        for (Change change : changes) {
            lines.append(change.partition())
                    .append(' ')
                    .append(change.stored().sequence())
                    .append('\n');
        }
        acknowledged.print(lines);
        acknowledged.flush();
        inFlight.release();
    }
}
