package dev.wingman.rest;

import static dev.wingman.testing.WebClient.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.ApiClient;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.Tokens;
import dev.wingman.testing.WebClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input and impatient callers: each gets a problem, and nobody a fault. */
class RulesIT {
    private static final String CLAIMS =
            ",\"iss\":\"https://id.example\",\"aud\":\"wingman\",\"roles\":[\"user\"]";

    @TempDir private static Path folder;
    private static ServerProcess server;
    private static ApiClient ann;

    @BeforeAll
    static void start() {
        server =
                StoryContract.production(folder)
                        .with("wingman.rest.rate-limit", "120")
                        .with("wingman.features.websocket", "false")
                        .with("wingman.features.metrics", "false")
                        .with("wingman.security.jwt.secret", Tokens.SECRET)
                        .with("wingman.security.jwt.issuer", "https://id.example")
                        .with("wingman.security.jwt.audience", "wingman")
                        .start();
        ann = ApiClient.user(server.url(), "ann@example.org");
    }

    @AfterAll
    static void stop() {
        ann.close();
        server.close();
    }

    private static HttpResponse<byte[]> post(String body) {
        return ann.send(ann.request("POST", "/missions", body));
    }

    @Test
    void whatIsNotTheExpectedJsonIsMalformed() {
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("half", "{");
        bodies.put("nothing", "");
        bodies.put("null", "null");
        bodies.put("a list", "[]");
        bodies.put("another type", "{\"title\":5}");
        bodies.put("an unknown field", "{\"title\":\"x\",\"nope\":1}");
        bodies.put("a field twice", "{\"title\":\"x\",\"title\":\"y\"}");
        bodies.put("something after it", "{\"title\":\"x\"} x");
        bodies.put("NUL", "{\"title\":\"a\\u0000b\"}");
        bodies.put("a lone surrogate", "{\"title\":\"\\ud800\"}");
        bodies.put("NUL in metadata", "{\"title\":\"x\",\"metadata\":{\"a\\u0000\":[]}}");
        bodies.put(
                "deep",
                "{\"title\":\"x\",\"metadata\":" + "[".repeat(5000) + "]".repeat(5000) + "}");

        bodies.forEach((what, body) ->
                assertThat(ann.refusal(400, post(body))).as(what).isEqualTo("malformed_json"));
    }

    @Test
    void valuesThatWillNotDoAreNamedFieldByField() {
        Map<String, String> bodies = new LinkedHashMap<>();
        bodies.put("title", "{\"title\":\"\"}");
        bodies.put("title ", "{\"title\":\"" + "x".repeat(201) + "\"}");
        bodies.put("description", "{\"title\":\"x\",\"description\":\"" + "x".repeat(2001) + "\"}");
        bodies.put("tags[1]", "{\"title\":\"x\",\"tags\":[\"a\",\"b\\nc\"]}");
        bodies.put("metadata ", "{\"title\":\"x\",\"metadata\":{\"a\":[1e999]}}");
        bodies.put("metadata", "{\"title\":\"x\",\"metadata\":\"" + "x".repeat(65 << 10) + "\"}");

        bodies.forEach((field, body) -> {
            JsonObject problem = ann.expect(422, post(body));

            assertThat(problem.getJsonArray("errors").getJsonObject(0).getString("field"))
                    .isEqualTo(field.strip());
        });
    }

    /** As JSON Schema has them, which the description is written in. */
    @Test
    void numbersAndLengthsAreThoseOfJson() {
        String rocket = "\ud83d\ude80";
        String whole = "{\"number\":%s,\"title\":\"x\"}";
        String mission =
                ann.expect(201, post("{\"title\":\"" + rocket.repeat(200) + "\"}")).getString("id");
        String specs = "/missions/" + mission + "/specs";

        JsonObject tooLong = ann.expect(422, post("{\"title\":\"" + rocket.repeat(201) + "\"}"));

        assertThat(tooLong.getJsonArray("errors").getJsonObject(0).getString("code"))
                .isEqualTo("size");
        for (String number : List.of("39.0", "4e1", "410E-1")) {
            JsonObject spec =
                    ann.expect(201, ann.send(ann.request("POST", specs, whole.formatted(number))));
            assertThat(spec.getInteger("number")).isEqualTo((int) Double.parseDouble(number));
        }
        for (String number : List.of("39.5", "1e99", "1E999999999", "\"39\"", "true")) {
            ann.refusal(400, ann.send(ann.request("POST", specs, whole.formatted(number))));
        }
        ann.refusal(422, ann.send(ann.request("POST", specs, whole.formatted("10000"))));
    }

    /** The sum in a cursor is no secret. */
    private static String madeUp(String time) {
        String query = "/api/v1/missions{sort=created_at, status=null, tag=null, q=null}";
        return Cursor.of(query, time, "title", new UUID(1, 2).toString());
    }

    @Test
    void questionsThatMakeNoSenseAreRefused() {
        Map<String, Integer> paths = new LinkedHashMap<>();
        paths.put("/missions?limit=x", 400);
        paths.put("/missions?limit=-1", 422);
        paths.put("/missions?limit=99999999999", 422);
        paths.put("/missions?sort=owner_id", 422);
        paths.put("/missions?status=nope", 422);
        paths.put("/missions?cursor=AAAA", 400);
        paths.put("/missions?q=%00", 400);
        paths.put("/missions/nope", 404);
        paths.put("/missions/" + UUID.randomUUID(), 404);
        paths.put("/specs/..%2f..%2fetc%2fpasswd", 404);
        paths.put("/specs/search", 422);
        paths.put("/events?mission=nope", 400);
        paths.put("/nope", 404);
        paths.put("/missions?cursor=" + madeUp("+1000000000-12-31T23:59:59Z"), 400);

        paths.forEach((path, status) -> ann.refusal(status, ann.send("GET", path, null)));
        assertThat(
                        ann.get("/missions?q=%27%3B%20DROP%20TABLE%20missions%3B--")
                                .getJsonArray("items"))
                .isEmpty();
        assertThat(ann.get("/missions").getJsonArray("items")).isNotNull();
    }

    @Test
    void theFrameworksOwnRefusalsAreProblemsToo() {
        HttpResponse<byte[]> search = ann.send("PUT", "/specs/search", new JsonObject());
        assertThat(ann.refusal(405, search)).isEqualTo("method_not_allowed");
        assertThat(header(search, "Allow")).isEqualTo("GET, HEAD, OPTIONS");
        for (Map.Entry<String, String> path :
                Map.of(
                                "/missions",
                                "GET, HEAD, OPTIONS, POST",
                                "/missions/" + UUID.randomUUID() + "/logs",
                                "GET, HEAD, OPTIONS, POST",
                                "/specs/" + UUID.randomUUID(),
                                "DELETE, GET, HEAD, OPTIONS, PUT",
                                "/auth/login",
                                "OPTIONS, POST")
                        .entrySet()) {
            HttpResponse<byte[]> options = ann.send("OPTIONS", path.getKey(), null);
            assertThat(options.statusCode()).isEqualTo(204);
            assertThat(header(options, "Allow")).isEqualTo(path.getValue());
            HttpResponse<byte[]> trace = ann.send("TRACE", path.getKey(), null);
            ann.refusal(405, trace);
            assertThat(header(trace, "Allow")).isEqualTo(path.getValue());
        }
        ann.refusal(404, ann.send("OPTIONS", "/nope", null));
        assertThat(ann.refusal(405, ann.send("PATCH", "/missions", new JsonObject())))
                .isEqualTo("method_not_allowed");
        assertThat(
                        ann.refusal(
                                406,
                                ann.send(
                                        ann.request("GET", "/missions", null)
                                                .header("Accept", "text/csv"))))
                .isEqualTo("not_acceptable");
        assertThat(
                        ann.refusal(
                                415,
                                ann.send(
                                        ann.request("POST", "/missions", "title=x")
                                                .setHeader("Content-Type", "text/plain"))))
                .isEqualTo("unsupported_media_type");
    }

    @Test
    void tooManyDependenciesAreRefused() {
        String mission = ann.mission("m").getString("id");
        var dependencies = new JsonArray();
        for (int i = 0; i < 10_000; i++) {
            dependencies.add(UUID.randomUUID().toString());
        }
        var spec = new JsonObject().put("number", 1).put("title", "x");

        ann.refusal(
                422,
                ann.send(
                        "POST",
                        "/missions/" + mission + "/specs",
                        spec.copy().put("dependencies", dependencies)));
        ann.refusal(
                422,
                ann.send(
                        "POST",
                        "/missions/" + mission + "/specs",
                        spec.put("dependencies", new JsonArray(List.of(mission)))));
    }

    @Test
    void aCycleIsRefused() {
        try (ApiClient dan = ApiClient.user(server.url(), "dan@example.org")) {
            String specs = "/missions/" + dan.mission("m").getString("id") + "/specs";
            var body = new JsonObject().put("number", 1).put("title", "first");
            String first = dan.post(specs, body).getString("id");
            var needy =
                    body.copy().put("number", 2).put("dependencies", new JsonArray().add(first));
            String second = dan.post(specs, needy).getString("id");

            for (String needed : List.of(first, second)) {
                String dependent =
                        body.copy().put("dependencies", new JsonArray().add(needed)).encode();
                assertThat(
                                dan.refusal(
                                        409,
                                        dan.send(
                                                dan.request("PUT", "/specs/" + first, dependent)
                                                        .header("If-Match", "*"))))
                        .isEqualTo("dependency_cycle");
            }
            assertThat(dan.get("/specs/" + first).getJsonArray("dependencies")).isEmpty();
        }
    }

    @Test
    void anEmailInAnotherCaseIsTaken() {
        try (ApiClient client = ApiClient.of(server.url())) {
            var body =
                    new JsonObject()
                            .put("email", "ANN@Example.ORG")
                            .put("password", ApiClient.PASSWORD);

            assertThat(client.refusal(409, client.send("POST", "/auth/register", body)))
                    .isEqualTo("email_taken");
            assertThat(client.login("Ann@EXAMPLE.org", ApiClient.PASSWORD).getJsonObject("user"))
                    .isEqualTo(ann.get("/auth/me"));
        }
    }

    @Test
    void aRefreshTokenShownTwiceEndsTheLogin() {
        try (ApiClient client = ApiClient.of(server.url())) {
            String first =
                    client.login("ann@example.org", ApiClient.PASSWORD).getString("refresh_token");
            var body = new JsonObject().put("refresh_token", first);
            String second =
                    client.expect(200, client.send("POST", "/auth/refresh", body))
                            .getString("refresh_token");

            for (String token : List.of(first, second, "x", "\u00fc")) {
                assertThat(
                                client.refusal(
                                        401,
                                        client.send(
                                                "POST",
                                                "/auth/refresh",
                                                new JsonObject().put("refresh_token", token))))
                        .isEqualTo("invalid_refresh_token");
            }
        }
    }

    @Test
    void textIsKeptAsItIsWhateverItLooksLike() {
        try (ApiClient eve = ApiClient.user(server.url(), "eve@example.org")) {
            for (String text :
                    List.of(
                            "'; DROP TABLE missions; --",
                            "../../../etc/passwd",
                            "%00%0d%0aSet-Cookie: a=b",
                            "a\r\nX-Injected: b",
                            "<script>alert(1)</script>",
                            "${jndi:ldap://localhost/a}",
                            "\ud83d\ude80 \u202e")) {
                String id = eve.mission(text).getString("id");

                assertThat(eve.get("/missions/" + id).getString("title")).isEqualTo(text);
            }
            HttpResponse<byte[]> page =
                    eve.send("GET", "/missions?limit=1&q=%0d%0aX-Injected%3a%20b", null);
            assertThat(eve.expect(200, page).getJsonArray("items")).hasSize(1);
            assertThat(page.headers().map()).doesNotContainKey("x-injected");
            assertThat(eve.get("/missions?limit=100").getJsonArray("items")).hasSize(7);
        }
    }

    @Test
    void headersThatWillNotDoAreRefusedOrReplaced() {
        try (ApiClient fay = ApiClient.user(server.url(), "fay@example.org")) {
            HttpResponse<byte[]> renamed =
                    fay.send(
                            fay.request("GET", "/missions", null)
                                    .header("X-Request-Id", "a b\"<x>"));
            String id = fay.mission("m").getString("id");

            assertThat(header(renamed, "X-Request-Id")).matches("[A-Za-z0-9._-]{1,128}");
            for (String key : List.of("two words", "x".repeat(256))) {
                assertThat(
                                fay.refusal(
                                        400,
                                        fay.send(
                                                fay.request(
                                                                "POST",
                                                                "/missions",
                                                                "{\"title\":\"x\"}")
                                                        .header("Idempotency-Key", key))))
                        .isEqualTo("invalid_idempotency_key");
            }
            for (String version : List.of("7", "W/\"1\"", "\"1\",\"2\"", "\"" + id + "\"")) {
                fay.refusal(
                        412,
                        fay.send(
                                fay.request("DELETE", "/missions/" + id, null)
                                        .header("If-Match", version)));
            }
            for (String position : List.of("x", "9".repeat(30))) {
                fay.refusal(
                        400,
                        fay.send(
                                fay.request("GET", "/events", null)
                                        .header("Last-Event-ID", position)));
            }
        }
    }

    @Test
    void aCursorIsGoodForItsOwnQueryAlone() {
        try (ApiClient gus = ApiClient.user(server.url(), "gus@example.org")) {
            gus.mission("a");
            gus.mission("b");
            String cursor = gus.get("/missions?limit=1&sort=title").getString("next_cursor");
            String other = (cursor.startsWith("A") ? "B" : "A") + cursor.substring(1);

            gus.expect(200, gus.send("GET", "/missions?sort=title&cursor=" + cursor, null));
            for (String query :
                    List.of(
                            "sort=-title&cursor=" + cursor,
                            "sort=title&q=a&cursor=" + cursor,
                            "sort=title&status=draft&cursor=" + cursor,
                            "sort=title&cursor=" + other,
                            "sort=title&cursor=" + cursor + cursor,
                            "sort=title&cursor=%F0%9F%9A%80",
                            "sort=title&cursor=" + "A".repeat(3000))) {
                assertThat(gus.refusal(400, gus.send("GET", "/missions?" + query, null)))
                        .isEqualTo("invalid_cursor");
            }
        }
    }

    @Test
    void aTokenWithAnyDefectIsRefused() {
        Instant later = Instant.now().plusSeconds(600);
        String id = UUID.randomUUID().toString();
        Map<String, String> tokens = new LinkedHashMap<>();
        tokens.put("none", "");
        tokens.put("no token", "a.b.c");
        tokens.put(
                "another key",
                Tokens.sign(
                        "another".repeat(6), "{\"sub\":\"x\",\"exp\":9999999999" + CLAIMS + "}"));
        tokens.put(
                "another issuer", Tokens.of(id, later, CLAIMS.replace("id.example", "x.example")));
        tokens.put("another audience", Tokens.of(id, later, CLAIMS.replace("wingman", "other")));
        tokens.put("expired", Tokens.of(id, Instant.now().minusSeconds(10), CLAIMS));
        tokens.put("unsigned", unsigned(id));
        tokens.put("changed", ann.token().substring(0, ann.token().length() - 4) + "AAAA");
        try (ApiClient client = ApiClient.of(server.url())) {
            tokens.forEach((what, token) -> {
                client.useToken(token);
                HttpResponse<byte[]> answer = client.send("GET", "/missions", null);

                assertThat(client.refusal(401, answer)).as(what).isEqualTo("unauthenticated");
                assertThat(header(answer, "WWW-Authenticate")).isEqualTo("Bearer");
            });
            client.useToken(Tokens.of(id, later, CLAIMS));
            assertThat(client.get("/missions").getJsonArray("items")).isEmpty();
        }
        assertThat(server.log()).noneMatch(line -> line.contains("eyJ"));
    }

    private static String unsigned(String subject) {
        var base64 = Base64.getUrlEncoder().withoutPadding();
        String payload = "{\"sub\":\"" + subject + "\",\"exp\":9999999999" + CLAIMS + "}";
        return base64.encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8))
                + "."
                + base64.encodeToString(payload.getBytes(StandardCharsets.UTF_8))
                + ".";
    }

    @Test
    void whatIsSwitchedOffIsNotThere() {
        try (WebClient web = WebClient.http1(server.url());
                RawSocket socket = RawSocket.connect(server.url())) {
            assertThat(web.get("/metrics").statusCode()).isEqualTo(404);
            assertThat(web.get("/ws").statusCode()).isEqualTo(404);
            assertThat(socket.send(RawSocket.UPGRADE).answer().status()).isEqualTo(404);
            assertThat(web.get("/health/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void withoutAnotherIssuerNoTokenIsTraded() {
        var body = new JsonObject().put("token", ann.token());

        ann.refusal(404, ann.send("POST", "/api/auth/token", body));
    }

    @Test
    void quickRequestsMeetTheLimitOfTheirUserAlone() {
        try (ApiClient eager = ApiClient.user(server.url(), "eager@example.org")) {
            List<Integer> statuses = new ArrayList<>();
            HttpResponse<byte[]> last = eager.send("GET", "/missions", null);
            for (int i = 0; i < 150; i++) {
                last = eager.send("GET", "/missions", null);
                statuses.add(last.statusCode());
            }

            assertThat(statuses).contains(200, 429);
            assertThat(eager.refusal(429, last)).isEqualTo("rate_limited");
            assertThat(header(last, "Retry-After")).isEqualTo("1");
            assertThat(header(last, "RateLimit-Policy")).isEqualTo("\"default\";q=120;w=60");
            assertThat(header(last, "RateLimit")).startsWith("\"default\";r=0;t=");
            assertThat(ann.get("/auth/me").getString("email")).isEqualTo("ann@example.org");
        }
    }

    @Test
    void manyConcurrentLoginsLeaveOthersServed() throws Exception {
        List<Future<HttpResponse<byte[]>>> logins = new ArrayList<>();
        var credentials =
                new JsonObject().put("email", "ann@example.org").put("password", "wrong password");
        try (ApiClient crowd = ApiClient.of(server.url());
                var pool = Executors.newFixedThreadPool(200)) {
            for (int i = 0; i < 200; i++) {
                logins.add(pool.submit(() -> crowd.send("POST", "/auth/login", credentials)));
            }
            assertThat(ann.get("/auth/me").getString("email")).isEqualTo("ann@example.org");
            for (Future<HttpResponse<byte[]>> login : logins) {
                assertThat(login.get().statusCode()).isIn(401, 503);
            }
        }
    }
}
