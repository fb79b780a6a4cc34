package dev.wingman.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.Tokens;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sockets of a server that demands tokens. */
class AuthenticationIT {
    /** As long as the contract of the wire gives a token-less client before anything may happen. */
    private static final Duration GRACE = Duration.ofMillis(800);

    /** Long enough for HS512. */
    private static final String LONG_SECRET = Tokens.SECRET + Tokens.SECRET;

    private static final String HELLO = "{\"type\":\"DEVICE_HELLO\"}";

    @TempDir private static Path folder;
    private static ServerProcess server;
    private WireClient client;

    @BeforeAll
    static void start() {
        server =
                ServerProcess.in(folder)
                        .with("wingman.security.authentication", "required")
                        .with("wingman.security.jwt.secret", Tokens.SECRET)
                        .with("wingman.connection.authentication-timeout", "2s")
                        .start();
    }

    @AfterAll
    static void stop() {
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

    private static String auth(String token) {
        return "{\"type\":\"AUTH\",\"token\":\"" + token + "\"}";
    }

    @Test
    void theServerAsksAtOnce() {
        assertThat(client.next("AUTH_REQUIRED").getMap())
                .isEqualTo(Map.of("type", "AUTH_REQUIRED"));
    }

    @Test
    void aGoodTokenIsAcknowledgedWithWhoAndWhichDevice() {
        client.send(auth(Tokens.of("alice")));

        JsonObject ack = client.next("AUTH_ACK");

        assertThat(ack.getString("userId")).isEqualTo("alice");
        assertThat(ack.getString("deviceId")).isNotEmpty();
        assertThat(ack.getString("deviceToken")).isNotEmpty();
    }

    @Test
    void aSecondAuthIsIgnored() {
        client.send(auth(Tokens.of("alice")));
        client.next("AUTH_ACK");

        client.send(auth(Tokens.of("alice")));
        client.send(auth("nonsense"));

        client.next("AUTH_REQUIRED");
        assertThat(client.untakenAfterPing()).isEmpty();
    }

    @Test
    void framesBeforeTheTokenAreDropped() {
        client.send("{\"type\":\"PING\",\"timestamp\":1}");
        client.send("{\"type\":\"SYNC_INIT\",\"mapName\":\"m\",\"lastSyncTimestamp\":0}");
        client.send(
                """
                {"type":"CLIENT_OP","payload":{"id":"1","mapName":"early","key":"k","record":
                 {"value":1,"timestamp":{"millis":1,"counter":0,"nodeId":"n"}}}}\
                """);
        client.send(auth(Tokens.of("alice")));
        client.next("AUTH_REQUIRED");
        client.next("AUTH_ACK");

        assertThat(client.untakenAfterPing()).isEmpty();
        client.send("{\"type\":\"SYNC_INIT\",\"mapName\":\"early\",\"lastSyncTimestamp\":0}");
        assertThat(client.next("SYNC_RESP_ROOT").getJsonObject("payload").getInteger("rootHash"))
                .isZero();
    }

    @Test
    void aClientWithoutATokenIsWaitedForAndLetInOnTheSameSocket() {
        client.send(HELLO);
        client.next("AUTH_REQUIRED");

        assertThat(client.isQuietFor(GRACE)).isTrue();
        client.send(auth(Tokens.of("alice")));
        assertThat(client.next("AUTH_ACK").getString("userId")).isEqualTo("alice");
        client.send(HELLO);
        assertThat(client.next("DEVICE_ACK").getString("deviceId")).isNotEmpty();
    }

    @Test
    void aBadTokenFailsAndCloses() {
        for (String token :
                new String[] {
                    "nonsense",
                    Tokens.of("alice", Instant.now().minusSeconds(120), ""),
                    Tokens.sign("x".repeat(32), "{\"sub\":\"alice\",\"exp\":9999999999}")
                }) {
            try (WireClient other = WireClient.connect(server.webSocketUrl("/ws"))) {
                other.send(auth(token));

                assertThat(other.next("AUTH_FAIL").getString("error"))
                        .isEqualTo("Authentication failed");
                assertThat(other.awaitClose().code()).isEqualTo(1008);
            }
        }
    }

    @Test
    void aTokenThatIsNotSignedAsAgreedFailsAndDoesNothingElse() {
        String payload =
                "{\"sub\":\"alice\",\"exp\":9999999999,\"iss\":\"us\",\"aud\":\"wingman\"}";
        var tokens = new LinkedHashMap<String, String>();
        tokens.put("alg none", Tokens.unsigned("none", payload) + ".");
        tokens.put("alg none, signed", Tokens.sign("none", "HmacSHA256", LONG_SECRET, payload));
        tokens.put("HS512", Tokens.sign("HS512", "HmacSHA512", LONG_SECRET, payload));
        tokens.put("unsigned", Tokens.unsigned("HS256", payload) + ".");
        tokens.put("without signature", Tokens.unsigned("HS256", payload));
        tokens.put("padded", Tokens.sign(LONG_SECRET, payload) + "=");
        tokens.put(
                "other audience",
                Tokens.sign(LONG_SECRET, payload.replace("\"wingman\"", "\"other\"")));
        tokens.put("other issuer", Tokens.sign(LONG_SECRET, payload.replace("\"us\"", "\"them\"")));
        try (ServerProcess strict =
                ServerProcess.in(folder)
                        .with("wingman.storage.directory", "strict")
                        .with("wingman.security.authentication", "required")
                        .with("wingman.security.jwt.secret", LONG_SECRET)
                        .with("wingman.security.jwt.issuer", "us")
                        .with("wingman.security.jwt.audience", "wingman")
                        .start()) {
            tokens.forEach((why, token) -> assertFailsAlone(strict, why, token));

            try (WireClient alice = WireClient.connect(strict.webSocketUrl("/ws"))) {
                alice.send(auth(Tokens.sign(LONG_SECRET, payload)));
                assertThat(alice.next("AUTH_ACK").getString("userId")).isEqualTo("alice");
            }
        }
    }

    private static void assertFailsAlone(ServerProcess strict, String why, String token) {
        try (WireClient other = WireClient.connect(strict.webSocketUrl("/ws"))) {
            other.next("AUTH_REQUIRED");
            other.send(auth(token));

            assertThat(other.awaitClose().code()).as(why).isEqualTo(1008);
            assertThat(other.next("AUTH_FAIL").getMap())
                    .as(why)
                    .isEqualTo(Map.of("type", "AUTH_FAIL", "error", "Authentication failed"));
            assertThat(other.untaken()).as(why).isEmpty();
        }
    }

    @Test
    void aClientThatNeverAuthenticatesIsClosed() {
        client.send(HELLO);

        assertThat(client.awaitClose())
                .isEqualTo(new WireClient.Close(1000, "authentication timeout"));
    }

    @Test
    void aDeviceIsKnownToItsOwnerAloneAndAfterARestart() {
        client.send(auth(Tokens.of("alice")));
        JsonObject minted = client.next("AUTH_ACK");
        String token = minted.getString("deviceToken");

        assertThat(authenticated("alice", token))
                .containsEntry("deviceId", minted.getString("deviceId"))
                .doesNotContainKey("deviceToken");
        assertThat(authenticated("mallory", token))
                .containsKey("deviceToken")
                .doesNotContainEntry("deviceId", minted.getString("deviceId"));
        server.restart();
        assertThat(authenticated("alice", token))
                .containsEntry("deviceId", minted.getString("deviceId"))
                .doesNotContainKey("deviceToken");
    }

    private static Map<String, Object> authenticated(String subject, String deviceToken) {
        try (WireClient again = WireClient.connect(server.webSocketUrl("/ws"))) {
            again.send(
                    """
                    {"type":"AUTH","token":"%s","deviceToken":"%s"}\
                    """
                            .formatted(Tokens.of(subject), deviceToken));
            return again.next("AUTH_ACK").getMap();
        }
    }
}
