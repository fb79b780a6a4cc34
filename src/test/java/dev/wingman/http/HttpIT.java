package dev.wingman.http;

import static dev.wingman.testing.WebClient.header;
import static dev.wingman.testing.WebClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.RawSocket;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What every HTTP answer has, whatever the route: on an open server with its defaults. */
class HttpIT {
    private static final int MAX_BODY = 2 * 1024 * 1024;

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

    private static void assertProblem(HttpResponse<byte[]> answer, int status, String code) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
        assertProblem(json(answer), status, code);
        assertThat(json(answer).getString("instance")).isEqualTo(answer.uri().getPath());
        assertThat(json(answer).getString("request_id"))
                .isEqualTo(header(answer, "X-Request-Id"))
                .isNotEmpty();
    }

    private static void assertProblem(JsonObject problem, int status, String code) {
        assertThat(problem.fieldNames())
                .containsExactlyInAnyOrder(
                        "type",
                        "title",
                        "status",
                        "detail",
                        "instance",
                        "code",
                        "message",
                        "request_id");
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("code")).isEqualTo(code);
        assertThat(problem.getString("message"))
                .isEqualTo(problem.getString("detail"))
                .isNotEmpty();
    }

    @Test
    void healthSaysWhereTheServerStandsAndNothingElse() {
        HttpResponse<byte[]> answer = client.get("/health");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Content-Type")).isEqualTo("application/json");
        assertThat(json(answer).fieldNames())
                .containsExactly("state", "connections", "in_flight", "uptime_secs");
        assertThat(json(answer).getString("state")).isEqualTo("ready");
        assertThat(json(answer).getInteger("connections")).isZero();
        assertThat(json(answer).getInteger("in_flight")).isZero();
        assertThat(json(answer).getInteger("uptime_secs")).isBetween(0, 600);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health/live", "/health/ready", "/health/started", "/healthz"})
    void probesOfAReadyServerAreUp(String path) {
        HttpResponse<byte[]> answer = client.get(path);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(json(answer).getString("status")).isEqualTo("UP");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/health",
                "/health/live",
                "/health/ready",
                "/health/started",
                "/healthz",
                "/metrics"
            })
    void headIsGetWithoutABody(String path) {
        HttpResponse<byte[]> answer =
                client.send(client.request(path).method("HEAD", BodyPublishers.noBody()));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "X-Request-Id")).isNotEmpty();
        assertThat(answer.body()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "PUT, /health, 'GET, HEAD'",
        "DELETE, /health/live, 'GET, HEAD'",
        "POST, /health/ready, 'GET, HEAD'",
        "PATCH, /healthz, 'GET, HEAD'",
        "POST, /metrics, 'GET, HEAD'",
        "GET, /sync, POST",
        "OPTIONS, /sync, POST",
        "POST, /ws, 'GET, HEAD'"
    })
    void otherMethodsAreRefusedWithTheRightOnes(String method, String path, String allowed) {
        HttpResponse<byte[]> answer =
                client.send(client.request(path).method(method, BodyPublishers.noBody()));

        assertProblem(answer, 405, "method_not_allowed");
        assertThat(header(answer, "Allow")).isEqualTo(allowed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/nowhere", "/health/nowhere"})
    void whatIsNotThereIsAProblem(String path) {
        assertProblem(client.get(path), 404, "not_found");
    }

    @Test
    void everyAnswerIsGuardedAgainstBrowsersThatGuess() {
        HttpResponse<byte[]> answer = client.get("/health");

        assertThat(header(answer, "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(header(answer, "X-Frame-Options")).isEqualTo("DENY");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/healthz", "/metrics", "/nowhere", "/sync"})
    void theCallersRequestIdComesBack(String path) {
        HttpResponse<byte[]> answer =
                client.send(client.request(path).header("X-Request-Id", "caller-1._A"));

        assertThat(answer.headers().allValues("X-Request-Id")).containsExactly("caller-1._A");
    }

    @Test
    void aRequestIdThatIsUnsafeIsReplaced() {
        for (String unsafe : Set.of("two words", "<script>", "a".repeat(129), "ümlaut")) {
            HttpResponse<byte[]> answer =
                    client.send(client.request("/health").header("X-Request-Id", unsafe));

            assertThat(header(answer, "X-Request-Id"))
                    .isNotEqualTo(unsafe)
                    .matches("[A-Za-z0-9._-]{1,128}");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "OPTIONS * HTTP/1.1,           Host: a,           404",
        "GET /../../etc/passwd HTTP/1.1, Host: a,         404"
    })
    void requestsThatNoRouteSeesAreProblemsToo(String requestLine, String header, int status) {
        try (RawSocket socket = RawSocket.connect(server.url())) {
            RawSocket.Answer answer =
                    socket.send("%s\n%s\n\n".formatted(requestLine, header)).answer();

            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.headers()).containsKey("x-request-id");
            assertProblem(new JsonObject(answer.body()), status, "not_found");
        }
    }

    @Test
    void upgradesThatAreNotSoundAreProblems() {
        String withoutKey = RawSocket.UPGRADE.replaceFirst("Sec-WebSocket-Key.*\n", "");
        String shortKey = RawSocket.UPGRADE.replaceFirst("dGhlIHNhbXBsZSBub25jZQ==", "abc");
        String withoutConnection = RawSocket.UPGRADE.replaceFirst("Connection.*\n", "");
        String withBody = RawSocket.UPGRADE.replaceFirst("\n\n", "\nContent-Length: 5\n\nhello");
        String oldHttp = RawSocket.UPGRADE.replaceFirst("HTTP/1.1", "HTTP/1.0");

        for (String request : Set.of(withoutKey, shortKey, withoutConnection, withBody, oldHttp)) {
            assertThat(upgradeRefused(request, 400, "bad_request").headers())
                    .containsKey("x-request-id");
        }
        String otherVersion = RawSocket.UPGRADE.replaceFirst("Version: 13", "Version: 99");
        assertThat(upgradeRefused(otherVersion, 426, "upgrade_required").headers())
                .containsKey("x-request-id")
                .containsEntry("sec-websocket-version", "13");
        String elsewhere = RawSocket.UPGRADE.replaceFirst("/ws", "/nowhere");
        upgradeRefused(elsewhere, 404, "not_found");
        String otherProtocol = RawSocket.UPGRADE.replaceFirst("websocket", "smoke-signals");
        upgradeRefused(otherProtocol, 426, "upgrade_required");
    }

    @Test
    void whoComesToTheSocketsWithoutOneIsToldToUpgrade() {
        HttpResponse<byte[]> get = client.get("/ws");
        HttpResponse<byte[]> head =
                client.send(client.request("/ws").method("HEAD", BodyPublishers.noBody()));

        assertProblem(get, 426, "upgrade_required");
        assertThat(header(get, "Upgrade")).isEqualTo("websocket");
        assertThat(head.statusCode()).isEqualTo(426);
        assertThat(head.body()).isEmpty();
    }

    private static List<Arguments> brokenRequests() {
        String end = "\nHost: a\n\n";
        return List.of(
                Arguments.of("GET /a%zz HTTP/1.1" + end, 400, "bad_request"),
                Arguments.of("POST /sync% HTTP/1.1" + end, 400, "bad_request"),
                Arguments.of("GET /health?a=%zz HTTP/1.1" + end, 400, "bad_request"),
                Arguments.of("GET /health HTTP/1.1\nX-Nothing: here\n\n", 400, "bad_request"),
                Arguments.of("GET /health HTTP/3.7" + end, 505, "http_version_not_supported"),
                Arguments.of("nothing to be seen here" + end, 400, "bad_request"),
                Arguments.of("\u0016\u0003\u0001\u0000\u00a5" + end, 400, "bad_request"),
                Arguments.of("POST /sync HTTP/1.1\nContent-Length: many" + end, 400, "bad_request"),
                Arguments.of(
                        "POST /sync HTTP/1.1\nContent-Length: 3\nTransfer-Encoding: chunked" + end,
                        400,
                        "bad_request"),
                Arguments.of("GET /" + "a".repeat(5000) + " HTTP/1.1" + end, 414, "uri_too_long"),
                Arguments.of(
                        "GET /health HTTP/1.1\nX-Long: " + "a".repeat(30_000) + end,
                        431,
                        "headers_too_large"));
    }

    @ParameterizedTest
    @MethodSource("brokenRequests")
    void whatIsNoRequestIsAnsweredLikeOne(String request, int status, String code) {
        try (RawSocket socket = RawSocket.connect(server.url())) {
            RawSocket.Answer answer = socket.send(request).answer();

            assertThat(answer.status()).isEqualTo(status);
            assertThat(answer.headers())
                    .containsEntry("content-type", "application/problem+json")
                    .containsEntry("x-content-type-options", "nosniff")
                    .containsEntry("connection", "close");
            JsonObject problem = new JsonObject(answer.body());
            assertThat(problem.getInteger("status")).isEqualTo(status);
            assertThat(problem.getString("code")).isEqualTo(code);
            assertThat(problem.getString("request_id"))
                    .isEqualTo(answer.headers().get("x-request-id"))
                    .isNotEmpty();
            assertThat(socket.isClosedByServer()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/sync", "/api/v1/auth/login"})
    void aBodyThatBreaksOffIsAProblem(String path) {
        try (RawSocket socket = RawSocket.connect(server.url())) {
            socket.send(
                    """
                    POST %s HTTP/1.1
                    Host: localhost
                    X-Request-Id: broken-off
                    Transfer-Encoding: chunked

                    2
                    ab
                    """
                            .formatted(path));
            RawSocket.Answer answer = socket.send("no size\n").answer();

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.headers())
                    .containsEntry("content-type", "application/problem+json")
                    .containsEntry("x-content-type-options", "nosniff")
                    .containsEntry("x-request-id", "broken-off")
                    .containsEntry("connection", "close");
            assertProblem(new JsonObject(answer.body()), 400, "bad_request");
            assertThat(socket.isClosedByServer()).isTrue();
        }
        await().until(() -> json(client.get("/health")).getInteger("in_flight") == 0);
    }

    private static RawSocket.Answer upgradeRefused(String request, int status, String code) {
        try (RawSocket socket = RawSocket.connect(server.url())) {
            RawSocket.Answer answer = socket.send(request).answer();
            assertThat(answer.status()).as(request).isEqualTo(status);
            assertProblem(new JsonObject(answer.body()), status, code);
            return answer;
        }
    }

    @Test
    void pagesOfAnyOriginMayCall() {
        HttpResponse<byte[]> answer =
                client.send(client.request("/health").header("Origin", "https://app.example"));

        assertThat(header(answer, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(header(answer, "Access-Control-Expose-Headers")).contains("X-Request-Id");
    }

    @Test
    void aPreflightIsToldWhatMayBeSent() {
        HttpResponse<byte[]> answer = client.send(preflight(client, "https://app.example"));

        assertThat(answer.statusCode()).isEqualTo(204);
        assertThat(header(answer, "X-Request-Id")).isNotEmpty();
        assertThat(header(answer, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(header(answer, "Access-Control-Allow-Methods")).contains("POST");
        assertThat(header(answer, "Access-Control-Allow-Headers"))
                .contains("Authorization", "Content-Type", "X-Request-Id");
    }

    static HttpRequest.Builder preflight(WebClient client, String origin) {
        return client.request("/sync")
                .header("Origin", origin)
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization,content-type")
                .method("OPTIONS", BodyPublishers.noBody());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/health", "/health/live", "/metrics", "/nowhere"})
    void textIsCompressedForWhoUnderstandsIt(String path) throws IOException {
        HttpResponse<byte[]> plain = client.get(path);
        HttpResponse<byte[]> packed =
                client.send(client.request(path).header("Accept-Encoding", "gzip"));

        assertThat(header(plain, "Content-Encoding")).isIn("", "identity");
        assertThat(header(packed, "Content-Encoding")).isEqualTo("gzip");
        assertThat(header(packed, "Content-Type")).isEqualTo(header(plain, "Content-Type"));
        assertThat(header(packed, "Vary")).isEqualTo("accept-encoding");
        assertThat(header(plain, "Vary")).isEqualTo("accept-encoding");
        assertThat(new String(unpacked(packed), StandardCharsets.UTF_8).substring(0, 1))
                .isEqualTo(new String(plain.body(), StandardCharsets.UTF_8).substring(0, 1));
    }

    @Test
    void syncAnswersAreCompressedForWhoUnderstandsIt() throws IOException {
        HttpResponse<byte[]> packed =
                client.send(client.post("/sync", new byte[0]).header("Accept-Encoding", "gzip"));

        assertThat(header(packed, "Content-Encoding")).isEqualTo("gzip");
        assertThat(header(packed, "Content-Type")).isEqualTo("application/msgpack");
        assertThat(dev.wingman.protocol.Json.object(unpacked(packed)).fieldNames())
                .contains("serverHlc");
    }

    private static byte[] unpacked(HttpResponse<byte[]> answer) throws IOException {
        try (var in = new GZIPInputStream(new ByteArrayInputStream(answer.body()))) {
            return in.readAllBytes();
        }
    }

    @Test
    void aBodyThatSaysItIsTooLargeIsNotTaken() {
        assertProblem(client.send(client.post("/sync", new byte[MAX_BODY + 1])), 413, "too_large");
        assertProblem(
                client.send(client.post("/nowhere", new byte[MAX_BODY + 1])), 413, "too_large");
    }

    @Test
    void aBodyThatIsPackedIsNotTaken() {
        HttpResponse<byte[]> answer =
                client.send(
                        client.request("/sync")
                                .header("Content-Encoding", "gzip")
                                .POST(BodyPublishers.ofByteArray(new byte[100])));

        assertProblem(answer, 415, "unsupported_media_type");
        assertThat(json(answer).getString("detail")).contains("Content-Encoding");
        assertThat(header(answer, "Accept-Encoding")).isEqualTo("identity");
    }

    @Test
    void aBodyInChunksIsCounted() {
        assertProblem(client.send(chunked(MAX_BODY + 1)), 413, "too_large");
        assertProblem(client.send(chunked(10 * MAX_BODY)), 413, "too_large");
    }

    @Test
    void theLargestBodyIsRead() {
        // Zeros are no map: it was read as a whole, or its end would be missing instead.
        assertProblem(client.send(client.post("/sync", new byte[MAX_BODY])), 400, "bad_request");
        assertProblem(client.send(chunked(MAX_BODY)), 400, "bad_request");
    }

    private static HttpRequest.Builder chunked(int bytes) {
        return client.request("/sync")
                .POST(
                        BodyPublishers.ofInputStream(
                                () -> new ByteArrayInputStream(new byte[bytes])));
    }

    @Test
    void aClientThatAsksFirstIsToldToGoOn() {
        HttpResponse<byte[]> answer =
                client.send(client.post("/sync", new byte[] {(byte) 0x80}).expectContinue(true));

        assertThat(answer.statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100_000, MAX_BODY})
    void http2IsSpokenAfterAnUpgradeWhateverTheBody(int bytes) {
        try (WebClient http2 = WebClient.http2(server.url())) {
            HttpResponse<byte[]> first = http2.send(http2.post("/sync", new byte[bytes]));
            HttpResponse<byte[]> second = http2.send(http2.post("/sync", new byte[bytes]));

            assertThat(second.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertProblem(first, 400, "bad_request");
            assertProblem(second, 400, "bad_request");
        }
    }

    @Test
    void http2HasTheSameLayers() {
        try (WebClient http2 = WebClient.http2(server.url())) {
            HttpResponse<byte[]> first = http2.get("/health");
            HttpResponse<byte[]> refused = http2.send(http2.post("/sync", new byte[MAX_BODY + 1]));

            assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(json(first).getString("state")).isEqualTo("ready");
            assertProblem(refused, 413, "too_large");
            assertProblem(http2.get("/nowhere"), 404, "not_found");
        }
    }

    @Test
    void http2IsSpokenFromTheFirstByteWhereTheClientKnows() {
        byte[] settings = {0, 0, 0, 4, 0, 0, 0, 0, 0};
        try (RawSocket socket = RawSocket.connect(server.url())) {
            socket.send("PRI * HTTP/2.0\n\nSM\n\n").send(settings);

            byte[] frame = socket.read(9);

            assertThat(frame[3]).as("type of the first frame: SETTINGS").isEqualTo((byte) 4);
        }
    }

    private static void awaitInFlight(int requests) {
        await().untilAsserted(() ->
                assertThat(json(client.get("/health")).getInteger("in_flight"))
                        .isEqualTo(requests));
    }

    @Test
    void aRequestIsInFlightUntilItsClientHasLeft() {
        String head = "POST /sync HTTP/1.1\nHost: a\nContent-Length: 1000\n\n";
        try (RawSocket slow = RawSocket.connect(server.url())) {
            slow.send(head + "just the beginning");
            awaitInFlight(1);
        }

        awaitInFlight(0);
    }

    @Test
    void whatIsRefusedIsNotInFlight() {
        assertThat(client.send(client.post("/sync", new byte[] {1})).statusCode()).isEqualTo(400);
        assertThat(client.send(chunked(MAX_BODY + 1)).statusCode()).isEqualTo(413);

        awaitInFlight(0);
    }

    @Test
    void anOpenLocalServerWritesNoLineForEachRequest() {
        client.get("/nowhere");

        assertThat(server.log()).noneMatch(line -> line.contains("/nowhere"));
    }

    @Test
    void brokenRequestsLeaveNoStackTraceInTheLog() {
        try (RawSocket socket = RawSocket.connect(server.url())) {
            socket.send(
                    """
                    POST /sync HTTP/1.1
                    Host: a
                    Transfer-Encoding: chunked

                    not a number
                    """);
            assertThat(socket.isClosedByServer()).isTrue();
        }

        assertThat(client.get("/health").statusCode()).isEqualTo(200);
        assertThat(server.log()).noneMatch(line -> line.contains("ERROR"));
    }
}
