package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Json;
import dev.wingman.testing.MapSnapshot;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What clients may send to a map, from one end of the packaged server to the other. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WritePathIT {
    private static final int MAX_KEY_BYTES = 1024;
    private static final int MAX_VALUE_BYTES = 512 * 1024;

    private final List<WireClient> clients = new ArrayList<>();
    private ServerProcess server;
    private String map;
    private WireClient writer;
    private WireClient reader;

    @BeforeAll
    void start(@TempDir Path folder) {
        server = ServerProcess.in(folder).start();
    }

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void connect(TestInfo test) {
        map = test.getTestMethod().orElseThrow().getName();
        writer = client();
        reader = client();
        reader.send(message("SYNC_INIT").put("mapName", map).encode());
        reader.next("SYNC_RESP_ROOT");
    }

    private WireClient client() {
        WireClient client = WireClient.connect(server.webSocketUrl("/ws"));
        clients.add(client);
        return client;
    }

    @AfterEach
    void disconnect() {
        clients.forEach(WireClient::close);
        clients.clear();
    }

    @Test
    void anOpThatBreaksARuleIsRefusedAloneAndItsNeighboursAreApplied() {
        JsonObject orAdd = op("4", "or").put("opType", "OR_ADD").put("orRecord", new JsonObject());

        batch(
                put("1", "first", 1),
                op("2", "no record").put("opType", "PUT"),
                put("3", "k".repeat(MAX_KEY_BYTES + 1), 3),
                orAdd,
                put("5", "no time", 5).put("record", new JsonObject().put("value", 5)),
                put("6", "other", 6).put("opType", "INCREMENT"),
                put("7", "in a long map", 7).put("mapName", "m".repeat(257)),
                put("8", "last", 8));

        JsonObject ack = acknowledgement();
        assertThat(ack.getString("lastId")).isEqualTo("8");
        assertThat(refused(ack)).containsExactly("2", "3", "4", "5", "6", "7");
        assertThat(snapshot().records()).containsOnlyKeys("first", "last");
    }

    @Test
    void aBatchOfNothingButRefusedOpsIsAcknowledged() {
        batch(op("41", "k").put("opType", "PUT"), op("42", "k").put("opType", "PUT"));

        JsonObject ack = acknowledgement();
        assertThat(ack.getString("lastId")).isEqualTo("42");
        assertThat(refused(ack)).containsExactly("41", "42");
    }

    @Test
    void keysAndValuesOfTheGreatestSizeAreAccepted() {
        String key = "é".repeat(MAX_KEY_BYTES / 2);
        String value = "v".repeat(MAX_VALUE_BYTES - 5); // and its header

        batch(put("1", key, 1), put("2", "k", value), put("3", "too large", value + "v"));

        assertThat(refused(acknowledgement())).containsExactly("3");
        assertThat(snapshot().records()).containsOnlyKeys(key, "k");
    }

    @Test
    void aRemovalWithoutARecordIsStampedByTheServer() {
        long before = System.currentTimeMillis();
        batch(put("1", "k", 1));
        reader.next("SERVER_EVENT");

        batch(op("2", "k").putNull("record"));

        JsonObject event = reader.next("SERVER_EVENT").getJsonObject("payload");
        assertThat(event.getString("eventType")).isEqualTo("REMOVE");
        JsonObject record = event.getJsonObject("record");
        assertThat(record.containsKey("value")).isTrue();
        assertThat(record.getValue("value")).isNull();
        assertThat(record.getJsonObject("timestamp").getLong("millis")).isBetween(before, now());
    }

    @Test
    void aRemovalWithoutARecordRemovesEvenWhatComesFromTheFuture() {
        long future = System.currentTimeMillis() + 86_400_000;
        batch(put("1", "k", 1, at(future, 7)));
        reader.next("SERVER_EVENT");

        batch(op("2", "k").putNull("record"));

        acknowledgement();
        acknowledgement();
        LwwRecord<Object> stored = snapshot().record("k");
        assertThat(stored.isTombstone()).isTrue();
        assertThat(stored.timestamp().millis()).isEqualTo(future);
        assertThat(eventTypes(reader)).containsExactly("REMOVE");
    }

    @Test
    void aTimestampFromTheFutureIsKeptAndDoesNotMoveTheServersClock() {
        long future = System.currentTimeMillis() + 86_400_000;

        batch(put("1", "k", 1, at(future, 7)));

        acknowledgement();
        assertThat(snapshot().record("k").timestamp()).isEqualTo(new Timestamp(future, 7, "n"));
        writer.send(message("SYNC_INIT").put("mapName", map).encode());
        JsonObject root = writer.next("SYNC_RESP_ROOT").getJsonObject("payload");
        assertThat(root.getJsonObject("timestamp").getLong("millis")).isLessThanOrEqualTo(now());
    }

    @Test
    void theSameOpTwiceIsAcknowledgedTwiceAndTellsOthersOnce() {
        JsonObject op = put("1", "k", 1);

        batch(op, op);
        batch(op);

        assertThat(acknowledgement().getString("lastId")).isEqualTo("1");
        assertThat(acknowledgement().getString("lastId")).isEqualTo("1");
        assertThat(eventTypes(reader)).containsExactly("PUT");
    }

    @Test
    void anOlderTimestampIsAcknowledgedAndChangesNothing() {
        batch(put("1", "k", "new", at(1000, 1)));

        batch(put("2", "k", "older", at(1000, 0)));
        batch(op("3", "k").put("opType", "REMOVE").put("record", record(null, at(999, 5))));

        for (String id : List.of("1", "2", "3")) {
            JsonObject ack = acknowledgement();
            assertThat(ack.getString("lastId")).isEqualTo(id);
            assertThat(ack.containsKey("results")).isFalse();
        }
        assertThat(snapshot().record("k").value()).isEqualTo("new");
        assertThat(eventTypes(reader)).containsExactly("PUT");
    }

    @Test
    void ofTwoOpsOnOneKeyInOneBatchTheLaterTimestampWinsWhateverTheirOrder() {
        batch(
                put("1", "k", "later", at(1000, 1)),
                put("2", "k", "earlier", at(1000, 0)),
                put("3", "j", "earlier", at(1000, 0)),
                put("4", "j", "later", at(1000, 1)));

        acknowledgement();
        MapSnapshot snapshot = snapshot();
        assertThat(snapshot.record("k").value()).isEqualTo("later");
        assertThat(snapshot.record("j").value()).isEqualTo("later");
    }

    @Test
    void anEntryWhoseTimeIsOverIsHiddenFromQueriesButStaysInTheTrie() throws Exception {
        Timestamp past = new Timestamp(now() - 10_000, 0, "n");
        JsonObject over = record(1, at(past.millis(), 0)).put("ttlMs", 5_000);

        batch(put("1", "over", 1).put("record", over), put("2", "lasts", 2));

        acknowledgement();
        assertThat(query("{}")).containsExactly("lasts");
        assertThat(httpQuery()).isEqualTo(new JsonArray().add(2));
        MapSnapshot snapshot = snapshot();
        assertThat(snapshot.records().get("over")).isEqualTo(new LwwRecord<>(1L, past, 5_000));
        assertThat(snapshot.rootHash()).isEqualTo(snapshot.rebuiltRootHash());
    }

    @Test
    void aRowLeavesItsQueryWhenItsTimeIsOver() {
        assertThat(query("{}")).isEmpty();

        batch(put("1", "k", 1).put("record", record(1, at(now(), 0)).put("ttlMs", 300)));

        assertThat(update(writer)).isEqualTo("ENTER k");
        assertThat(update(writer)).isEqualTo("LEAVE k");
    }

    @Test
    void aTombstoneIsInItsLeafWithTheTimestampOfTheClient() {
        batch(
                put("1", "k", 1, at(1000, 0)),
                op("2", "k").put("opType", "REMOVE").put("record", record(null, at(1000, 1))),
                put("3", "j", 1, at(1000, 0)),
                op("4", "j").put("opType", "PUT").put("record", record(null, at(2000, 0))));

        acknowledgement();
        MapSnapshot snapshot = snapshot();
        assertThat(snapshot.records())
                .containsOnly(
                        Map.entry("k", new LwwRecord<>(null, new Timestamp(1000, 1, "n"), 0)),
                        Map.entry("j", new LwwRecord<>(null, new Timestamp(2000, 0, "n"), 0)));
        assertThat(snapshot.rootHash()).isEqualTo(snapshot.rebuiltRootHash());
    }

    @Test
    void aWriterHearsOfItsWriteThroughItsQueryAndNotAsAnEvent() {
        query("{}");

        batch(put("1", "k", 1));

        assertThat(update(writer)).isEqualTo("ENTER k");
        acknowledgement();
        assertThat(eventTypes(writer)).isEmpty();
        assertThat(eventTypes(reader)).containsExactly("PUT");
    }

    @Test
    void whoHasWrittenToAMapHearsWhatOthersDoToIt() {
        batch(put("1", "k", 1));
        acknowledgement();

        reader.send(opBatch(put("1", "k", 2, at(now(), 1))));
        reader.next("OP_ACK");

        assertThat(eventTypes(writer)).containsExactly("PUT");
    }

    @Test
    void aQueryRightBehindABatchSeesAllOfIt() {
        JsonObject[] ops =
                IntStream.range(0, 300)
                        .mapToObj(i -> put(String.valueOf(i), "key " + i, i))
                        .toArray(JsonObject[]::new);

        batch(ops);
        List<String> rows = query("{}");

        assertThat(rows).hasSize(300);
    }

    @Test
    void aHundredBatchesAtOnceAreAcknowledgedInTheirOrder() {
        List<String> ids = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            ids.add(String.valueOf(i));
            batch(put(String.valueOf(i), "key " + i, i));
        }

        List<String> acknowledged = new ArrayList<>();
        for (int i = 1; i <= 100; i++) {
            acknowledged.add(acknowledgement().getString("lastId"));
        }

        assertThat(acknowledged).isEqualTo(ids);
        assertThat(snapshot().records()).hasSize(100);
    }

    @Test
    void anAcknowledgementNamesTheLastOpThatHasAnIdAndElseAcknowledgesNone() {
        JsonObject anonymous = put("", "a", 1);
        anonymous.remove("id");

        batch(anonymous);
        batch();
        batch(put("batch-3", "b", 1), anonymous);

        assertThat(acknowledgement().getString("lastId")).isEqualTo("0");
        assertThat(acknowledgement().getString("lastId")).isEqualTo("0");
        assertThat(acknowledgement().getString("lastId")).isEqualTo("batch-3");
    }

    @Test
    void aSingleOpIsAcknowledgedAsDurable() {
        writer.send(message("CLIENT_OP").put("payload", put("9", "k", 1)).encode());

        JsonObject ack = acknowledgement();

        assertThat(ack.getString("lastId")).isEqualTo("9");
        assertThat(ack.getString("achievedLevel")).isEqualTo("PERSISTED");
    }

    private static long now() {
        return System.currentTimeMillis();
    }

    private static JsonObject message(String type) {
        return new JsonObject().put("type", type);
    }

    private JsonObject op(String id, String key) {
        return new JsonObject().put("id", id).put("mapName", map).put("key", key);
    }

    private JsonObject put(String id, String key, Object value) {
        return put(id, key, value, at(now(), 0));
    }

    private JsonObject put(String id, String key, Object value, JsonObject timestamp) {
        return op(id, key).put("opType", "PUT").put("record", record(value, timestamp));
    }

    private static JsonObject record(@Nullable Object value, JsonObject timestamp) {
        return new JsonObject().put("value", value).put("timestamp", timestamp);
    }

    private static JsonObject at(long millis, int counter) {
        return new JsonObject().put("millis", millis).put("counter", counter).put("nodeId", "n");
    }

    private void batch(JsonObject... ops) {
        writer.send(opBatch(ops));
    }

    private static String opBatch(JsonObject... ops) {
        var payload = new JsonObject().put("ops", new JsonArray(List.of((Object[]) ops)));
        return message("OP_BATCH").put("payload", payload).encode();
    }

    private JsonObject acknowledgement() {
        return writer.next("OP_ACK").getJsonObject("payload");
    }

    private static List<String> refused(JsonObject ack) {
        return ack.getJsonArray("results").stream()
                .map(JsonObject.class::cast)
                .filter(result -> !result.getBoolean("success"))
                .map(result -> result.getString("opId"))
                .toList();
    }

    /** Keys of the rows, in the order of the first answer. */
    private List<String> query(String query) {
        JsonObject payload =
                new JsonObject()
                        .put("queryId", "q")
                        .put("mapName", map)
                        .put("query", new JsonObject(query));
        writer.send(message("QUERY_SUB").put("payload", payload).encode());
        JsonArray rows = writer.next("QUERY_RESP").getJsonObject("payload").getJsonArray("results");
        return rows.stream().map(row -> ((JsonObject) row).getString("key")).toList();
    }

    private static String update(WireClient client) {
        JsonObject update = client.next("QUERY_UPDATE").getJsonObject("payload");
        return update.getString("changeType") + " " + update.getString("key");
    }

    private static List<String> eventTypes(WireClient client) {
        return client.untakenAfterPing().stream()
                .filter(message -> message.getString("type").equals("SERVER_EVENT"))
                .map(message -> message.getJsonObject("payload").getString("eventType"))
                .toList();
    }

    private MapSnapshot snapshot() {
        return MapSnapshot.fetch(writer, map);
    }

    private JsonArray httpQuery() throws IOException, InterruptedException {
        JsonObject query = new JsonObject().put("queryId", "q").put("mapName", map);
        JsonObject body = new JsonObject().put("queries", new JsonArray().add(query));
        HttpRequest request =
                HttpRequest.newBuilder(server.url("/sync"))
                        .header("Content-Type", "application/x-msgpack")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(Json.frame(body.encode())))
                        .build();
        try (HttpClient http = HttpClient.newHttpClient()) {
            HttpResponse<byte[]> response =
                    http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            return Json.object(response.body())
                    .getJsonArray("queryResults")
                    .getJsonObject(0)
                    .getJsonArray("results");
        }
    }
}
