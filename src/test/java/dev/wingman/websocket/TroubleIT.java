package dev.wingman.websocket;

import static dev.wingman.testing.WebClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.TextHash;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Fixtures;
import dev.wingman.protocol.Json;
import dev.wingman.protocol.Value;
import dev.wingman.testing.LeafKeys;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.Tokens;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that mean harm, or are in trouble themselves, and a server with little memory. */
class TroubleIT {
    private static final int GIGABYTES = 0x7fff_ffff;
    private static final int MAX_MAPS = 40;
    private static final int MAX_MESSAGE = 2 << 20;

    @TempDir private static Path folder;
    private static ServerProcess server;
    private static WebClient web;
    private WireClient client;

    @BeforeAll
    static void start() {
        server =
                ServerProcess.in(folder)
                        .withOption("-Xmx96m")
                        .with("wingman.sync.max-maps", MAX_MAPS)
                        .start();
        web = WebClient.http1(server.url());
        try (WireClient first = WireClient.connect(server.webSocketUrl("/ws"))) {
            // Before one of the tests fills the server with maps.
            first.send(batch(put("1", "sizes", "k", "v"), put("2", "deep", "k", "v")));
            first.send(batch(put("3", "leaf", "k", "v")));
            first.untakenAfterPing();
        }
    }

    @AfterAll
    static void stop() {
        web.close();
        server.close();
    }

    @BeforeEach
    void connect() {
        client = WireClient.connect(server.webSocketUrl("/ws"));
    }

    @AfterEach
    void disconnect() {
        client.close();
    }

    private static String put(String id, String map, String key, String value) {
        return """
        {"id":"%s","mapName":"%s","key":"%s","opType":"PUT","record":{"value":"%s",
         "timestamp":{"millis":%s,"counter":0,"nodeId":"n"}}}\
        """
                .formatted(id, map, key, value, id);
    }

    private static String batch(String... ops) {
        return "{\"type\":\"OP_BATCH\",\"payload\":{\"ops\":[" + String.join(",", ops) + "]}}";
    }

    private JsonObject acknowledgement() {
        return client.next("OP_ACK").getJsonObject("payload");
    }

    private static List<String> refused(JsonObject acknowledgement) {
        return acknowledgement.getJsonArray("results", new JsonArray()).stream()
                .map(result -> ((JsonObject) result).getString("opId"))
                .toList();
    }

    /**
     * In the place of every value of every message, and of much that is no value. On a heap of 96
     * MB the first of them would be the end of the server.
     */
    @Test
    void lengthsOfGigabytesAreNotBelieved() {
        int[] headers = {0xc6, 0xc9, 0xdb, 0xdd, 0xdf};
        for (String name : Fixtures.NAMES) {
            byte[] message = Fixtures.frame(name);
            for (int at = 0; at < message.length; at++) {
                for (int header : headers) {
                    client.send(declaring(header, message, at));
                }
            }
            client.untakenAfterPing();
            client.forget();
        }

        assertThat(client.untakenAfterPing()).isEmpty();
        assertThat(server.log()).noneMatch(line -> line.contains("OutOfMemory"));
    }

    private static byte[] declaring(int header, byte[] message, int at) {
        return ByteBuffer.allocate(at + 9)
                .put(message, 0, at)
                .put((byte) header)
                .putInt(GIGABYTES)
                .putInt(0)
                .array();
    }

    @Test
    void aFrameOfExabytesClosesTheConnectionBeforeItComes() {
        byte[] header =
                ByteBuffer.allocate(14).put((byte) 0x82).put((byte) 0xff).putLong(1L << 60).array();

        try (RawSocket raw = RawSocket.connect(server.url())) {
            raw.send(RawSocket.UPGRADE).answer();
            raw.send(header);

            assertThat(raw.read(4)).startsWith(0x88).endsWith(1009 >> 8, 1009 & 0xff);
        }
    }

    @Test
    void namesAndValuesThatAreTooLargeAreRefusedAloneAndBlockNobody() {
        String megabyte = "x".repeat(1 << 20);
        client.send(batch(put("1", "sizes", "a", "v"), put("2", megabyte, "b", "v")));
        JsonObject largeMap = acknowledgement();
        client.send(batch(put("3", "sizes", megabyte, "v")));
        JsonObject largeKey = acknowledgement();
        client.send(batch(put("4", "sizes", "c", megabyte)));
        JsonObject largeValue = acknowledgement();
        client.send(batch(put("5", "sizes", "d", "v")));

        assertThat(refused(largeMap)).containsExactly("2");
        assertThat(largeMap.getString("lastId")).isEqualTo("2");
        assertThat(refused(largeKey)).containsExactly("3");
        assertThat(refused(largeValue)).containsExactly("4");
        assertThat(acknowledgement().getString("lastId")).isEqualTo("5");
    }

    @Test
    void nestingIsFollowedTo256LevelsAndNoFurther() {
        // The message, the payload, the list, the op and the record are the first five.
        client.send(batch(nested("1", 251)));
        assertThat(acknowledgement().getString("lastId")).isEqualTo("1");

        client.send(batch(nested("2", 252)));
        assertThat(client.untakenAfterPing()).isEmpty();

        client.send(batchOf(items(batch(nested("3", 252)), batch(nested("4", 251)))));
        assertThat(acknowledgement().getString("lastId")).isEqualTo("4");
        assertThat(client.untakenAfterPing()).isEmpty();
    }

    /** Messages with their lengths, as a BATCH has them. */
    private static byte[] items(String... messages) {
        var items = new ByteArrayOutputStream();
        for (String message : messages) {
            byte[] frame = Json.frame(message);
            items.writeBytes(ByteBuffer.allocate(4).putInt(frame.length).array());
            items.writeBytes(frame);
        }
        return items.toByteArray();
    }

    private static Datum batchOf(byte[] items) {
        byte[] binary =
                ByteBuffer.allocate(5 + items.length)
                        .put((byte) 0xc6)
                        .putInt(items.length)
                        .put(items)
                        .array();
        return new Datum.Dictionary(
                Map.of(
                        "type", new Datum.Text("BATCH"),
                        "count", new Datum.Whole(1),
                        "data", new Datum.Binary(Value.ofEncoded(binary))));
    }

    private static String nested(String id, int levels) {
        return put(id, "deep", "k", "V").replace("\"V\"", "[".repeat(levels) + "]".repeat(levels));
    }

    @Test
    void moreMessagesInABatchThanAreAllowedAreRefused() {
        client.send(batchOf(new byte[10_001 * 4]));

        assertThat(client.next("ERROR").getJsonObject("payload").getInteger("code")).isEqualTo(413);
        assertThat(client.untakenAfterPing()).isEmpty();
    }

    @Test
    void moreRefusedOpsThanOneMessageCanNameAreAllNamed() {
        String[] ops = new String[18_000];
        for (int i = 0; i < ops.length; i++) {
            ops[i] = "{\"id\":\"" + (i + 1) + "\",\"opType\":\"OR_ADD\"}";
        }

        client.send(batch(ops));

        Set<String> named = new HashSet<>();
        int messages = 0;
        while (named.size() < ops.length) {
            JsonObject part = acknowledgement();
            assertThat(part.getString("lastId")).isEqualTo("18000");
            named.addAll(refused(part));
            messages++;
        }
        assertThat(messages).isGreaterThan(1);
        assertThat(client.untakenAfterPing()).isEmpty();
    }

    @Test
    void aMapTooManyIsRefusedInTheAcknowledgementAndTheOthersAreThere() {
        String[] ops = new String[MAX_MAPS + 1];
        for (int i = 0; i < ops.length; i++) {
            ops[i] = put("" + (i + 1), "many" + i, "k", "v");
        }
        client.send(batch(ops));

        JsonObject acknowledgement = acknowledgement();

        assertThat(acknowledgement.getString("lastId")).isEqualTo("" + ops.length);
        assertThat(acknowledgement.getJsonArray("results").getJsonObject(0).getString("error"))
                .contains("raise wingman.sync.max-maps");
    }

    /** Together the values of one leaf are larger than a message may be. */
    @Test
    void aClientConvergesOnALeafThatNeedsSeveralMessages() {
        List<String> keys = LeafKeys.ofOneLeaf(6);
        String half = "v".repeat(MAX_MESSAGE / 5);
        for (int i = 0; i < keys.size(); i++) {
            client.send(batch(put("" + (i + 1), "leaf", keys.get(i), half)));
            acknowledgement();
        }

        String path = "%03x".formatted(MerkleTrie.leafOf(TextHash.of(keys.getFirst())));
        client.send(
                """
                {"type":"MERKLE_REQ_BUCKET","payload":{"mapName":"leaf","path":"%s"}}\
                """
                        .formatted(path));
        Set<String> found = new HashSet<>();
        int messages = 0;
        while (found.size() < keys.size()) {
            JsonObject leaf = client.next("SYNC_RESP_LEAF").getJsonObject("payload");
            leaf.getJsonArray("records")
                    .forEach(record -> found.add(((JsonObject) record).getString("key")));
            messages++;
            assertThat(leaf.getBoolean("more", false)).isEqualTo(found.size() < keys.size());
        }

        assertThat(found).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(messages).isGreaterThan(1);
        assertThat(client.untakenAfterPing()).isEmpty();
    }

    private static double metric(String name) {
        return new String(web.get("/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }

    private static int connections() {
        return json(web.get("/health")).getInteger("connections");
    }

    @Test
    void aConnectionThatIsHalfClosedIsLetGo() {
        client.untakenAfterPing();
        int before = connections();

        try (RawSocket half = RawSocket.connect(server.url())) {
            half.send(RawSocket.UPGRADE).answer();
            await().until(() -> connections() == before + 1);

            half.endOutput();

            await().until(() -> connections() == before);
            assertThat(half.isClosedByServer()).isTrue();
        }
    }

    /**
     * One of twenty reads nothing; the others hear of everything, in order, and of 2.4 MB not all
     * is kept for the one: neither in its queue nor in the buffers of the system.
     */
    @Test
    void whoDoesNotReadKeepsNobodyElseFromHearing() {
        String subscribe = "{\"type\":\"TOPIC_SUB\",\"payload\":{\"topic\":\"crowd\"}}";
        List<WireClient> readers = new ArrayList<>();
        try (RawSocket stalled = RawSocket.connectWithRoomFor(4096, server.url())) {
            stalled.send(RawSocket.UPGRADE).answer();
            stalled.send(masked(Json.frame(subscribe)));
            for (int i = 0; i < 19; i++) {
                WireClient reader = WireClient.connect(server.webSocketUrl("/ws"));
                readers.add(reader);
                reader.send(subscribe);
                reader.untakenAfterPing();
            }
            String text = "t".repeat(16_000);

            for (int i = 0; i < 150; i++) {
                client.send(
                        """
                        {"type":"TOPIC_PUB","payload":{"topic":"crowd","data":[%d,"%s"]}}\
                        """
                                .formatted(i, text));
                client.untakenAfterPing();
                for (WireClient reader : readers) {
                    JsonObject message = reader.next("TOPIC_MESSAGE").getJsonObject("payload");
                    assertThat(message.getJsonArray("data").getInteger(0)).isEqualTo(i);
                }
            }
            assertThat(metric("wingman_messages_dropped_total")).isPositive();
            assertThat(metric("wingman_queues_size_bytes")).isBetween(1.0, 1048576.0);
        } finally {
            readers.forEach(WireClient::close);
        }
    }

    private static byte[] masked(byte[] message) {
        return ByteBuffer.allocate(6 + message.length)
                .put((byte) 0x82)
                .put((byte) (0x80 | message.length))
                .putInt(0)
                .put(message)
                .array();
    }

    @Test
    void aTokenThatExpiresEndsTheConnection(@TempDir Path other) {
        try (ServerProcess guarded =
                        ServerProcess.in(other)
                                .with("wingman.security.authentication", "required")
                                .with("wingman.security.jwt.secret", Tokens.SECRET)
                                .with("wingman.security.jwt.leeway", "0s")
                                .start();
                WireClient guest = WireClient.connect(guarded.webSocketUrl("/ws"))) {
            String token = Tokens.of("alice", Instant.now().plusSeconds(3), "");
            guest.send("{\"type\":\"AUTH\",\"token\":\"" + token + "\"}");
            guest.next("AUTH_ACK");

            assertThat(guest.awaitClose().code()).isEqualTo(1008);
        }
    }
}
