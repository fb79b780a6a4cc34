package dev.wingman.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.protocol.Json;
import dev.wingman.testing.ApiClient;
import dev.wingman.testing.ApiDescription;
import dev.wingman.testing.ForeignIssuer;
import dev.wingman.testing.LocalHttp;
import dev.wingman.testing.Seeds;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SqliteStoryIT extends AdministratorStories {
    @TempDir private static Path folder;
    private static final ForeignIssuer ISSUER = ForeignIssuer.curve("key-1", "secp256r1");

    private static final String IDA =
            "{\"sub\":\"ida\",\"exp\":9999999999,\"roles\":[\"user\"],"
                    + "\"iss\":\"https://id.example\",\"aud\":\"wingman\"}";

    private static final int FUZZ_PER_SEED = 200;

    /** The keys of the issuer; empty while it is away. */
    private static volatile String published = ISSUER.jwk();

    private static LocalHttp issuer;
    private static ServerProcess server;

    @BeforeAll
    static void start() {
        issuer =
                new LocalHttp(
                        router ->
                                router.get("/keys")
                                        .handler(context -> {
                                            if (published.isEmpty()) {
                                                context.fail(500);
                                            } else {
                                                context.end("{\"keys\":[" + published + "]}");
                                            }
                                        }),
                        new HttpServerOptions());
        server =
                production(folder)
                        .withOption("-Xmx256m") // less than listeners that do not read could hold
                        .with("wingman.security.jwt.jwks-url", issuer.url("/keys"))
                        .with("wingman.security.jwt.issuer", "https://id.example")
                        .with("wingman.security.jwt.audience", "wingman")
                        .with("wingman.security.admin-subjects", "boss,other")
                        .start();
    }

    @AfterAll
    static void stop() {
        server.close();
        issuer.close();
    }

    @Override
    ServerProcess server() {
        return server;
    }

    @Test
    void theFileWithTheKeyIsForItsOwnerAlone() throws IOException {
        Path file = folder.resolve("data/accounts.db");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void anIdempotencyKeyIsGoodForADay() throws SQLException {
        try (ApiClient ann = ApiClient.user(server.url(), "a-day@example.org")) {
            String first = createdWithKey(ann);
            assertThat(createdWithKey(ann)).isEqualTo(first);

            String file = "jdbc:sqlite:" + folder.resolve("data/accounts.db");
            try (Connection database = DriverManager.getConnection(file);
                    Statement statement = database.createStatement()) {
                statement.execute("PRAGMA busy_timeout = 10000");
                statement.execute(
                        "UPDATE idempotent_answers SET created_at = created_at - 86400000"
                                + " WHERE key = 'a-day-old'");
            }

            assertThat(createdWithKey(ann)).isNotEqualTo(first);
        }
    }

    private static String createdWithKey(ApiClient client) {
        var request = client.request("POST", "/missions", "{\"title\":\"daily\"}");
        return client.expect(201, client.send(request.header("Idempotency-Key", "a-day-old")))
                .getString("id");
    }

    @Override
    String tokenOfAnotherIssuer(String subject) {
        return ISSUER.token(IDA.replace("ida", subject));
    }

    @Test
    void listenersThatStopReadingAreCutAndOthersHearEverything() {
        try (var listeners = new StalledListeners(server)) {
            listeners.cutForNotReading();

            listeners.othersHearEverything();
        }
    }

    @Test
    void aMissionIsCopiedAndExportedWithItsSpecs() {
        try (ApiClient ann = ApiClient.user(server.url(), "copies@example.org");
                ApiClient bob = ApiClient.user(server.url(), "other@example.org")) {
            String mission = ann.mission("first").getString("id");
            var content = new JsonObject().put("number", 101).put("title", "a: \"b\"");
            String spec = ann.post("/missions/" + mission + "/specs", content).getString("id");
            var line = new JsonObject().put("level", "info").put("message", "done");
            ann.post("/missions/" + mission + "/logs", line);

            String copy =
                    ann.post("/missions/" + mission + "/duplicate", new JsonObject())
                            .getString("id");
            JsonObject bare =
                    ann.post(
                            "/missions/" + mission + "/duplicate",
                            new JsonObject().put("title", "bare").put("include_specs", false));

            assertThat(bare.getString("title")).isEqualTo("bare");
            assertThat(bare.getJsonObject("stats").getLong("total_specs")).isZero();
            assertThat(ann.get("/missions/" + copy + "/specs").getJsonArray("items")).hasSize(1);
            HttpResponse<byte[]> json = ann.send("GET", "/missions/" + mission + "/export", null);
            assertThat(WebClient.header(json, "Content-Disposition"))
                    .isEqualTo("attachment; filename=\"mission-" + mission + ".json\"");
            JsonObject export = WebClient.json(json);
            assertThat(export.getJsonObject("mission").getString("title")).isEqualTo("first");
            assertThat(export.getJsonArray("specs").getJsonObject(0).getString("id"))
                    .isEqualTo(spec);
            assertThat(export.getJsonArray("logs").getJsonObject(0).getString("message"))
                    .isEqualTo("done");
            HttpResponse<byte[]> yaml =
                    ann.send(
                            ann.request("GET", "/missions/" + mission + "/export?format=yaml", null)
                                    .header("Accept", "application/yaml"));
            assertThat(new String(yaml.body(), StandardCharsets.UTF_8))
                    .startsWith("---\nmission:\n  id: \"" + mission + "\"\n")
                    .contains("  title: \"a: \\\"b\\\"\"\n");
            ann.refusal(422, ann.send("GET", "/missions/" + mission + "/export?format=xml", null));
            bob.refusal(404, bob.send("GET", "/missions/" + mission + "/export", null));
            bob.refusal(
                    404, bob.send("POST", "/missions/" + mission + "/duplicate", new JsonObject()));
        }
    }

    @Test
    void whatShouldBePutRightBeforeWorkBeginsIsSaid() {
        try (ApiClient ann = ApiClient.user(server.url(), "findings@example.org")) {
            String mission = ann.mission("m").getString("id");
            var content = new JsonObject().put("number", 1).put("title", "t");
            String spec = ann.post("/missions/" + mission + "/specs", content).getString("id");
            String path = "/specs/" + spec + "/validate";

            JsonObject findings = ann.expect(200, ann.send("POST", path, null));

            assertThat(findings.getBoolean("valid")).isFalse();
            assertThat(findings.getJsonArray("findings").getJsonObject(0).getString("code"))
                    .isEqualTo("empty_criteria");
        }
    }

    /** Whatever it looks like: another issuer's users have no accounts here. */
    @Test
    void aSubjectOfAnotherIssuerIsNoAccountOfOurs() {
        String claims =
                "{\"sub\":\"%s\",\"exp\":9999999999,\"roles\":[\"user\"],"
                        + "\"iss\":\"https://id.example\",\"aud\":\"wingman\"}";
        try (ApiClient admin = ApiClient.of(server.url());
                ApiClient stranger = ApiClient.of(server.url())) {
            admin.login("admin@localhost", ApiClient.PASSWORD);
            String id = admin.get("/auth/me").getString("id");
            stranger.useToken(ISSUER.token(claims.formatted(id)));

            stranger.refusal(403, stranger.send("GET", "/users", null));
            assertThat(stranger.mission("theirs").getString("owner_id")).isNotEqualTo(id);
            stranger.refusal(
                    404,
                    stranger.send(
                            stranger.request("DELETE", "/auth/me", null).header("If-Match", "*")));
            assertThat(admin.get("/auth/me").getString("id")).isEqualTo(id);

            stranger.useToken(
                    ISSUER.token(claims.formatted("01a1feec-fbb2-7000-9c4c-ef75c9b5e7de")));
            assertThat(stranger.get("/missions").getJsonArray("items")).isEmpty();
        }
    }

    @Test
    void theKeysOfAnotherIssuerAreReadBeforeTheServerIsReady() {
        List<String> log = server.log();

        assertThat(lineWith(log, "keys of the token issuer are here"))
                .isLessThan(lineWith(log, "ready url="));
    }

    private static int lineWith(List<String> log, String text) {
        return log.indexOf(
                log.stream().filter(line -> line.contains(text)).findFirst().orElseThrow());
    }

    @Test
    void aTokenWithAFreshKeyOfAnotherIssuerIsGoodAtTheFirstTry() {
        try (ApiClient ida = ApiClient.of(server.url());
                WebClient sync = WebClient.http1(server.url());
                WireClient socket = WireClient.connect(server.webSocketUrl("/ws"))) {
            String token = rotated("fresh-1");
            socket.send("{\"type\":\"AUTH\",\"token\":\"" + token + "\"}");
            socket.send("{\"type\":\"SYNC_INIT\",\"mapName\":\"fresh\"}");
            socket.send("{\"type\":\"PING\",\"timestamp\":1}");
            socket.next("PONG");
            assertThat(socket.untaken())
                    .extracting(each -> each.getString("type"))
                    .containsExactly("AUTH_REQUIRED", "AUTH_ACK", "SYNC_RESP_ROOT");
            assertThat(socket.next("AUTH_ACK").getString("userId")).isEqualTo("ida");

            ida.useToken(rotated("fresh-2"));
            assertThat(ida.get("/missions").getJsonArray("items")).isEmpty();

            assertThat(syncStatus(sync, rotated("fresh-3"))).isEqualTo(200);
        }
    }

    /** A client throws its token away when it is told that it does not hold. */
    @Test
    void whileAnotherIssuerIsAwayNobodyIsToldThatATokenDoesNotHold() {
        try (ApiClient ida = ApiClient.of(server.url());
                WebClient sync = WebClient.http1(server.url());
                WireClient socket = WireClient.connect(server.webSocketUrl("/ws"))) {
            String token = rotated("fresh-4");
            published = "";

            socket.send("{\"type\":\"AUTH\",\"token\":\"" + token + "\"}");
            assertThat(socket.awaitClose().code()).isEqualTo(1013);
            assertThat(socket.untaken())
                    .extracting(each -> each.getString("type"))
                    .containsExactly("AUTH_REQUIRED");
            ida.useToken(token);
            HttpResponse<byte[]> refusal = ida.send("GET", "/missions", null);
            assertThat(ida.refusal(503, refusal)).isEqualTo("unavailable");
            assertThat(WebClient.header(refusal, "Retry-After")).isEqualTo("1");
            assertThat(syncStatus(sync, token)).isEqualTo(503);
        } finally {
            published = ISSUER.jwk();
        }
        try (ApiClient eve = ApiClient.of(server.url())) {
            eve.useToken(ForeignIssuer.curve("nobody", "secp256r1").token(IDA));
            eve.refusal(401, eve.send("GET", "/missions", null));
        }
    }

    @Test
    void aTokenOfAnotherIssuerIsTradedForOneThatOpensEverything() {
        try (ApiClient ida = ApiClient.of(server.url());
                WireClient socket = WireClient.connect(server.webSocketUrl("/ws"))) {
            JsonObject traded =
                    ida.expect(200, trade(ida, ISSUER.token(IDA), "https://id.example"));

            assertThat(Instant.ofEpochMilli(traded.getLong("expiresAt")))
                    .isBetween(Instant.now(), Instant.now().plus(Duration.ofMinutes(15)));
            assertThat(traded.getString("token")).isNotEqualTo(ISSUER.token(IDA));
            ida.useToken(traded.getString("token"));
            assertThat(ida.get("/missions").getJsonArray("items")).isNotNull();
            socket.send("{\"type\":\"AUTH\",\"token\":\"" + ida.token() + "\"}");
            assertThat(socket.next("AUTH_ACK").getString("userId")).isEqualTo("ida");
            ida.refusal(404, trade(ida, ISSUER.token(IDA), "https://other.example"));
            assertThat(ida.refusal(401, trade(ida, ida.token(), null))).isEqualTo("invalid_token");
        }
    }

    /** It stays a stranger's: whatever the subject looks like. */
    @Test
    void aTradedTokenIsNoneOfAnAccount() {
        try (ApiClient admin = ApiClient.of(server.url());
                ApiClient stranger = ApiClient.of(server.url())) {
            admin.login("admin@localhost", ApiClient.PASSWORD);
            String id = admin.get("/auth/me").getString("id");
            String token = ISSUER.token(IDA.replace("ida", id));

            stranger.useToken(
                    stranger.expect(200, trade(stranger, token, null)).getString("token"));

            stranger.refusal(403, stranger.send("GET", "/users", null));
            stranger.refusal(404, stranger.send("GET", "/missions/" + id, null));
            assertThat(stranger.mission("not theirs").getString("owner_id")).isNotEqualTo(id);
        }
    }

    @Test
    void aLoginIsRefreshedByTheNamesOfTheWireProtocolToo() {
        try (ApiClient ann = ApiClient.user(server.url(), "wire@example.org")) {
            JsonObject session = ann.login("wire@example.org", ApiClient.PASSWORD);
            var shown = new JsonObject().put("refreshToken", session.getString("refresh_token"));

            JsonObject next = ann.expect(200, ann.send("POST", "/api/auth/refresh", shown));

            ann.useToken(next.getString("token"));
            assertThat(ann.get("/auth/me").getString("email")).isEqualTo("wire@example.org");
            assertThat(next.getLong("refreshExpiresAt")).isGreaterThan(next.getLong("expiresAt"));
            assertThat(ann.refusal(401, ann.send("POST", "/api/auth/refresh", shown)))
                    .isEqualTo("invalid_refresh_token");
            shown.put("refreshToken", next.getString("refreshToken"));
            ann.refusal(401, ann.send("POST", "/api/auth/refresh", shown));
        }
    }

    private static HttpResponse<byte[]> trade(
            ApiClient client, String token, @Nullable String provider) {
        var body = new JsonObject().put("token", token);
        if (provider != null) {
            body.put("provider", provider);
        }
        return client.send("POST", "/api/auth/token", body);
    }

    private static String rotated(String keyId) {
        var next = ForeignIssuer.curve(keyId, "secp256r1");
        published = ISSUER.jwk() + "," + next.jwk();
        return next.token(IDA);
    }

    private static int syncStatus(WebClient client, String token) {
        return client.send(
                        client.post("/sync", Json.frame("{}"))
                                .header("Authorization", "Bearer " + token))
                .statusCode();
    }

    /** They have no account: the token alone says what they may do. */
    @Test
    void tokensOfAnotherIssuerOpenEverything() {
        String claims =
                "{\"sub\":\"zoe\",\"exp\":9999999999,\"roles\":[\"user\"],\"iss\":\"%s\",\"aud\":\"%s\"}";
        try (ApiClient zoe = ApiClient.of(server.url());
                WireClient socket = WireClient.connect(server.webSocketUrl("/ws"))) {
            zoe.useToken(ISSUER.token(claims.formatted("https://id.example", "wingman")));

            assertThat(zoe.mission("abroad").getString("title")).isEqualTo("abroad");
            socket.send("{\"type\":\"AUTH\",\"token\":\"" + zoe.token() + "\"}");
            assertThat(socket.next("AUTH_ACK").getString("userId")).isEqualTo("zoe");
            zoe.useToken(ISSUER.token(claims.formatted("https://other.example", "wingman")));
            zoe.refusal(401, zoe.send("GET", "/missions", null));
            zoe.useToken(ISSUER.token(claims.formatted("https://id.example", "others")));
            zoe.refusal(401, zoe.send("GET", "/missions", null));
        }
    }

    @Test
    void theCommandsOfTheReadmePrintWhatItShows() throws IOException {
        var story = ReadmeStory.read();

        assertThat(story.printedBy(server.url(), folder)).isEqualTo(story.shown());
        assertThat(story.shown()).hasSizeGreaterThan(15);
    }

    @Test
    void everyExampleOfTheDescriptionIsAccepted() {
        var foreign =
                new JsonObject()
                        .put("token", ISSUER.token(IDA))
                        .put("provider", "https://id.example");
        try (var examples = new DescribedExamples(server.url(), foreign);
                var _ = new PolicyStory(server)) {
            assertThat(examples.accepted()).isEqualTo(examples.described());
        }
    }

    /** {@code -Dfuzz.inputs=…} for more requests, {@code -Dseed=…} to replay some. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void whateverIsAskedTheAnswerIsDescribedAndNoFault(long seed) {
        try (ApiClient admin = ApiClient.of(server.url())) {
            JsonObject session = admin.login("admin@localhost", ApiClient.PASSWORD);
            String mission = admin.mission("fuzz").getString("id");
            String spec =
                    admin.post(
                                    "/missions/" + mission + "/specs",
                                    new JsonObject().put("number", 10).put("title", "fuzz"))
                            .getString("id");
            String user = session.getJsonObject("user").getString("id");
            var fuzz = new DescribedFuzz(admin, List.of(mission, spec, user), seed);
            Set<Integer> statuses = new TreeSet<>();
            for (int i = 0; i < FUZZ_PER_SEED; i++) {
                statuses.add(fuzz.next());
            }

            assertThat(statuses).contains(200, 400, 422).allMatch(status -> status < 500);
        }
    }

    static LongStream seeds() {
        return Seeds.some(Integer.getInteger("fuzz.inputs", 800) / FUZZ_PER_SEED);
    }

    /** Every answer of these tests is held against the description: see {@link ApiClient#send}. */
    @Test
    void whatIsNotAsDescribedIsNoticed() {
        try (ApiClient reader = ApiClient.of(server.url())) {
            var half = new JsonObject().put("from", "planned").put("to", "testing");
            HttpResponse<byte[]> refusal = reader.send("GET", "/missions", null);

            assertThatThrownBy(() -> reader.description().check("Transition", half))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("actor_id");
            assertThatThrownBy(() ->
                            ApiDescription.of(server.url())
                                    .without("WWW-Authenticate")
                                    .check(refusal))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("www-authenticate");
        }
    }

    @Test
    void theDescriptionIsAlsoAPageWithoutAnythingFromElsewhere() {
        try (ApiClient reader = ApiClient.of(server.url())) {
            HttpResponse<byte[]> page = reader.send("GET", "/docs", null);
            String html = new String(page.body(), StandardCharsets.UTF_8);

            assertThat(page.headers().firstValue("Content-Type"))
                    .contains("text/html;charset=UTF-8");
            assertThat(reader.description().operations())
                    .hasSizeGreaterThan(30)
                    .allSatisfy(operation ->
                            assertThat(html).contains("<section id=\"" + operation.id() + "\">"));
            assertThat(html).contains("To the moon").doesNotContain("<script", "style=", "//");
            assertThat(reader.send("GET", "/docs.css", null).statusCode()).isEqualTo(200);
        }
    }
}
