package dev.wingman.http;

import static dev.wingman.testing.WebClient.header;
import static dev.wingman.testing.WebClient.json;
import static dev.wingman.testing.WebClient.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code POST /sync}; each test has a map of its own. */
class SyncIT {
    @TempDir private static Path folder;
    private static ServerProcess server;
    private static WebClient client;

    @BeforeAll
    static void start() {
        server = ServerProcess.in(folder).start();
        client = WebClient.http1(server.url());
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static String put(String id, String map, String key, String value, long millis) {
        return """
        {"id":"%s","mapName":"%s","key":"%s",
         "record":{"value":%s,"timestamp":{"millis":%d,"counter":0,"nodeId":"phone"}}}\
        """
                .formatted(id, map, key, value, millis);
    }

    private static JsonObject sync(String json) {
        HttpResponse<byte[]> answer = client.sync(json);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/msgpack");
        return message(answer);
    }

    private static JsonObject changes(String map, JsonObject since) {
        return sync(
                """
                {"clientId":"c","syncMaps":[{"mapName":"%s","lastSyncTimestamp":%s}]}\
                """
                        .formatted(map, since.encode()));
    }

    private static JsonObject onlyDelta(JsonObject answer) {
        assertThat(answer.getJsonArray("deltas")).hasSize(1);
        return answer.getJsonArray("deltas").getJsonObject(0);
    }

    @Test
    void nothingAskedGivesTheClock() {
        HttpResponse<byte[]> answer = client.send(client.post("/sync", new byte[0]));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/msgpack");
        assertThat(message(answer).getJsonObject("serverHlc").fieldNames())
                .containsExactlyInAnyOrder("millis", "counter", "nodeId");
    }

    @Test
    void operationsAreAcknowledgedWithTheLastId() {
        JsonObject answer =
                sync(
                        "{\"operations\":[%s,%s]}"
                                .formatted(
                                        put("7", "acked", "a", "1", 1000),
                                        put("8", "acked", "b", "2", 1000)));

        assertThat(answer.getJsonObject("ack").getString("lastId")).isEqualTo("8");
        assertThat(answer.containsKey("errors")).isFalse();
    }

    @Test
    void anOperationThatBreaksARuleIsReportedAndTheOthersCount() {
        String nameless = put("2", "", "a", "1", 1000);

        JsonObject answer =
                sync(
                        "{\"operations\":[%s,%s]}"
                                .formatted(put("1", "partly", "a", "1", 1000), nameless));

        JsonArray results = answer.getJsonObject("ack").getJsonArray("results");
        assertThat(answer.getJsonObject("ack").getString("lastId")).isEqualTo("2");
        assertThat(results.stream().map(JsonObject.class::cast))
                .filteredOn(result -> !result.getBoolean("success"))
                .extracting(result -> result.getString("opId"))
                .containsExactly("2");
        assertThat(onlyDelta(changes("partly", new JsonObject())).getJsonArray("records"))
                .hasSize(1);
    }

    @Test
    void deltasHoldWhatCameSinceTheLastOneHoweverOldItsTimestamp() {
        sync("{\"operations\":[%s]}".formatted(put("1", "deltas", "new", "\"n\"", 5000)));
        JsonObject first = onlyDelta(changes("deltas", new JsonObject()));

        sync("{\"operations\":[%s]}".formatted(put("2", "deltas", "late", "\"l\"", 10)));
        JsonObject second =
                onlyDelta(changes("deltas", first.getJsonObject("serverSyncTimestamp")));
        JsonObject third = changes("deltas", second.getJsonObject("serverSyncTimestamp"));

        assertThat(first.getJsonArray("records"))
                .containsExactly(
                        new JsonObject(
                                """
                                {"key":"new","eventType":"PUT","record":{"value":"n",
                                 "timestamp":{"millis":5000,"counter":0,"nodeId":"phone"}}}\
                                """));
        assertThat(second.getJsonArray("records")).hasSize(1);
        assertThat(second.getJsonArray("records").getJsonObject(0).getString("key"))
                .isEqualTo("late");
        assertThat(third.containsKey("deltas")).isFalse();
    }

    @Test
    void aRemovalIsADeltaToo() {
        sync("{\"operations\":[%s]}".formatted(put("1", "removed", "k", "1", 1000)));
        JsonObject before = onlyDelta(changes("removed", new JsonObject()));

        sync("{\"operations\":[%s]}".formatted(put("2", "removed", "k", "null", 2000)));

        JsonObject after =
                onlyDelta(changes("removed", before.getJsonObject("serverSyncTimestamp")));
        assertThat(after.getJsonArray("records").getJsonObject(0).getString("eventType"))
                .isEqualTo("REMOVE");
    }

    @Test
    void queriesSeeTheOperationsOfTheSameRequest() {
        JsonObject answer =
                sync(
                        """
                        {"operations":[%s,%s,%s],
                         "queries":[{"queryId":"q","mapName":"asked","filter":{"kind":"x"},
                                     "limit":1,"offset":1}]}\
                        """
                                .formatted(
                                        put("1", "asked", "a", "{\"kind\":\"x\",\"n\":1}", 1),
                                        put("2", "asked", "b", "{\"kind\":\"y\",\"n\":2}", 1),
                                        put("3", "asked", "c", "{\"kind\":\"x\",\"n\":3}", 1)));

        JsonObject rows = answer.getJsonArray("queryResults").getJsonObject(0);
        assertThat(rows.getString("queryId")).isEqualTo("q");
        assertThat(rows.getJsonArray("results"))
                .containsExactly(new JsonObject("{\"kind\":\"x\",\"n\":3}"));
    }

    @Test
    void searchesAreRefusedByName() {
        JsonObject answer =
                sync("{\"searches\":[{\"searchId\":\"s\",\"mapName\":\"m\",\"query\":\"x\"}]}");

        JsonObject error = answer.getJsonArray("errors").getJsonObject(0);
        assertThat(error.getInteger("code")).isEqualTo(501);
        assertThat(error.getString("context")).isEqualTo("s");
        assertThat(error.getString("message")).contains("search is not available");
    }

    @Test
    void aBodyThatIsNoMapIsRefusedWithAProblem() {
        for (byte[] body : new byte[][] {{1}, {(byte) 0x90}, {(byte) 0xc1}, {(byte) 0x81}}) {
            HttpResponse<byte[]> answer = client.send(client.post("/sync", body));

            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
            assertThat(json(answer).getString("code")).isEqualTo("bad_request");
        }
    }

    @Test
    void aBodyIsFollowedTo256LevelsAndNoFurther() {
        assertThat(client.send(client.post("/sync", nested(256))).statusCode()).isEqualTo(200);
        assertThat(client.send(client.post("/sync", nested(257))).statusCode()).isEqualTo(400);
    }

    /** A map with arrays in a field that means nothing. */
    private static byte[] nested(int levels) {
        byte[] body = new byte[levels + 2];
        Arrays.fill(body, (byte) 0x91);
        body[0] = (byte) 0x81;
        body[1] = (byte) 0xa1;
        body[2] = 'x';
        body[body.length - 1] = (byte) 0x90;
        return body;
    }

    @Test
    void theTypeOfTheBodyDoesNotMatter() {
        for (String type :
                new String[] {
                    "application/msgpack",
                    "application/x-www-form-urlencoded",
                    "multipart/form-data; boundary=x"
                }) {
            HttpResponse<byte[]> answer =
                    client.send(
                            client.post("/sync", new byte[] {(byte) 0x80})
                                    .setHeader("Content-Type", type));

            assertThat(answer.statusCode()).as(type).isEqualTo(200);
        }
    }

    @Test
    void whatComesOverHttpIsHeardByWhoListensOnASocket() {
        try (WireClient listener = WireClient.connect(server.webSocketUrl("/ws"))) {
            listener.send("{\"type\":\"SYNC_INIT\",\"mapName\":\"heard\",\"lastSyncTimestamp\":0}");
            listener.next("SYNC_RESP_ROOT");

            sync("{\"operations\":[%s]}".formatted(put("1", "heard", "k", "\"v\"", 1000)));

            JsonObject event = listener.next("SERVER_EVENT").getJsonObject("payload");
            assertThat(event.getString("key")).isEqualTo("k");
            assertThat(event.getJsonObject("record").getString("value")).isEqualTo("v");
        }
    }

    @Test
    void aValueThatIsTooLargeIsRefusedAlone() {
        String large = "\"" + "x".repeat(600 * 1024) + "\"";

        JsonObject answer =
                sync("{\"operations\":[%s]}".formatted(put("1", "large", "k", large, 1000)));

        JsonObject result = answer.getJsonObject("ack").getJsonArray("results").getJsonObject(0);
        assertThat(result.getBoolean("success")).isFalse();
        assertThat(result.getString("error")).contains("value");
        assertThat(large.getBytes(StandardCharsets.UTF_8).length).isGreaterThan(512 * 1024);
    }
}
