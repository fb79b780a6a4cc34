package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.ClientMessage;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.ServerMessage.AuthFail;
import dev.wingman.protocol.ServerMessage.AuthRequired;
import dev.wingman.protocol.ServerMessage.TopicMessage;
import dev.wingman.protocol.TopicName;
import dev.wingman.protocol.Value;
import dev.wingman.protocol.WireLimits;
import dev.wingman.security.PublishedKeys;
import dev.wingman.security.TokenConfig;
import dev.wingman.security.TokenVerifier;
import dev.wingman.testing.ForeignIssuer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** On a server that asks for a token. */
class SessionAuthenticationTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final ClientMessage.Auth ALICE = new ClientMessage.Auth(token("alice"), null);
    private static final ClientMessage.Auth FORGED =
            new ClientMessage.Auth(token("alice") + "x", null);
    private static final ClientMessage.Ping PING = new ClientMessage.Ping(Value.NIL);
    private static final TopicName TOPIC = new TopicName("news");

    private static final ForeignIssuer ISSUER = ForeignIssuer.curve("c", "secp256r1");
    private static final ClientMessage.Auth FOREIGN =
            new ClientMessage.Auth(ISSUER.token("{\"sub\":\"zoe\",\"exp\":2000000000}"), null);

    private final List<Runnable> readings = new ArrayList<>();
    private String published = "";

    private final Rig rig = new Rig();
    private final SyncServer server =
            rig.server(
                    new TokenVerifier(
                            new TokenConfig(SECRET, null, null, TokenConfig.DEFAULT_LEEWAY),
                            () -> Instant.ofEpochMilli(rig.millis.get())),
                    SyncServer.Limits.DEFAULTS);
    private final TestClient client = new TestClient(rig, server);

    private static String token(String subject) {
        return token(subject, 2_000_000_000);
    }

    private static String token(String subject, long expirySeconds) {
        String signed =
                base64("{\"alg\":\"HS256\"}".getBytes(StandardCharsets.UTF_8))
                        + "."
                        + base64(
                                "{\"sub\":\"%s\",\"exp\":%d}"
                                        .formatted(subject, expirySeconds)
                                        .getBytes(StandardCharsets.UTF_8));
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
            return signed + "." + base64(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    @Test
    void aTokenIsAskedForAtOnce() {
        rig.settle();

        assertThat(client.heard).containsExactly(TestClient.encoded(new AuthRequired()));
        assertThat(client.connection.metadata().authenticated()).isFalse();
    }

    @Test
    void nothingButATokenIsHeardBeforeOne() {
        client.send(PING, new ClientMessage.DeviceHello(null));
        client.write(Rig.put("1", new Key("k"), 5, 1));

        rig.settle();

        assertThat(client.types()).containsExactly("AUTH_REQUIRED");
        assertThat(client.closed).isNull();
        assertThat(rig.store.read(Rig.TODOS, new Key("k"))).isNull();
    }

    @Test
    void neitherSizeNorRateOfWhatIsNotHeardIsAnswered() {
        client.send(new ClientMessage.Batch(WireLimits.MAX_BATCH_ITEMS + 1, List.of()));
        for (int i = 0; i < 10; i++) {
            client.send(new ClientMessage.Batch(WireLimits.MAX_BATCH_ITEMS, List.of()));
        }
        client.send(ALICE);

        rig.settle();

        assertThat(client.types()).containsExactly("AUTH_REQUIRED", "AUTH_ACK");
    }

    @Test
    void aGoodTokenOpensTheSession() {
        client.send(ALICE, PING);

        rig.settle();

        assertThat(client.types()).containsExactly("AUTH_REQUIRED", "AUTH_ACK", "PONG");
        assertThat(client.connection.metadata().principal()).isEqualTo("alice");
    }

    @Test
    void theSecondOfTwoTokensIsIgnored() {
        client.send(ALICE, ALICE, PING);

        rig.settle();

        assertThat(client.types()).containsExactly("AUTH_REQUIRED", "AUTH_ACK", "PONG");
    }

    @Test
    void theSessionLastsAsLongAsItsTokenWithTheLeeway() {
        client.send(ALICE);

        rig.settle();

        assertThat(client.connection.metadata().authenticatedUntil())
                .isEqualTo(Instant.ofEpochSecond(2_000_000_060));
    }

    @Test
    void aNewTokenOfTheSameSubjectProlongsTheSessionInSilence() {
        client.send(ALICE, new ClientMessage.Auth(token("alice", 2_000_001_000), null), PING);

        rig.settle();

        assertThat(client.types()).containsExactly("AUTH_REQUIRED", "AUTH_ACK", "PONG");
        assertThat(client.connection.metadata().authenticatedUntil())
                .isEqualTo(Instant.ofEpochSecond(2_000_001_060));
    }

    @Test
    void theTokenOfAnotherSubjectProlongsNothing() {
        client.send(ALICE, new ClientMessage.Auth(token("bob", 2_000_001_000), null));

        rig.settle();

        assertThat(client.connection.metadata().principal()).isEqualTo("alice");
        assertThat(client.connection.metadata().authenticatedUntil())
                .isEqualTo(Instant.ofEpochSecond(2_000_000_060));
    }

    @Test
    void afterATokenThatDoesNotHoldNoneProlongsTheSession() {
        client.send(ALICE, FORGED, new ClientMessage.Auth(token("alice", 2_000_001_000), null));

        rig.settle();

        assertThat(client.connection.metadata().authenticatedUntil())
                .isEqualTo(Instant.ofEpochSecond(2_000_000_060));
    }

    @Test
    void aTokenAfterOneThatHeldDoesNotEndTheSession() {
        client.send(ALICE, FORGED, PING);

        rig.settle();

        assertThat(client.types()).endsWith("PONG");
        assertThat(client.closed).isNull();
    }

    @Test
    void aBadTokenIsAnsweredAndTheConnectionClosed() {
        client.send(FORGED);

        rig.settle();

        assertThat(client.heard)
                .containsExactly(
                        TestClient.encoded(
                                new AuthRequired(), new AuthFail("Authentication failed")));
        assertThat(client.closed).isEqualTo(CloseCode.POLICY_VIOLATION);
        assertThat(server.counters().tokensRefused()).isEqualTo(1);
    }

    @Test
    void afterABadTokenAGoodOneComesTooLate() {
        client.send(FORGED, ALICE, PING);

        rig.settle();

        assertThat(client.types()).containsExactly("AUTH_REQUIRED", "AUTH_FAIL");
    }

    /** One that reads slowly is closed only when it has read, or after a time-out. */
    @Test
    void whoIsBeingClosedDoesNothingMore() {
        client.send(ALICE);
        rig.settle();
        client.reads = false;
        client.send(PING);
        rig.settle();

        client.connection.close(CloseCode.POLICY_VIOLATION, "account disabled");
        client.write(Rig.put("1", new Key("k"), 5, 1));
        rig.settle();

        assertThat(client.closed).isNull();
        assertThat(rig.store.read(Rig.TODOS, new Key("k"))).isNull();
        client.readAgain();
        rig.settle();
        assertThat(client.types()).endsWith("AUTH_ACK", "PONG");
        assertThat(client.closed).isEqualTo(CloseCode.POLICY_VIOLATION);
    }

    @Test
    void theConnectionKnowsWhetherAnAccountOfOursStandsBehindIt() {
        published = "{\"keys\":[" + ISSUER.jwk() + "]}";
        TestClient stranger = clientOfAnIssuer();
        stranger.send(FOREIGN);
        client.send(ALICE);
        rig.settle();
        readings.removeFirst().run();
        rig.settle();

        assertThat(client.connection.metadata().account()).isEqualTo("alice");
        assertThat(stranger.connection.metadata().principal()).isEqualTo("zoe");
        assertThat(stranger.connection.metadata().account()).isNull();
    }

    /** The client throws a token away for which it hears AUTH_FAIL. */
    @Test
    void whileTheKeysOfTheIssuerAreNotHereATokenWaits() {
        published = "{\"keys\":[" + ISSUER.jwk() + "]}";
        TestClient waiting = clientOfAnIssuer();
        waiting.send(FOREIGN, FOREIGN);

        rig.settle();
        assertThat(waiting.types()).containsExactly("AUTH_REQUIRED");
        readings.removeFirst().run();
        rig.settle();
        waiting.send(PING);
        rig.settle();

        assertThat(waiting.types()).containsExactly("AUTH_REQUIRED", "AUTH_ACK", "PONG");
        assertThat(waiting.closed).isNull();
    }

    @Test
    void whatComesBehindATokenWaitsForTheVerdictAndNothingMoreIsRead() {
        published = "{\"keys\":[" + ISSUER.jwk() + "]}";
        TestClient waiting = clientOfAnIssuer();
        waiting.send(FOREIGN, new ClientMessage.DeviceHello(null));
        waiting.write(Rig.put("1", new Key("k"), 5, 1));
        waiting.send(PING);

        rig.settle();
        assertThat(waiting.types()).containsExactly("AUTH_REQUIRED");
        assertThat(waiting.paused).isTrue();
        readings.removeFirst().run();
        rig.settle();

        assertThat(waiting.types())
                .containsExactly("AUTH_REQUIRED", "AUTH_ACK", "DEVICE_ACK", "OP_ACK", "PONG");
        assertThat(waiting.paused).isFalse();
    }

    @Test
    void whatComesBehindATokenThatDoesNotHoldIsNotDone() {
        published = "{\"keys\":[" + ForeignIssuer.curve("d", "secp256r1").jwk() + "]}";
        TestClient waiting = clientOfAnIssuer();
        waiting.send(FOREIGN);
        waiting.write(Rig.put("1", new Key("k"), 5, 1));
        rig.settle();

        readings.removeFirst().run();
        rig.settle();

        assertThat(waiting.types()).containsExactly("AUTH_REQUIRED", "AUTH_FAIL");
        assertThat(rig.store.read(Rig.TODOS, new Key("k"))).isNull();
    }

    @Test
    void aBatchMayHoldATokenAndWhatNeedsIt() {
        client.send(new ClientMessage.Batch(2, List.of(ALICE, PING)));

        rig.settle();

        assertThat(client.types()).containsExactly("AUTH_REQUIRED", "AUTH_ACK", "PONG");
    }

    @Test
    void aTokenWhoseIssuerIsAwayIsAskedToComeAgain() {
        TestClient waiting = clientOfAnIssuer();
        waiting.send(FOREIGN);
        rig.settle();

        readings.removeFirst().run();
        rig.settle();

        assertThat(waiting.types()).containsExactly("AUTH_REQUIRED");
        assertThat(waiting.closed).isEqualTo(CloseCode.TRY_AGAIN_LATER);
    }

    @Test
    void aClientThatLeavesWhileItsTokenWaitsIsForgotten() {
        published = "{\"keys\":[" + ISSUER.jwk() + "]}";
        TestClient waiting = clientOfAnIssuer();
        waiting.send(FOREIGN);
        rig.settle();
        waiting.hangUp();
        rig.settle();

        readings.removeFirst().run();
        rig.settle();

        assertThat(waiting.types()).containsExactly("AUTH_REQUIRED");
    }

    private TestClient clientOfAnIssuer() {
        var keys =
                new PublishedKeys(
                        () -> {
                            if (published.isEmpty()) {
                                throw new IOException("the issuer is away");
                            }
                            return published;
                        },
                        (task, _) -> readings.add(task),
                        Duration.ofHours(1),
                        () -> 0);
        var config = new TokenConfig(keys, null, null, TokenConfig.DEFAULT_LEEWAY, true);
        var verifier = new TokenVerifier(config, () -> Instant.ofEpochMilli(rig.millis.get()));
        return new TestClient(rig, rig.server(verifier, SyncServer.Limits.DEFAULTS));
    }

    @Test
    void aMessageCarriesTheNameOfWhoSentIt() {
        var listener = new TestClient(rig, server);
        listener.send(ALICE, new ClientMessage.TopicSubscribe(TOPIC));
        rig.settle();
        client.send(
                new ClientMessage.Auth(token("bob"), null),
                new ClientMessage.TopicPublish(TOPIC, Rig.number(1)));
        rig.loops.getLast().runAll();
        rig.settle();

        assertThat(listener.heard.getLast())
                .isEqualTo(
                        Rig.CODEC.encode(
                                new TopicMessage(TOPIC, Rig.number(1), "bob", Rig.START_MILLIS)));
    }
}
