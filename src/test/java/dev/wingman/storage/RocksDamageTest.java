package dev.wingman.storage;

import static dev.wingman.storage.RecordStoreContract.await;
import static dev.wingman.storage.RecordStoreContract.failureOf;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Partitions;
import dev.wingman.storage.RocksDatabase.Family;
import dev.wingman.storage.StoreException.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Files that are not what was written: cut where that is harmless, refused where it is not. */
class RocksDamageTest {
    private static final MapName MAP = new MapName("m");
    private static final int RECORDS = 1_000;

    @TempDir Path temporary;

    private final RecordModel model = new RecordModel();

    @Test
    void aTornTailOfTheLogIsCut() {
        Path directory = writeRecords();
        Path log = StoreFiles.newestLog(directory);
        StoreFiles.truncate(log, StoreFiles.size(log) - 3);

        try (RocksRecordStore store = open(directory).store()) {
            assertThat(store.read(MAP, key(RECORDS - 1))).isNull();
            assertThat(store.read(MAP, key(RECORDS - 2)))
                    .isNotNull()
                    .isEqualTo(model.read(MAP, key(RECORDS - 2)));
        }
    }

    @Test
    void damageBeforeTheTailOfTheLogRefusesTheStart() {
        Path directory = writeRecords();
        Path log = StoreFiles.newestLog(directory);
        StoreFiles.damage(log, StoreFiles.size(log) / 3);

        StoreException failure = failureOf(() -> open(directory));

        assertThat(failure.problem()).isEqualTo(Problem.DAMAGED);
        assertThat(failure).hasMessageContaining("restore a backup");
    }

    @Test
    void aDamagedManifestRefusesTheStart() throws IOException {
        Path directory = writeRecords();
        String manifest = Files.readString(directory.resolve("CURRENT")).strip();
        StoreFiles.damage(directory.resolve(manifest), 20);

        StoreException failure = failureOf(() -> open(directory));

        assertThat(failure.problem()).isEqualTo(Problem.DAMAGED);
    }

    /** For RocksDB a list of files that is cut is the list of an earlier moment. */
    @Test
    void aManifestThatIsCutLosesNothingUnnoticed() throws IOException {
        Path directory = writeTables();
        Path manifest = directory.resolve(Files.readString(directory.resolve("CURRENT")).strip());
        int length = (int) Files.size(manifest);
        int refused = 0;
        for (int cut = 0; cut < length; cut += Math.max(1, length / 24)) {
            Path copy = StoreFiles.copy(directory, temporary.resolve("cut" + cut));
            byte[] bytes = Arrays.copyOf(Files.readAllBytes(manifest), cut);
            Files.write(copy.resolve(manifest.getFileName()), bytes);
            try (RocksRecordStore store = open(copy).store()) {
                for (int i = 0; i < RECORDS; i++) {
                    assertThat(store.read(MAP, key(i))).as("cut %d", cut).isNotNull();
                }
            } catch (StoreException e) {
                assertThat(e.problem()).isEqualTo(Problem.DAMAGED);
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void aMissingTableRefusesTheStart() throws IOException {
        Path directory = writeTables();
        Files.delete(StoreFiles.largest(StoreFiles.withSuffix(directory, ".sst")));

        StoreException failure = failureOf(() -> open(directory));

        assertThat(failure.problem()).isEqualTo(Problem.DAMAGED);
    }

    @Test
    void aDirectoryWithoutItsCurrentFileIsNotTakenForANewOne() throws IOException {
        Path directory = writeTables();
        Files.delete(directory.resolve("CURRENT"));

        StoreException failure = failureOf(() -> open(directory));

        assertThat(failure.problem()).isEqualTo(Problem.DAMAGED);
        assertThat(StoreFiles.withSuffix(directory, ".sst")).isNotEmpty();
    }

    @Test
    void aDamagedTableIsNeverReadAsIfItWereWhole() {
        Path directory = writeTables();
        Path table = StoreFiles.largest(StoreFiles.withSuffix(directory, ".sst"));
        StoreFiles.damage(table, StoreFiles.size(table) / 2);

        StoreException failure = failureOf(() -> readEverything(directory));

        assertThat(failure.problem()).isEqualTo(Problem.DAMAGED);
    }

    @Test
    void aStoreThatCameAcrossDamageTakesNoWritesAndSaysWhy() {
        Path directory = writeTables();
        Path table = StoreFiles.largest(StoreFiles.withSuffix(directory, ".sst"));
        StoreFiles.damage(table, StoreFiles.size(table) / 2);

        try (RocksRecordStore store = open(directory).store()) {
            failureOf(() -> readEverything(store));

            assertThat(store.health())
                    .isInstanceOfSatisfying(
                            StoreHealth.ReadOnly.class,
                            found -> assertThat(found.reason()).contains("restore a backup"));
            assertThat(store.commit(new CommitBatch(0, List.of(), List.of(), List.of())))
                    .isCompletedExceptionally();
        }
    }

    private static void readEverything(Path directory) {
        try (RocksRecordStore store = open(directory).store()) {
            readEverything(store);
        }
    }

    private static void readEverything(RocksRecordStore store) {
        for (int partition = 0; partition < Partitions.COUNT; partition++) {
            store.scan(MAP, partition, (_, _) -> true);
            store.scanLogBack(partition, Stamp.NONE, _ -> true);
        }
    }

    @Test
    void aLaterFormatIsRefused() {
        Path directory = writeRecords();
        overwrite(
                directory,
                KeyFormat.FORMAT_VERSION,
                ByteBuffer.allocate(Integer.BYTES).putInt(2).array());

        StoreException failure = failureOf(() -> open(directory));

        assertThat(failure.problem()).isEqualTo(Problem.NEWER_FORMAT);
        assertThat(failure).hasMessageContaining("format 2");
    }

    @Test
    void aColumnFamilyOfALaterVersionIsRefused() throws RocksDBException {
        Path directory = writeRecords();
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        try (Options plain = new Options()) {
            for (byte[] name : RocksDB.listColumnFamilies(plain, directory.toString())) {
                families.add(new ColumnFamilyDescriptor(name));
            }
        }
        try (DBOptions options = new DBOptions();
                RocksDB db =
                        RocksDB.open(options, directory.toString(), families, new ArrayList<>());
                ColumnFamilyHandle added =
                        db.createColumnFamily(
                                new ColumnFamilyDescriptor("journal".getBytes(US_ASCII)))) {
            assertThat(added.getName()).isEqualTo("journal".getBytes(US_ASCII));
        }

        StoreException failure = failureOf(() -> open(directory));

        assertThat(failure.problem()).isEqualTo(Problem.NEWER_FORMAT);
    }

    @Test
    void sumsInAnUnknownFormAreMadeAnewFromTheRecords() {
        Path directory = writeRecords();
        int partition = key(0).partition();
        overwrite(directory, KeyFormat.sums(partition, 0), new byte[] {99, 1, 2, 3});

        RocksRecordStore.Opened opened = open(directory);

        opened.store().close();
        assertThat(opened.recovery().partitions().get(partition).sums())
                .isEqualTo(model.sums(partition));
    }

    @Test
    void aLogThatLostItsBeginningHasTheSumsMadeAnewUntilTheyAreStored() {
        Path directory = writeRecords();
        int partition = key(0).partition();
        deleteLogLine(directory, partition, 1);
        RocksRecordStore.Opened damaged = open(directory);
        try (RocksRecordStore store = damaged.store()) {
            await(commit(store, List.of(model.write(MAP, key(0), "x")), List.of()));
        }
        RocksRecordStore.Opened again = open(directory);
        try (RocksRecordStore store = again.store()) {
            await(commit(store, List.of(), model.takeSnapshots(partition)));
        }

        RocksRecordStore.Opened repaired = open(directory);

        repaired.store().close();
        assertThat(damaged.recovery().partitions().get(partition).snapshotSequence()).isZero();
        assertThat(again.recovery().partitions().get(partition).sums())
                .isEqualTo(model.sums(partition));
        assertThat(repaired.recovery().partitions().get(partition))
                .returns(model.lastSequence(partition), Recovery.Partition::snapshotSequence)
                .returns(model.sums(partition), Recovery.Partition::sums);
    }

    private static CompletionStage<Void> commit(
            RecordStore store,
            List<CommitBatch.Change> changes,
            List<CommitBatch.SumsSnapshot> sums) {
        return store.commit(new CommitBatch(store.epoch(), changes, sums, List.of()));
    }

    @Test
    void anAbsentParentRefusesTheStart() {
        Path directory = temporary.resolve("absent").resolve("records");

        StoreException failure = failureOf(() -> open(directory));

        assertThat(failure.problem()).isEqualTo(Problem.IO);
        assertThat(failure).hasMessageContaining("its parent does not exist");
    }

    @Test
    void aFileInPlaceOfTheDirectoryRefusesTheStart() throws IOException {
        Path file = Files.writeString(temporary.resolve("records"), "not a directory");

        StoreException failure = failureOf(() -> open(file));

        assertThat(failure.problem()).isEqualTo(Problem.IO);
    }

    @Test
    void aCheckpointOpensWithWhatWasThere() {
        Path copy = temporary.resolve("copy");
        try (RocksRecordStore store = open(writeRecords()).store()) {
            store.checkpoint(copy);
        }

        try (RocksRecordStore store = open(copy).store()) {
            assertThat(store.read(MAP, key(7))).isNotNull().isEqualTo(model.read(MAP, key(7)));
        }
    }

    /** A closed store whose records are in the write-ahead log, each written by its own batch. */
    private Path writeRecords() {
        Path directory = temporary.resolve("records");
        var random = new SplittableRandom(1);
        StoreOptions options = StoreOptions.at(directory).withDurability(Durability.BATCHED);
        try (RocksRecordStore store =
                RocksRecordStore.open(options, Thread::new, System::nanoTime).store()) {
            for (int i = 0; i < RECORDS; i++) {
                String text = "%x".formatted(random.nextLong()).repeat(8);
                await(
                        store.commit(
                                new CommitBatch(
                                        store.epoch(),
                                        List.of(model.write(MAP, key(i), text)),
                                        List.of(),
                                        List.of())));
            }
        }
        return directory;
    }

    /** As above, in table files: opening moves there what the log has. */
    private Path writeTables() {
        Path directory = writeRecords();
        open(directory).store().close();
        return directory;
    }

    private static Key key(int number) {
        return new Key("key " + number);
    }

    private static void overwrite(Path directory, byte[] metaKey, byte[] value) {
        try (RocksDatabase database = RocksDatabase.open(StoreOptions.at(directory));
                WriteBatch batch = new WriteBatch()) {
            batch.put(database.handle(Family.META), metaKey, value);
            database.write(batch, true);
        } catch (RocksDBException e) {
            throw new AssertionError(e);
        }
    }

    private static void deleteLogLine(Path directory, int partition, long sequence) {
        try (RocksDatabase database = RocksDatabase.open(StoreOptions.at(directory));
                WriteBatch batch = new WriteBatch()) {
            batch.delete(database.handle(Family.LOG), KeyFormat.logKey(partition, sequence));
            database.write(batch, true);
        } catch (RocksDBException e) {
            throw new AssertionError(e);
        }
    }

    private static RocksRecordStore.Opened open(Path directory) {
        return RocksRecordStore.open(StoreOptions.at(directory), Thread::new, System::nanoTime);
    }
}
