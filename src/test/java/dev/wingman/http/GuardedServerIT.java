package dev.wingman.http;

import static dev.wingman.testing.WebClient.header;
import static dev.wingman.testing.WebClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.ApiClient;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.Tokens;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HTTP on a server that demands tokens, knows its pages and has little patience. */
class GuardedServerIT {
    private static final byte[] EMPTY_MAP = {(byte) 0x80};
    private static final String CLAIMS = ",\"iss\":\"https://id.example\",\"aud\":\"wingman\"";

    @TempDir private static Path folder;
    private static ServerProcess server;
    private static WebClient client;

    @BeforeAll
    static void start() {
        server =
                ServerProcess.in(folder)
                        .without("quarkus.profile")
                        .with("wingman.network.host", "127.0.0.1")
                        .with("wingman.network.cors-origins", "https://a.example,https://b.example")
                        .with("wingman.network.head-timeout", "3s")
                        .with("wingman.network.request-timeout", "300ms")
                        .with("wingman.security.jwt.secret", Tokens.SECRET)
                        .with("wingman.security.jwt.issuer", "https://id.example")
                        .with("wingman.security.jwt.audience", "wingman")
                        .start();
        client = WebClient.http1(server.url());
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    private static HttpRequest.Builder syncWith(String authorization) {
        return client.post("/sync", EMPTY_MAP).header("Authorization", authorization);
    }

    private static Instant inAnHour() {
        return Instant.now().plusSeconds(3600);
    }

    @Test
    void aGoodTokenIsLetIn() {
        String token = Tokens.of("alice", inAnHour(), CLAIMS);

        assertThat(client.send(syncWith("Bearer " + token)).statusCode()).isEqualTo(200);
        assertThat(client.send(syncWith("bearer " + token)).statusCode()).isEqualTo(200);
    }

    @Test
    void everyoneElseIsToldToAuthenticate() {
        String claims = "\"exp\":" + inAnHour().getEpochSecond() + CLAIMS;
        Map<String, String> refused = new LinkedHashMap<>();
        refused.put("empty", "Bearer ");
        refused.put("no token", "Bearer x.y.z");
        refused.put("other scheme", "Basic YWxpY2U6c2VjcmV0");
        refused.put(
                "other key",
                "Bearer " + Tokens.sign("another".repeat(6), "{\"sub\":\"alice\"," + claims + "}"));
        refused.put(
                "expired", "Bearer " + Tokens.of("alice", Instant.now().minusSeconds(120), CLAIMS));
        refused.put(
                "no issuer", "Bearer " + Tokens.of("alice", inAnHour(), ",\"aud\":\"wingman\""));
        refused.put(
                "other audience",
                "Bearer " + Tokens.of("alice", inAnHour(), CLAIMS.replace("wingman", "other")));
        refused.put("no subject", "Bearer " + Tokens.sign(Tokens.SECRET, "{" + claims + "}"));

        refused.forEach((why, authorization) -> {
            HttpResponse<byte[]> answer = client.send(syncWith(authorization));

            assertThat(answer.statusCode()).as(why).isEqualTo(401);
            assertThat(header(answer, "WWW-Authenticate")).isEqualTo("Bearer");
            assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
            assertThat(json(answer).getString("code")).isEqualTo("unauthenticated");
        });
        assertThat(client.send(client.post("/sync", EMPTY_MAP)).statusCode()).isEqualTo(401);
        assertThat(server.log()).noneMatch(line -> line.contains("eyJ"));
    }

    @Test
    void probesNeedNoToken() {
        assertThat(client.get("/health").statusCode()).isEqualTo(200);
        assertThat(client.get("/health/ready").statusCode()).isEqualTo(200);
        assertThat(client.get("/metrics").statusCode()).isEqualTo(200);
    }

    @Test
    void pagesOfAListedOriginMayCall() {
        HttpResponse<byte[]> preflight = client.send(HttpIT.preflight(client, "https://b.example"));
        HttpResponse<byte[]> call =
                client.send(client.request("/health").header("Origin", "https://b.example"));

        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(header(preflight, "Access-Control-Allow-Origin")).isEqualTo("https://b.example");
        assertThat(header(call, "Access-Control-Allow-Origin")).isEqualTo("https://b.example");
        assertThat(header(call, "Vary")).containsIgnoringCase("origin");
    }

    @Test
    void pagesOfOtherOriginsMayNot() {
        HttpResponse<byte[]> preflight =
                client.send(HttpIT.preflight(client, "https://evil.example"));
        HttpResponse<byte[]> call =
                client.send(client.request("/health").header("Origin", "https://evil.example"));

        for (HttpResponse<byte[]> answer : List.of(preflight, call)) {
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(header(answer, "Access-Control-Allow-Origin")).isEmpty();
            assertThat(header(answer, "X-Request-Id")).isNotEmpty();
            assertThat(json(answer).getString("code")).isEqualTo("forbidden");
            assertThat(header(answer, "Vary")).containsOnlyOnce("origin");
        }
    }

    @Test
    void aBodyThatDoesNotComeInTimeIsNotWaitedFor() {
        try (RawSocket socket = RawSocket.connect(server.url())) {
            socket.send(
                    """
                    POST /sync HTTP/1.1
                    Host: localhost
                    Authorization: Bearer %s
                    Content-Length: 1000

                    just the beginning\
                    """
                            .formatted(Tokens.of("alice", inAnHour(), CLAIMS)));

            RawSocket.Answer answer = socket.answer();

            assertThat(answer.status()).isEqualTo(408);
            assertThat(answer.headers())
                    .containsEntry("content-type", "application/problem+json")
                    .containsKey("x-request-id");
            assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("timeout");
            assertThat(socket.isClosedByServer()).isTrue();
        }
        assertThat(json(client.get("/health")).getInteger("in_flight")).isZero();
    }

    @Test
    void norIsAHead() {
        double before = unfinished();
        try (RawSocket first = RawSocket.connect(server.url());
                RawSocket further = RawSocket.connect(server.url());
                RawSocket upgrade = RawSocket.connect(server.url());
                RawSocket drip = RawSocket.connect(server.url());
                RawSocket http2 = RawSocket.connect(server.url());
                RawSocket silent = RawSocket.connect(server.url())) {
            first.send("GET /health HTTP/1.1\nHost: lo");
            upgrade.send(RawSocket.UPGRADE.strip());
            http2.send("PRI * HTTP/2.0\n\nSM\n\n");
            drip.send(RawSocket.UPGRADE.strip() + "\nX-Drip: ");
            further.send("GET /health HTTP/1.1\nHost: localhost\n\n").answer();
            further.send("GET /health HTTP/1.1");

            // A byte at a time, and always one more: the head comes no nearer to its end.
            await().until(() -> drip.hasInput() || drip.send("x").hasInput());
            for (RawSocket late : List.of(first, further, upgrade, drip)) {
                RawSocket.Answer answer = late.answer();
                assertThat(answer.status()).isEqualTo(408);
                assertThat(answer.headers()).containsKey("x-request-id");
                assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("timeout");
                assertThat(late.isClosedByServer()).isTrue();
            }
            assertThat(http2.isClosedByServer()).isTrue();
            assertThat(silent.isClosedByServer()).isTrue();
        }
        assertThat(unfinished()).isEqualTo(before + 6);
    }

    private static double unfinished() {
        return new String(client.get("/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("wingman_requests_unfinished_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
    }

    @Test
    void eachRequestLeavesALineWithoutItsSecrets() {
        String token = Tokens.of("alice", inAnHour(), CLAIMS);
        client.send(
                client.post("/sync?access_token=" + token, EMPTY_MAP)
                        .header("Authorization", "Bearer " + token)
                        .header("X-Request-Id", "seen-in-the-log"));
        client.get("/health");

        server.awaitLine("seen-in-the-log");
        assertThat(server.log())
                .filteredOn(line -> line.contains("seen-in-the-log"))
                .singleElement()
                .asString()
                .containsPattern(
                        "request method=POST path=/sync status=200 bytes=\\d+ took_ms=\\d+"
                                + " client=127.0.0.1 request=seen-in-the-log");
        assertThat(server.log()).noneMatch(line -> line.contains("path=/health"));
    }

    /** All of them planted in requests of the other tests as well; this one adds what they lack. */
    @Test
    void aStartWithoutAccountsMakesAnAdministratorAndShowsThePasswordOnce() {
        var shown = Pattern.compile("email=admin@localhost password=(\\S+) \\(shown once");
        List<String> passwords =
                server.log().stream()
                        .map(shown::matcher)
                        .filter(Matcher::find)
                        .map(line -> line.group(1))
                        .toList();

        assertThat(passwords).hasSize(1);
        try (ApiClient admin = ApiClient.of(server.url())) {
            JsonObject session = admin.login("admin@localhost", passwords.getFirst());
            assertThat(session.getJsonObject("user").getJsonArray("roles")).contains("admin");
        }
    }

    @Test
    void noSecretEverReachesTheLog() {
        String token = Tokens.of("alice", inAnHour(), CLAIMS);
        String expired = Tokens.of("alice", Instant.now().minusSeconds(120), CLAIMS);
        String device = "00000000-0000-4000-8000-000000000000." + "d".repeat(64);
        try (WireClient socket = WireClient.connect(server.webSocketUrl("/ws"))) {
            socket.next("AUTH_REQUIRED");
            socket.send("{\"type\":\"AUTH\",\"token\":\"%s\"}".formatted(token));
            socket.next("AUTH_ACK");
            socket.send("{\"type\":\"DEVICE_HELLO\",\"deviceToken\":\"%s\"}".formatted(device));
            socket.untakenAfterPing();
        }
        try (WireClient socket = WireClient.connect(server.webSocketUrl("/ws"))) {
            socket.next("AUTH_REQUIRED");
            socket.send("{\"type\":\"AUTH\",\"token\":\"%s\"}".formatted(expired));
            socket.awaitClose();
        }
        client.send(syncWith("Bearer " + expired));
        client.send(
                client.request("/api/v1/auth/login")
                        .header("Content-Type", "application/json")
                        .POST(
                                BodyPublishers.ofString(
                                        """
                                        {"email":"a@b.example","password":"planted-password"}\
                                        """)));
        client.get("/nowhere?token=" + token);
        try (RawSocket broken = RawSocket.connect(server.url())) {
            broken.send("GET /%zz?token=" + token + " HTTP/1.1\nHost: a\n\n").answer();
        }

        assertThat(server.log())
                .noneMatch(line -> line.contains(Tokens.SECRET))
                .noneMatch(line -> line.contains("eyJ"))
                .noneMatch(line -> line.contains("dddddddd"))
                .noneMatch(line -> line.contains("planted-password"));
    }

    @Test
    void productionLogsAreOneJsonObjectALine() {
        assertThat(server.log()).isNotEmpty();
        assertThat(server.log())
                .allSatisfy(line ->
                        assertThat(new JsonObject(line).fieldNames())
                                .contains("timestamp", "level", "message"));
        assertThat(server.log())
                .anySatisfy(line ->
                        assertThat(new JsonObject(line).getString("message"))
                                .startsWith("ready url=http://127.0.0.1:"));
    }
}
