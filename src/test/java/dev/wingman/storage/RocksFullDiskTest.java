package dev.wingman.storage;

import static dev.wingman.storage.RecordStoreContract.await;
import static dev.wingman.storage.RecordStoreContract.failureOf;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.storage.StoreException.Problem;
import dev.wingman.testing.SmallDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A small file system of its own that runs full; skipped where none can be mounted. */
@Timeout(90)
class RocksFullDiskTest {
    private static final MapName MAP = new MapName("m");
    private static final Key KEY = new Key("k");
    private static final int PARTITION = KEY.partition();

    @TempDir Path temporary;

    private final RecordModel model = new RecordModel();
    private final SplittableRandom random = new SplittableRandom(3);

    private @Nullable SmallDisk mounted;

    @AfterEach
    void unmount() {
        if (mounted != null) {
            mounted.close();
        }
    }

    @Test
    void aFullDiskRefusesWritesAndTakesThemAgainOnceThereIsSpace() throws Exception {
        mount("size=24m");
        RocksRecordStore.Opened opened = open(disk().resolve("records"));
        try (RocksRecordStore store = opened.store()) {
            CommitBatch.Change before = model.write(MAP, KEY, "before");
            await(store.commit(batch(store, before)));
            // A few pages are left, so that the log runs full in the middle of an entry.
            Path ballast = requireNonNull(mounted).fillBut(300_000);
            StoreException failure = failureOf(() -> writeUntilRefused(store));
            StoreHealth whenFull = store.health();
            StoredRecord readWhenFull = store.read(MAP, KEY);
            Path imageWhenFull = image("when-full");
            Files.delete(ballast);
            awaitWritable(store);
            await(store.commit(batch(store, model.write(MAP, KEY, "after"))));
            Path imageAfter = image("after");

            assertThat(failure.problem()).isEqualTo(Problem.DISK_FULL);
            assertThat(whenFull)
                    .isInstanceOfSatisfying(
                            StoreHealth.ReadOnly.class,
                            health -> assertThat(health.reason()).contains("free some space"));
            assertThat(readWhenFull).isEqualTo(before.stored());
            requireWhatWasAcknowledged(imageAfter);
            requireConsistent(imageWhenFull);
        }
    }

    @Test
    void aReadOnlyFileSystemRefusesTheStart() throws Exception {
        mount("ro");

        StoreException failure = failureOf(() -> open(disk().resolve("records")));

        assertThat(failure.problem()).isEqualTo(Problem.IO);
        assertThat(failure).hasMessageContaining("cannot make the storage directory");
    }

    /** The model knows of a write only when it was acknowledged. */
    private void writeUntilRefused(RecordStore store) {
        for (Key key : RecordModel.keysIn(PARTITION, 1_000)) {
            String text = incompressible(100_000);
            await(store.commit(batch(store, model.copy().write(MAP, key, text))));
            model.write(MAP, key, text);
        }
    }

    private String incompressible(int length) {
        var text = new StringBuilder(length);
        random.ints(length, ' ', '~').forEach(unit -> text.append((char) unit));
        return text.toString();
    }

    /** RocksDB looks every five seconds whether there is space again, the store every second. */
    private static void awaitWritable(RecordStore store) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!(store.health() instanceof StoreHealth.Writable)) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            assertThat(new CountDownLatch(1).await(20, TimeUnit.MILLISECONDS)).isFalse();
        }
    }

    private void requireWhatWasAcknowledged(Path image) {
        RocksRecordStore.Opened opened = open(image);
        try (RocksRecordStore store = opened.store()) {
            List<RecordStore.LogEntry> log = new ArrayList<>();
            store.scanLogBack(PARTITION, Stamp.NONE, log::add);

            assertThat(store.read(MAP, KEY)).isNotNull().isEqualTo(model.read(MAP, KEY));
            assertThat(log).isEqualTo(model.logBack(PARTITION, Stamp.NONE));
            assertThat(opened.recovery().partitions().get(PARTITION).sums())
                    .isEqualTo(model.sums(PARTITION))
                    .isEqualTo(store.rebuildSums(PARTITION));
        }
    }

    /** The refused write may be there after a crash, but then all of it. */
    private static void requireConsistent(Path image) {
        RocksRecordStore.Opened opened = open(image);
        try (RocksRecordStore store = opened.store()) {
            Recovery.Partition found = opened.recovery().partitions().get(PARTITION);
            long[] newest = {0};
            store.scan(
                    MAP,
                    PARTITION,
                    (_, stored) -> {
                        newest[0] = Math.max(newest[0], stored.sequence());
                        return true;
                    });

            assertThat(newest[0]).isEqualTo(found.lastSequence());
            assertThat(found.sums()).isEqualTo(store.rebuildSums(PARTITION));
        }
    }

    private static CommitBatch batch(RecordStore store, CommitBatch.Change change) {
        return new CommitBatch(store.epoch(), List.of(change), List.of(), List.of());
    }

    private Path image(String name) {
        return StoreFiles.copy(disk().resolve("records"), temporary.resolve(name));
    }

    private Path disk() {
        return temporary.resolve("disk");
    }

    private void mount(String options) throws IOException {
        // The library of RocksDB lies beside the first store, and is as large as the small disk.
        open(temporary.resolve("first")).store().close();
        mounted = SmallDisk.mount(disk(), options);
        assumeTrue(mounted != null, "needs the right to mount a tmpfs");
    }

    private static RocksRecordStore.Opened open(Path directory) {
        // RocksDB goes on only when a whole write buffer is free, so it is small on this small
        // disk.
        StoreOptions usual = StoreOptions.at(directory);
        var options =
                new StoreOptions(
                        directory,
                        Durability.COMMIT,
                        4 << 20,
                        usual.blockCacheBytes(),
                        0,
                        usual.logEntriesPerPartition(),
                        usual.batchedSyncInterval());
        return RocksRecordStore.open(options, Thread::new, System::nanoTime);
    }
}
