package dev.wingman.bench;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Partitions;
import dev.wingman.protocol.Value;
import dev.wingman.storage.CommitBatch;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.RocksRecordStore;
import dev.wingman.storage.StoreOptions;
import dev.wingman.storage.StoredRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.HdrHistogram.Histogram;

/**
 * What a synced commit costs by batch size: one caller that waits for each batch, random keys of
 * 200,000, values of 100 to 140 bytes, two entries of RocksDB for each change. Beside it the time
 * that the same disk takes to append and fdatasync as many bytes without any database.
 *
 * <p>Changes are made outside the measured time. The last rows open the store again.
 *
 * <p>Arguments: a directory on the disk in question, then seconds for each row (5 by default).
 */
public final class CommitBench {
    private static final int[] BATCH_SIZES = {1, 10, 100, 500, 2_000};
    private static final int KEYS = 200_000;
    private static final int RECOVERY_RECORDS = 1_000_000;
    private static final MapName MAP = new MapName("bench");

    /** Bytes of one change in the write-ahead log, about. */
    private static final int CHANGE_BYTES = 260;

    private final SplittableRandom random = new SplittableRandom(7);
    private final long[] sequences = new long[Partitions.COUNT];
    private long received;

    private CommitBench() {}

    public static void main(String[] args) throws IOException {
        Path directory = Files.createTempDirectory(Path.of(args[0]), "commit-bench");
        Duration time = Duration.ofSeconds(args.length > 1 ? Integer.parseInt(args[1]) : 5);
        try {
            new CommitBench().run(directory, time);
        } finally {
            Disk.delete(directory);
        }
    }

    private void run(Path directory, Duration time) throws IOException {
        System.out.println("batch      ops/s   p50 ms   p99 ms   fdatasync p50 ms   p99 ms");
        for (int size : BATCH_SIZES) {
            Path store = directory.resolve("store-" + size);
            Histogram commits = commits(store, size, time);
            Histogram syncs = syncs(directory.resolve("plain-" + size), size * CHANGE_BYTES, time);
            double seconds = commits.getTotalCount() * commits.getMean() / 1e9;
            System.out.printf(
                    "%5d %10.0f %8.2f %8.2f %18.2f %8.2f%n",
                    size,
                    commits.getTotalCount() * size / seconds,
                    millis(commits, 50),
                    millis(commits, 99),
                    millis(syncs, 50),
                    millis(syncs, 99));
        }
        recovery(directory.resolve("recovery"));
    }

    private static double millis(Histogram histogram, double percentile) {
        return histogram.getValueAtPercentile(percentile) / 1e6;
    }

    private Histogram commits(Path directory, int batchSize, Duration time) {
        Arrays.fill(sequences, 0);
        var histogram = new Histogram(3);
        try (RocksRecordStore store = open(directory).store()) {
            long end = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < end) {
                CommitBatch batch = batch(batchSize, KEYS);
                long began = System.nanoTime();
                store.commit(batch).toCompletableFuture().join();
                histogram.recordValue(System.nanoTime() - began);
            }
        }
        return histogram;
    }

    private CommitBatch batch(int size, int keys) {
        List<Change> changes = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            changes.add(change(new Key("key-" + random.nextInt(keys))));
        }
        return new CommitBatch(0, changes, List.of(), List.of());
    }

    private Change change(Key key) {
        byte[] value = new byte[random.nextInt(100, 141)];
        random.nextBytes(value);
        long millis = 1_700_000_000_000L + ++received / 100;
        var timestamp = new Timestamp(millis, received % 100, "client-17");
        var record = new LwwRecord<>(Value.ofEncoded(value), timestamp, 0);
        long sequence = ++sequences[key.partition()];
        var stored = new StoredRecord(record, sequence, new Stamp(millis, received % 100));
        return new Change(MAP, key, stored, LeafDelta.of(key.value(), null, record));
    }

    private static Histogram syncs(Path file, int bytes, Duration time) throws IOException {
        var histogram = new Histogram(3);
        ByteBuffer block = ByteBuffer.allocateDirect(bytes);
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            long end = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < end) {
                long began = System.nanoTime();
                channel.write(block.clear());
                channel.force(false);
                histogram.recordValue(System.nanoTime() - began);
            }
        }
        return histogram;
    }

    /** Distinct keys, once without any stored sums and then with all of them. */
    private void recovery(Path directory) {
        Arrays.fill(sequences, 0);
        try (RocksRecordStore store = open(directory).store()) {
            for (int written = 0; written < RECOVERY_RECORDS; written += 2_000) {
                List<Change> changes = new ArrayList<>(2_000);
                for (int i = 0; i < 2_000; i++) {
                    changes.add(change(new Key("key-" + (written + i))));
                }
                store.commit(new CommitBatch(0, changes, List.of(), List.of()))
                        .toCompletableFuture()
                        .join();
            }
        }
        long began = System.nanoTime();
        RocksRecordStore.Opened opened = open(directory);
        report("without stored sums", opened, began);
        List<CommitBatch.SumsSnapshot> sums = new ArrayList<>();
        for (int partition = 0; partition < Partitions.COUNT; partition++) {
            var found = opened.recovery().partitions().get(partition);
            for (var entry : found.sums().entrySet()) {
                sums.add(
                        new CommitBatch.SumsSnapshot(
                                partition, entry.getKey(), entry.getValue(), found.lastSequence()));
            }
        }
        try (RocksRecordStore store = opened.store()) {
            store.commit(new CommitBatch(0, List.of(), sums, List.of()))
                    .toCompletableFuture()
                    .join();
        }
        began = System.nanoTime();
        opened = open(directory);
        report("with stored sums", opened, began);
        opened.store().close();
    }

    private static void report(String what, RocksRecordStore.Opened opened, long began) {
        System.out.printf(
                "opened %,d records %s in %,.0f ms, %,.0f of them recovery%n",
                opened.recovery().records(),
                what,
                (System.nanoTime() - began) / 1e6,
                opened.recovery().took().toNanos() / 1e6);
    }

    private static RocksRecordStore.Opened open(Path directory) {
        return RocksRecordStore.open(StoreOptions.at(directory), Thread::new, System::nanoTime);
    }
}
