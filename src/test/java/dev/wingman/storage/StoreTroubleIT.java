package dev.wingman.storage;

import static dev.wingman.storage.RecordStoreContract.await;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.testing.MapSnapshot;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.SmallDisk;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** What a client and an operator see of a full disk and of files that are not what they were. */
class StoreTroubleIT {
    private static final String MAP = "m";
    private static final int OPS = 10;

    private final SplittableRandom random = new SplittableRandom(5);
    private final TreeSet<String> acknowledged = new TreeSet<>();
    private int batches;

    @TempDir Path folder;

    @Test
    void aDiskThatRunsFullUnderBatchesRefusesThemAndLosesNothing() throws IOException {
        SmallDisk mounted = SmallDisk.mount(folder.resolve("disk"), "size=48m");
        assumeTrue(mounted != null, "needs the right to mount a tmpfs");
        try (SmallDisk disk = mounted;
                ServerProcess server = server().start();
                WebClient http = WebClient.http1(server.url())) {
            JsonObject refusal;
            try (WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
                writeUntilRefused(client, 3);
                Path ballast = disk.fillBut(400_000);
                refusal = requireNonNull(writeUntilRefused(client, 1_000));
                HttpResponse<byte[]> readiness = http.get("/health/ready");

                assertThat(readiness.statusCode()).isEqualTo(503);
                assertThat(WebClient.json(readiness).encode()).contains("free some space");
                assertThat(http.get("/health/live").statusCode()).isEqualTo(200);
                assertThat(MapSnapshot.fetch(client, MAP).records().keySet())
                        .containsAll(acknowledged);
                Files.delete(ballast);
            }
            assertThat(refusal.getString("type")).isEqualTo("ERROR");
            assertThat(refusal.getJsonObject("payload").getInteger("code")).isEqualTo(507);

            awaitReady(http);
            try (WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
                assertThat(writeUntilRefused(client, 2)).isNull();
            }
            assertThat(server.log())
                    .filteredOn(line -> line.contains("store ") && line.contains(" writes"))
                    .satisfiesExactly(
                            line -> assertThat(line).contains("store refuses writes"),
                            line -> assertThat(line).contains("store takes writes again"));
            server.restart();
            try (WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
                MapSnapshot after = MapSnapshot.fetch(client, MAP);

                assertThat(after.records().keySet()).containsAll(acknowledged);
                assertThat(after.rebuiltRootHash()).isEqualTo(after.rootHash());
            }
        }
    }

    private ServerProcess.Setup server() {
        // RocksDB goes on only when a whole write buffer is free, so it is small here.
        return ServerProcess.in(folder)
                .with("wingman.storage.directory", "disk/data")
                .with("wingman.storage.write-buffer", "4M")
                .with("wingman.storage.min-free-space", "0")
                .with("wingman.features.rest", "false");
    }

    /** The refusal; null when none of so many batches was refused. */
    private @Nullable JsonObject writeUntilRefused(WireClient client, int most) {
        for (int i = 0; i < most; i++) {
            var ops = new JsonArray();
            var keys = new TreeSet<String>();
            int batch = batches++;
            for (int op = 0; op < OPS; op++) {
                String key = "key %d.%d".formatted(batch, op);
                keys.add(key);
                ops.add(put(key));
            }
            client.send(
                    new JsonObject()
                            .put("type", "OP_BATCH")
                            .put("payload", new JsonObject().put("ops", ops))
                            .encode());
            JsonObject answer =
                    client.next(
                            message ->
                                    List.of("OP_ACK", "ERROR").contains(message.getString("type")),
                            Duration.ofSeconds(20));
            if (answer.getString("type").equals("ERROR")) {
                return answer;
            }
            acknowledged.addAll(keys);
        }
        return null;
    }

    private JsonObject put(String key) {
        var value = new StringBuilder();
        random.ints(20_000, ' ', '~').forEach(unit -> value.append((char) unit));
        var at = new JsonObject().put("millis", 1_000).put("counter", 0).put("nodeId", "n");
        return new JsonObject()
                .put("id", key)
                .put("mapName", MAP)
                .put("opType", "PUT")
                .put("key", key)
                .put("record", new JsonObject().put("value", value).put("timestamp", at));
    }

    /** RocksDB looks every five seconds whether there is space again. */
    private static void awaitReady(WebClient http) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> http.get("/health/ready").statusCode() == 200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"CURRENT", "MANIFEST", ".sst"})
    void aTruncatedFileRefusesThisStartAndTheNext(String name) throws IOException {
        writeTables();
        Path file = fileOf(name);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }

        assertThat(failureOfTheNextStart()).contains("problem=damaged");
        assertThat(failureOfTheNextStart()).contains("problem=damaged");
    }

    @ParameterizedTest
    @ValueSource(strings = {"MANIFEST", ".sst"})
    void aFileWithABitThatFlippedRefusesTheStart(String name) throws IOException {
        writeTables();
        Path file = fileOf(name);
        StoreFiles.damage(file, StoreFiles.size(file) / 2);

        assertThat(failureOfTheNextStart()).contains("problem=damaged");
    }

    @Test
    void aStoreWithoutItsLogRefusesTheStart() throws IOException {
        writeTables();
        Files.delete(fileOf(".log"));

        assertThat(failureOfTheNextStart()).contains("problem=damaged", "write-ahead log");
    }

    @Test
    void aStoreOfALaterVersionRefusesTheStart() throws IOException, RocksDBException {
        writeTables();
        byte[] later = ByteBuffer.allocate(Integer.BYTES).putInt(2).array();
        try (RocksDatabase database =
                        RocksDatabase.open(StoreOptions.at(folder.resolve("disk/data")));
                WriteBatch batch = new WriteBatch()) {
            batch.put(database.handle(RocksDatabase.Family.META), KeyFormat.FORMAT_VERSION, later);
            database.write(batch, true);
        }

        assertThat(failureOfTheNextStart()).contains("problem=newer_format", "format 2");
    }

    /** Opened twice: that moves to a table file what was in the log. */
    private void writeTables() throws IOException {
        Path directory = Files.createDirectory(folder.resolve("disk")).resolve("data");
        var model = new RecordModel();
        try (RocksRecordStore store = open(directory)) {
            var change = model.write(new MapName(MAP), new Key("k"), "v");
            await(
                    store.commit(
                            new CommitBatch(store.epoch(), List.of(change), List.of(), List.of())));
        }
        open(directory).close();
    }

    private static RocksRecordStore open(Path directory) {
        return RocksRecordStore.open(StoreOptions.at(directory), Thread::new, System::nanoTime)
                .store();
    }

    private Path fileOf(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("disk/data"))) {
            return files.filter(file -> file.getFileName().toString().contains(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private String failureOfTheNextStart() {
        try (ServerProcess server = server().launchOnly()) {
            assertThat(server.awaitExit()).isEqualTo(1);
            assertThat(server.log())
                    .noneMatch(line -> line.startsWith("\tat "))
                    .noneMatch(line -> line.contains("ready url="));
            return server.log().getLast();
        }
    }
}
