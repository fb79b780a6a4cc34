package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.testing.MapSnapshot;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The server is killed while it writes, over and over, and starts again on what that left. */
class KillUnderLoadIT {
    private static final int ROUNDS = 20;
    private static final int WRITERS = 4;
    private static final String MAP = "load";
    private static final long SEED = Long.getLong("seed", 42);

    private final SplittableRandom random = new SplittableRandom(SEED);
    private final List<LoadWriter> writers = new ArrayList<>();

    @Test
    void noAcknowledgedWriteIsLostAndNothingRemovedComesBack(@TempDir Path folder)
            throws InterruptedException {
        for (int i = 0; i < WRITERS; i++) {
            writers.add(new LoadWriter("writer" + i, MAP, random.split()));
        }
        long acknowledged = 0;

        try (ServerProcess server = ServerProcess.in(folder).start()) {
            for (int round = 1; round <= ROUNDS; round++) {
                long before = settled();
                killUnderLoad(server);
                acknowledged += settled() - before;
                server.restart();

                assertIntact(server.webSocketUrl("/ws"), "round " + round + ", seed " + SEED);
            }
        }

        assertThat(acknowledged).isGreaterThan(ROUNDS * 100L);
    }

    private long settled() {
        return writers.stream().mapToLong(LoadWriter::settledId).sum();
    }

    private void killUnderLoad(ServerProcess server) throws InterruptedException {
        URI url = server.webSocketUrl("/ws");
        List<Thread> threads = new ArrayList<>();
        for (LoadWriter writer : writers) {
            threads.add(writer.start(url));
        }
        // Not for anything to happen: the moment of death is what varies.
        TimeUnit.MILLISECONDS.sleep(random.nextInt(100, 400));
        server.kill();
        for (Thread thread : threads) {
            thread.join();
        }
    }

    private void assertIntact(URI url, String when) {
        try (WireClient client = WireClient.connect(url)) {
            MapSnapshot found = MapSnapshot.fetch(client, MAP);
            for (LoadWriter writer : writers) {
                assertThat(writer.check(found.records())).as(when).isEmpty();
                assertThat(writer.refusal()).as(when).isNull();
            }
            assertThat(found.rootHash()).as(when).isEqualTo(found.rebuiltRootHash());
            assertThat(rows(client)).as(when).isEqualTo(live(found.records()));
        }
    }

    /** What a query finds, which goes by the records and not by the sums. */
    private static Map<String, Object> rows(WireClient client) {
        client.send(
                """
                {"type": "QUERY_SUB", "payload": {"queryId": "all", "mapName": "load", "query": {}}}
                """);
        Map<String, Object> rows = new HashMap<>();
        for (Object row :
                client.next("QUERY_RESP").getJsonObject("payload").getJsonArray("results")) {
            var fields = (JsonObject) row;
            rows.put(fields.getString("key"), fields.getValue("value"));
        }
        return rows;
    }

    private static Map<String, Object> live(Map<String, LwwRecord<Object>> records) {
        Map<String, Object> live = new HashMap<>();
        records.forEach((key, record) -> {
            Object value = record.value();
            if (value != null) {
                live.put(key, value);
            }
        });
        return live;
    }
}
