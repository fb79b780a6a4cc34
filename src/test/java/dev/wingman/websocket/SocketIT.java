package dev.wingman.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Fixtures;
import dev.wingman.protocol.Json;
import dev.wingman.protocol.Value;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sockets of an open server with its defaults. */
class SocketIT {
    private static final int MAX_MESSAGE = 2 * 1024 * 1024;

    @TempDir private static Path folder;
    private static ServerProcess server;
    private static WebClient web;
    private WireClient client;

    @BeforeAll
    static void start() {
        server = ServerProcess.in(folder).start();
        web = WebClient.http1(server.url());
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

    private static double metric(String name) {
        return new String(web.get("/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
                .sum();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/ws", "/", "/ws?from=somewhere"})
    void bothPathsAreSockets(String path) {
        try (WireClient other = WireClient.connect(server.webSocketUrl(path))) {
            other.send("{\"type\":\"PING\",\"timestamp\":1700000000000}");

            JsonObject pong = other.next("PONG");

            assertThat(pong.getLong("timestamp")).isEqualTo(1_700_000_000_000L);
            assertThat(pong.getLong("serverTime"))
                    .isCloseTo(System.currentTimeMillis(), within(60_000L));
        }
    }

    @Test
    void theServerSaysNothingUnasked() {
        assertThat(client.untakenAfterPing()).isEmpty();
    }

    @Test
    void anAuthThatIsNotNeededIsAnswered() {
        client.send("{\"type\":\"AUTH\",\"token\":\"whatever\"}");

        JsonObject ack = client.next("AUTH_ACK");

        assertThat(ack.containsKey("userId")).isFalse();
        assertThat(ack.getString("deviceId")).isNotEmpty();
        assertThat(ack.getString("deviceToken")).isNotEmpty();
    }

    @Test
    void aDeviceThatShowsItsTokenIsKnownAgain() {
        client.send("{\"type\":\"DEVICE_HELLO\"}");
        JsonObject minted = client.next("DEVICE_ACK");
        String token = minted.getString("deviceToken");

        try (WireClient again = WireClient.connect(server.webSocketUrl("/ws"))) {
            again.send("{\"type\":\"DEVICE_HELLO\",\"deviceToken\":\"" + token + "\"}");

            assertThat(again.next("DEVICE_ACK").getMap())
                    .isEqualTo(
                            Map.of("type", "DEVICE_ACK", "deviceId", minted.getString("deviceId")));
        }
        try (WireClient stranger = WireClient.connect(server.webSocketUrl("/ws"))) {
            stranger.send("{\"type\":\"DEVICE_HELLO\",\"deviceToken\":\"" + token + "x\"}");

            JsonObject other = stranger.next("DEVICE_ACK");
            assertThat(other.getString("deviceId")).isNotEqualTo(minted.getString("deviceId"));
            assertThat(other.getString("deviceToken")).isNotEmpty();
        }
        assertThat(client.isClosed()).as("two tabs share a device").isFalse();
    }

    @Test
    void aFrameThatIsTooLargeClosesTheConnection() {
        // Its header is enough: the server does not wait for what it will not take.
        byte[] header =
                ByteBuffer.allocate(14)
                        .put((byte) 0x82)
                        .put((byte) 0xff)
                        .putLong(MAX_MESSAGE + 1)
                        .array();

        try (RawSocket raw = RawSocket.connect(server.url())) {
            raw.send(RawSocket.UPGRADE).answer();
            raw.send(header);

            assertThat(raw.read(4)).startsWith(0x88).endsWith(1009 >> 8, 1009 & 0xff);
        }
    }

    @Test
    void aMessageThatIsTooLargeInPartsClosesTheConnection() {
        byte[] part = new byte[MAX_MESSAGE / 2];
        client.sendPart(part, false);
        client.sendPart(part, false);
        client.sendPart(new byte[1], true);

        assertThat(client.awaitClose().code()).isEqualTo(1009);
    }

    @Test
    void theLargestMessageIsRead() {
        double malformed = metric("wingman_frames_malformed_total");
        client.send(new byte[MAX_MESSAGE]);

        assertThat(client.untakenAfterPing()).isEmpty();
        assertThat(metric("wingman_frames_malformed_total")).isEqualTo(malformed + 1);
    }

    @Test
    void aMessageInPartsIsOneMessage() {
        byte[] ping = Json.frame("{\"type\":\"PING\",\"timestamp\":77}");
        client.sendPart(Arrays.copyOfRange(ping, 0, 5), false);
        client.sendPart(Arrays.copyOfRange(ping, 5, 9), false);
        client.sendPart(Arrays.copyOfRange(ping, 9, ping.length), true);

        assertThat(client.next("PONG").getInteger("timestamp")).isEqualTo(77);
    }

    @Test
    void textIsIgnored() {
        client.sendText("{\"type\":\"PING\",\"timestamp\":1}");

        assertThat(client.untakenAfterPing()).isEmpty();
    }

    @Test
    void framesThatAreNoMessageAreDroppedAndCounted() {
        double malformed = metric("wingman_frames_malformed_total");
        byte[] tooDeep = new byte[300];
        Arrays.fill(tooDeep, (byte) 0x91);
        List<byte[]> broken =
                List.of(
                        new byte[0],
                        new byte[] {(byte) 0xc1},
                        new byte[] {(byte) 0xdf, -1, -1, -1, -1},
                        new byte[] {(byte) 0x80},
                        tooDeep);

        broken.forEach(client::send);

        assertThat(client.untakenAfterPing()).isEmpty();
        assertThat(metric("wingman_frames_malformed_total")).isEqualTo(malformed + broken.size());
    }

    @Test
    void aMessageThatIsCutAnywhereIsDroppedAndCounted() {
        double malformed = metric("wingman_frames_malformed_total");
        byte[] batch = Fixtures.frame("OP_BATCH");

        for (int length = 0; length < batch.length; length++) {
            client.send(Arrays.copyOf(batch, length));
        }

        assertThat(client.untakenAfterPing()).isEmpty();
        assertThat(metric("wingman_frames_malformed_total")).isEqualTo(malformed + batch.length);
    }

    @Test
    void aTypeNobodyKnowsIsIgnoredAndCounted() {
        double unknown = metric("wingman_frames_unknown_total");
        client.send("{\"type\":\"FROM_THE_FUTURE\",\"payload\":{\"x\":1}}");

        assertThat(client.untakenAfterPing()).isEmpty();
        assertThat(metric("wingman_frames_unknown_total")).isEqualTo(unknown + 1);
    }

    @Test
    void framesThatBreakTheProtocolOfSocketsClose() {
        try (RawSocket raw = RawSocket.connect(server.url())) {
            raw.send(RawSocket.UPGRADE).answer();

            // An unmasked frame, and one of an opcode that there is not.
            raw.send(new byte[] {(byte) 0x8b, (byte) 0x80, 0, 0, 0, 0});

            assertThat(raw.read(4)).startsWith(0x88).endsWith(1002 >> 8, 1002 & 0xff);
        }
    }

    @Test
    void soDoThoseThatDoNotWaitForTheAnswerToTheUpgrade() {
        byte[] upgrade =
                RawSocket.UPGRADE.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] withFrame = Arrays.copyOf(upgrade, upgrade.length + 6);
        withFrame[upgrade.length] = (byte) 0x8b;
        withFrame[upgrade.length + 1] = (byte) 0x80;

        try (RawSocket raw = RawSocket.connect(server.url()).send(withFrame)) {
            assertThat(raw.answer().status()).isEqualTo(101);
            assertThat(raw.read(4)).startsWith(0x88).endsWith(1002 >> 8, 1002 & 0xff);
        }
    }

    /** The limit of operations is met before that of items, and by the second batch only. */
    @Test
    void ofTwoBatchesOfTooManyItemsTheSecondIsTooMuchAtOnce() {
        byte[] emptyItems = new byte[4 * 40_001];
        byte[] batch =
                Value.of(
                                new Datum.Dictionary(
                                        Map.of(
                                                "type", new Datum.Text("BATCH"),
                                                "count", new Datum.Whole(40_001),
                                                "data", binary(emptyItems))))
                        .encoded();

        client.send(batch);
        client.send(batch);

        assertThat(error()).startsWith("413 ");
        assertThat(error()).isEqualTo("429 rate limit exceeded, slow down");
        assertThat(client.untakenAfterPing()).isEmpty();
    }

    private String error() {
        JsonObject payload = client.next("ERROR").getJsonObject("payload");
        return payload.getInteger("code") + " " + payload.getString("message");
    }

    @Test
    void whatIsNotAvailableIsAnsweredByItsType() {
        client.send(
                """
                {"type":"SEARCH","payload":{"requestId":"r1","mapName":"m","query":"x"}}\
                """);
        client.send(
                "{\"type\":\"SQL_QUERY\",\"payload\":{\"sql\":\"SELECT 1\",\"queryId\":\"r2\"}}");
        client.send(
                """
                {"type":"ENTRY_PROCESS","requestId":"r3","mapName":"m","key":"k",
                 "processor":{"name":"p","code":"c"}}\
                """);

        JsonObject search = client.next("SEARCH_RESP").getJsonObject("payload");
        JsonObject sql = client.next("SQL_QUERY_RESP").getJsonObject("payload");
        JsonObject process = client.next("ENTRY_PROCESS_RESPONSE");

        assertThat(search.getString("requestId")).isEqualTo("r1");
        assertThat(search.getString("error")).contains("not available");
        assertThat(sql.getString("queryId")).isEqualTo("r2");
        assertThat(sql.getString("code")).isEqualTo("FEATURE_DISABLED");
        assertThat(process.getString("requestId")).isEqualTo("r3");
        assertThat(process.getBoolean("success")).isFalse();
    }

    private static Datum.Binary binary(byte[] bytes) {
        byte[] encoded = new byte[5 + bytes.length];
        encoded[0] = (byte) 0xc6;
        for (int i = 0; i < 4; i++) {
            encoded[1 + i] = (byte) (bytes.length >>> (24 - 8 * i));
        }
        System.arraycopy(bytes, 0, encoded, 5, bytes.length);
        return new Datum.Binary(Value.ofEncoded(encoded));
    }
}
