package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Partitions;
import dev.wingman.protocol.Value;
import dev.wingman.storage.CommitBatch;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.Durability;
import dev.wingman.storage.RocksRecordStore;
import dev.wingman.storage.StoreOptions;
import dev.wingman.storage.StoredRecord;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.RawSocket.Answer;
import dev.wingman.testing.ServerProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server is asked to stop while it still finds out what it has. */
class StopWhileStartingIT {
    /** Enough to keep a fast machine busy for a second. */
    private static final int CHANGES = 400_000;

    private static final int CHANGES_PER_BATCH = 4_000;

    private static final String SYNC =
            "POST /sync HTTP/1.1\nHost: localhost\nContent-Length: 1\n\n\u0080";

    /** A long log and no sums that would spare reading it, as a crash leaves it. */
    private static void fill(Path directory) {
        StoreOptions options = StoreOptions.at(directory).withDurability(Durability.BATCHED);
        var opened = RocksRecordStore.open(options, Thread::new, System::nanoTime);
        try (RocksRecordStore store = opened.store()) {
            long[] sequences = new long[Partitions.COUNT];
            List<Change> changes = new ArrayList<>();
            for (int i = 1; i <= CHANGES; i++) {
                changes.add(change(new Key("key" + i), i, sequences));
                if (changes.size() == CHANGES_PER_BATCH) {
                    store.commit(new CommitBatch(store.epoch(), changes, List.of(), List.of()))
                            .toCompletableFuture()
                            .join();
                    changes = new ArrayList<>();
                }
            }
        }
    }

    private static Change change(Key key, int number, long[] sequences) {
        var record =
                new LwwRecord<>(
                        Value.of(new Datum.Whole(number)), new Timestamp(number, 0, "n"), 0);
        long sequence = ++sequences[key.partition()];
        return new Change(
                new MapName("m"),
                key,
                new StoredRecord(record, sequence, new Stamp(number, 0)),
                LeafDelta.of(key.value(), null, record));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void clientsAreToldToComeBackAndTheProcessEndsOrderly(@TempDir Path folder) throws IOException {
        fill(folder.resolve("data"));
        int port = freePort();
        URI url = URI.create("http://127.0.0.1:" + port);
        try (ServerProcess server =
                ServerProcess.in(folder).with("wingman.network.port", port).launchOnly()) {
            await().ignoreExceptionsInstanceOf(UncheckedIOException.class).until(() -> isOpen(url));

            try (RawSocket socket = RawSocket.connect(url)) {
                assertComeBack(socket.send(RawSocket.UPGRADE).answer(), "starting");
                assertComeBack(socket.send(SYNC).answer(), "starting");
                server.terminate();
                assertThat(answersUntilTheEnd(socket))
                        .allSatisfy(answer ->
                                assertComeBack(
                                        answer,
                                        answer.body().contains("starting")
                                                ? "starting"
                                                : "draining"));
            }

            assertThat(server.awaitExit()).isZero();
            assertThat(server.log())
                    .noneMatch(line -> line.contains("ready url=") || line.contains("ERROR"))
                    .last()
                    .asString()
                    .contains("stopped", "connections_cut=0");
        }
    }

    private static boolean isOpen(URI url) {
        RawSocket.connect(url).close();
        return true;
    }

    private static List<Answer> answersUntilTheEnd(RawSocket socket) {
        List<Answer> answers = new ArrayList<>();
        try {
            while (true) {
                answers.add(socket.send(RawSocket.UPGRADE).answer());
                answers.add(socket.send(SYNC).answer());
            }
        } catch (UncheckedIOException e) {
            return answers; // the process has ended
        }
    }

    private static void assertComeBack(Answer answer, String reason) {
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.headers()).containsEntry("retry-after", "1");
        assertThat(new JsonObject(answer.body()).getString("detail")).contains(reason);
    }
}
