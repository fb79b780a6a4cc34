package dev.wingman.storage;

import static dev.wingman.storage.RecordStoreContract.await;
import static dev.wingman.storage.RecordStoreContract.failureOf;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.storage.RecordStore.LogEntry;
import dev.wingman.storage.StoreException.Problem;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a killed process and a machine without power leave behind. */
@Timeout(60)
class RocksCrashTest {
    private static final int ROUNDS = 4;
    private static final int COMMITS = 50;

    @TempDir Path temporary;

    @ParameterizedTest
    @EnumSource
    void aKilledProcessLosesNothingThatItAcknowledged(Durability durability) throws Exception {
        Path directory = temporary.resolve("records");
        Map<Integer, Long> acknowledged = new HashMap<>();
        for (int round = 0; round < ROUNDS; round++) {
            Process writer = startWriter(directory, durability, round);
            killAfter(200 + 900 * round, writer, acknowledged);

            requireConsistent(directory, acknowledged);
        }

        assertThat(acknowledged.values()).allMatch(sequence -> sequence > 100);
    }

    @Test
    void aSecondProcessIsKeptOut() throws Exception {
        Path directory = temporary.resolve("records");
        Process writer = startWriter(directory, Durability.COMMIT, 0);
        try (BufferedReader lines = writer.inputReader()) {
            assertThat(lines.readLine()).isNotNull();

            StoreException failure = failureOf(() -> open(StoreOptions.at(directory)));

            assertThat(failure.problem()).isEqualTo(Problem.LOCKED);
            assertThat(failure).hasMessageContaining(directory + " is in use");
        } finally {
            writer.destroyForcibly().waitFor();
        }
    }

    private Process startWriter(Path directory, Durability durability, int seed)
            throws IOException {
        // A killed process leaves the native library in its temporary directory.
        Path scratch = Files.createDirectories(temporary.resolve("scratch"));
        String classPath =
                System.getProperty(
                        "surefire.test.class.path", System.getProperty("java.class.path"));
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + scratch,
                        "-cp",
                        classPath,
                        AcknowledgingWriter.class.getName(),
                        directory.toString(),
                        durability.name(),
                        Integer.toString(seed))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /**
     * Reads to the end: what is in the pipe was acknowledged before the kill. {@link
     * Process#destroyForcibly} would close the pipe.
     */
    private static void killAfter(int lines, Process writer, Map<Integer, Long> acknowledged)
            throws IOException, InterruptedException {
        int read = 0;
        try (BufferedReader output = writer.inputReader()) {
            String line = output.readLine();
            while (line != null) {
                if (++read == lines) {
                    writer.toHandle().destroyForcibly();
                }
                int space = line.indexOf(' ');
                acknowledged.merge(
                        Integer.valueOf(line.substring(0, space)),
                        Long.valueOf(line.substring(space + 1)),
                        Math::max);
                line = output.readLine();
            }
        }
        writer.waitFor();
        assertThat(read).isGreaterThanOrEqualTo(lines);
    }

    private static void requireConsistent(Path directory, Map<Integer, Long> acknowledged) {
        RocksRecordStore.Opened opened = open(StoreOptions.at(directory));
        try (RocksRecordStore store = opened.store()) {
            for (int partition : AcknowledgingWriter.PARTITIONS) {
                Recovery.Partition found = opened.recovery().partitions().get(partition);
                assertThat(found.lastSequence())
                        .isGreaterThanOrEqualTo(acknowledged.getOrDefault(partition, 0L));
                assertThat(found.sums()).isEqualTo(store.rebuildSums(partition));
                requireRecordsOfLog(store, partition, found.lastSequence());
            }
        }
    }

    /** The log has no gap, and each key has what the newest line of the log says. */
    private static void requireRecordsOfLog(
            RocksRecordStore store, int partition, long lastSequence) {
        List<LogEntry> log = new ArrayList<>();
        store.scanLogBack(partition, Stamp.NONE, log::add);
        Set<Key> seen = new HashSet<>();
        long expected = lastSequence;
        for (LogEntry entry : log) {
            assertThat(entry.sequence()).isEqualTo(expected--);
            if (seen.add(entry.key())) {
                StoredRecord stored = requireNonNull(store.read(entry.map(), entry.key()));
                assertThat(stored.sequence()).isEqualTo(entry.sequence());
                assertThat(stored.record().value())
                        .isEqualTo(AcknowledgingWriter.text(entry.sequence()));
            }
        }
    }

    @Test
    void eachGroupReachesTheDiskOnceAndBeforeItsStageCompletes() {
        var model = new RecordModel();
        List<Long> syncs = new ArrayList<>();
        try (RocksRecordStore store = open(StoreOptions.at(temporary.resolve("records"))).store()) {
            long before = store.stats().walSyncs();

            await(chain(store, model, 0, () -> syncs.add(store.stats().walSyncs() - before)));
        }

        assertThat(syncs).hasSize(COMMITS);
        for (int i = 0; i < COMMITS; i++) {
            assertThat(syncs.get(i)).isEqualTo(i + 1);
        }
    }

    @Test
    void aPowerCutLosesNothingThatWasAcknowledged() {
        var model = new RecordModel();

        Path image = imageWithoutUnsyncedBytes(Durability.COMMIT, model);

        try (RocksRecordStore store = open(StoreOptions.at(image)).store()) {
            for (int i = 0; i < COMMITS; i++) {
                assertThat(store.read(AcknowledgingWriter.MAP, key(i)))
                        .isNotNull()
                        .isEqualTo(model.read(AcknowledgingWriter.MAP, key(i)));
            }
        }
    }

    /** Shows that the test above can fail. */
    @Test
    void aPowerCutTakesTheUnsyncedWritesOfBatchedDurability() {
        Path image = imageWithoutUnsyncedBytes(Durability.BATCHED, new RecordModel());

        try (RocksRecordStore store = open(StoreOptions.at(image)).store()) {
            assertThat(store.read(AcknowledgingWriter.MAP, key(COMMITS - 1))).isNull();
        }
    }

    /**
     * Writes {@link #COMMITS} records. Each time a stage completes, the log's present length counts
     * as on the disk if it was synced since the last time; at the end the files are copied without
     * what came after that.
     */
    private Path imageWithoutUnsyncedBytes(Durability durability, RecordModel model) {
        Path directory = temporary.resolve("records");
        StoreOptions options = StoreOptions.at(directory).withDurability(durability);
        // The clock stands still, so that batched durability never gets to its sync.
        try (RocksRecordStore store =
                RocksRecordStore.open(options, Thread::new, () -> 0L).store()) {
            long[] synced = {store.stats().walSyncs(), StoreFiles.size(log(directory))};
            await(chain(store, model, 0, () -> noteSyncedLength(store, directory, synced)));
            Path image = StoreFiles.copy(directory, temporary.resolve("image"));
            StoreFiles.truncate(log(image), synced[1]);
            return image;
        }
    }

    /**
     * Commits batches from {@code number} on, each from the completion of the one before. That runs
     * on the committer's thread, where {@code whenComplete} sees the disk at the very moment of the
     * acknowledgement.
     */
    private static CompletionStage<Void> chain(
            RecordStore store, RecordModel model, int number, Runnable whenComplete) {
        return number == COMMITS
                ? CompletableFuture.completedStage(null)
                : store.commit(batch(store, model, number))
                        .thenRun(whenComplete)
                        .thenCompose(_ -> chain(store, model, number + 1, whenComplete));
    }

    private static void noteSyncedLength(RocksRecordStore store, Path directory, long[] synced) {
        long syncs = store.stats().walSyncs();
        if (syncs > synced[0]) {
            synced[0] = syncs;
            synced[1] = StoreFiles.size(log(directory));
        }
    }

    private static Path log(Path directory) {
        return StoreFiles.newestLog(directory);
    }

    private static Key key(int number) {
        return new Key("key " + number);
    }

    private static CommitBatch batch(RecordStore store, RecordModel model, int number) {
        return new CommitBatch(
                store.epoch(),
                List.of(model.write(AcknowledgingWriter.MAP, key(number), "text " + number)),
                List.of(),
                List.of());
    }

    private static RocksRecordStore.Opened open(StoreOptions options) {
        return RocksRecordStore.open(options, Thread::new, System::nanoTime);
    }
}
