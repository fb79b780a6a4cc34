package dev.wingman.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.RawSocket;
import dev.wingman.testing.WebClient;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that take their time to say what they want. The idle limit would never end them. */
class RequestWatchTest {
    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final String REQUEST = "GET / HTTP/1.1\nHost: localhost\n\n";
    private static final String PREFACE = "PRI * HTTP/2.0\n\nSM\n\n";
    private static final String HALF = "GET / HTTP/1.1\nHost: loc";

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor();
    private final AtomicInteger requests = new AtomicInteger();
    private final RequestCounters counters = new RequestCounters();
    private final URI url = URI.create("http://127.0.0.1:" + listen());

    private int listen() {
        var settings =
                new Listener.Settings(
                        "127.0.0.1", 0, 1, 1000, PATIENCE, PATIENCE, Duration.ofMinutes(1), null);
        return new Listener(
                        settings, this::answer, new AccessLog(false, System::nanoTime), counters)
                .open(vertx)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private void answer(HttpServerRequest request) {
        requests.incrementAndGet();
        switch (String.valueOf(request.path())) {
            case "/ws" -> request.toWebSocket().onSuccess(socket -> socket.handler(socket::write));
            case "/events" ->
                    request.response()
                            .setChunked(true)
                            .write("begun")
                            .onSuccess(_ -> later(request));
            case "/body" -> request.body().onSuccess(body -> request.response().end(body));
            default -> request.response().end("served");
        }
    }

    private void later(HttpServerRequest request) {
        vertx.setTimer(2 * PATIENCE.toMillis(), _ -> request.response().end("ended"));
    }

    @AfterEach
    void stop() {
        ticker.shutdownNow();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static void assertTimeout(RawSocket socket) {
        RawSocket.Answer answer = socket.answer();
        assertThat(answer.status()).isEqualTo(408);
        assertThat(answer.headers())
                .containsEntry("content-type", "application/problem+json")
                .containsEntry("connection", "close")
                .containsKey("x-request-id");
        assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("timeout");
        assertThat(socket.isClosedByServer()).isTrue();
    }

    /** Sends on, a byte at a time, as long as the other side takes it. */
    private RawSocket trickle(RawSocket socket) {
        var _ = ticker.scheduleAtFixedRate(() -> socket.send("a"), 0, 20, TimeUnit.MILLISECONDS);
        return socket;
    }

    /** Comes back when the time of a head has passed. */
    private void awaitPatience() {
        try (RawSocket silent = RawSocket.connect(url)) {
            assertThat(silent.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aHeadThatTricklesInIsBrokenOff() {
        try (RawSocket one = RawSocket.connect(url).send("G");
                RawSocket many = RawSocket.connect(url).send(HALF);
                RawSocket upgrade = RawSocket.connect(url).send(RawSocket.UPGRADE.strip())) {
            assertTimeout(trickle(one));
            assertTimeout(trickle(many));
            assertTimeout(trickle(upgrade));
        }
        assertThat(requests).hasValue(0);
        assertThat(counters.unfinishedRequests()).isEqualTo(3);
    }

    @Test
    void soIsAFurtherRequestOfAConnection() {
        try (RawSocket socket = RawSocket.connect(url)) {
            assertThat(socket.send(REQUEST).answer().status()).isEqualTo(200);

            assertTimeout(socket.send(HALF));
        }
    }

    @Test
    void soIsOneThatDoesNotWaitForTheAnswerBefore() {
        try (RawSocket socket = RawSocket.connect(url)) {
            socket.send("POST /body HTTP/1.1\nHost: localhost\nContent-Length: 2\n\na");
            socket.send("b" + REQUEST.repeat(2));
            socket.answer();
            socket.answer();
            socket.send(HALF).answer();

            assertTimeout(socket);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"G", "GET / HTTP/1.1\n", HALF, "\nGET"})
    void soIsOneThatBeginsInTheSegmentOfTheRequestBefore(String begin) {
        String post = "POST /body HTTP/1.1\nHost: localhost\nContent-Length: 1\n\na";
        try (RawSocket first = RawSocket.connect(url).send(REQUEST + begin);
                RawSocket behindBody = RawSocket.connect(url).send(post + begin);
                RawSocket third = RawSocket.connect(url).send(REQUEST + post + REQUEST + begin)) {
            assertThat(first.answer().status()).isEqualTo(200);
            assertThat(behindBody.answer().body()).isEqualTo("a");
            third.answer();
            third.answer();
            third.answer();

            assertTimeout(first);
            assertTimeout(behindBody);
            assertTimeout(third);
        }
        assertThat(counters.unfinishedRequests()).isEqualTo(3);
    }

    /** Some clients end a body with a line too much. */
    @Test
    void anEmptyLineIsNoBeginning() {
        String post = "POST /body HTTP/1.1\nHost: localhost\nContent-Length: 1\n\na\n";
        try (RawSocket resting = RawSocket.connect(url)) {
            assertThat(resting.send(post).answer().body()).isEqualTo("a");
            resting.send("\n");

            awaitPatience();

            assertThat(resting.send(post).answer().body()).isEqualTo("a");
            assertThat(resting.send(REQUEST).answer().status()).isEqualTo(200);
        }
    }

    @Test
    void aRequestLineThatIsTooLongIsAnsweredInTheVersionOfTheServer() {
        String first = "GET /" + "a".repeat(5000) + " HTTP/1.1\nHost: localhost\n\n";
        try (RawSocket socket = RawSocket.connect(url).send(first)) {
            String status = new String(socket.read(12), StandardCharsets.ISO_8859_1);

            assertThat(status).isEqualTo("HTTP/1.1 414");
        }
    }

    @Test
    void whoConnectsAndSaysNothingIsCut() {
        try (RawSocket silent = RawSocket.connect(url)) {
            assertThat(silent.isClosedByServer()).isTrue();
        }
        assertThat(counters.unfinishedRequests()).isEqualTo(1);
    }

    @Test
    void whoAsksForHttp2AndForNothingElseIsCut() {
        String settings = "000000040000000000";
        String half = "000010010500000001" + "8286";
        try (RawSocket prefaceOnly = RawSocket.connect(url).send(PREFACE);
                RawSocket halfOfIt = RawSocket.connect(url).send("PRI * HT");
                RawSocket noHead = RawSocket.connect(url).send(PREFACE);
                RawSocket halfHead = RawSocket.connect(url).send(PREFACE)) {
            noHead.send(HexFormat.of().parseHex(settings));
            halfHead.send(HexFormat.of().parseHex(settings + half));

            assertThat(prefaceOnly.isClosedByServer()).isTrue();
            assertThat(halfOfIt.isClosedByServer()).isTrue();
            assertThat(noHead.isClosedByServer()).isTrue();
            assertThat(halfHead.isClosedByServer()).isTrue();
        }
        assertThat(requests).hasValue(0);
        assertThat(counters.unfinishedRequests()).isEqualTo(4);
    }

    @Test
    void aConnectionMayRestBetweenRequests() {
        try (RawSocket resting = RawSocket.connect(url)) {
            resting.send(REQUEST).answer();

            awaitPatience();

            assertThat(resting.send(REQUEST).answer().status()).isEqualTo(200);
        }
        assertThat(counters.unfinishedRequests()).as("the one that was waited for").isEqualTo(1);
    }

    @Test
    void aBodyHasATimeOfItsOwn() {
        try (RawSocket body = RawSocket.connect(url)) {
            body.send("POST /body HTTP/1.1\nHost: localhost\nContent-Length: 3\n\na");
            body.send("b");

            awaitPatience();

            assertThat(body.send("c").answer().body()).isEqualTo("abc");
            assertThat(body.send(REQUEST).answer().status()).isEqualTo(200);
        }
    }

    @Test
    void theRestOfABodyThatNobodyWantsHasNot() {
        try (RawSocket slow = RawSocket.connect(url);
                RawSocket quick = RawSocket.connect(url)) {
            String request = "POST / HTTP/1.1\nHost: localhost\nContent-Length: 1000\n\n";
            assertThat(quick.send(request).answer().status()).isEqualTo(200);
            quick.send("a".repeat(999)).send("a");
            assertThat(slow.send(request).answer().status()).isEqualTo(200);

            assertThat(trickle(slow).isClosedByServer()).isTrue();
            assertThat(quick.send(REQUEST).answer().status()).isEqualTo(200);
        }
        assertThat(counters.unfinishedRequests()).isEqualTo(1);
    }

    @Test
    void anAnswerMayTakeAsLongAsItLikes() {
        try (RawSocket events = RawSocket.connect(url)) {
            events.send("GET /events HTTP/1.1\nHost: localhost\n\n").answer();

            // Half a request behind it waits for its turn to be refused.
            events.send(HALF);

            String rest = new String(events.read(100_000), StandardCharsets.ISO_8859_1);
            assertThat(rest)
                    .startsWith("5\r\nbegun\r\n")
                    .contains("5\r\nended\r\n0\r\n\r\nHTTP/1.1 408 ");
        }
    }

    @Test
    void anOpenSocketMaySendHalfAFrame() {
        byte[] frame = {(byte) 0x82, (byte) 0x81, 0, 0, 0, 0, 7};
        try (RawSocket socket = RawSocket.connect(url)) {
            assertThat(socket.send(RawSocket.UPGRADE).answer().status()).isEqualTo(101);
            socket.send(new byte[] {frame[0]});

            awaitPatience();

            socket.send(Arrays.copyOfRange(frame, 1, frame.length));
            assertThat(socket.read(3)).containsExactly(0x82, 1, 7);
        }
    }

    @Test
    void http2RestsAsWell() {
        try (WebClient http2 = WebClient.http2(url)) {
            http2.get("/");

            awaitPatience();

            HttpResponse<byte[]> second = http2.get("/");
            assertThat(second.statusCode()).isEqualTo(200);
            assertThat(second.version()).isEqualTo(HttpClient.Version.HTTP_2);
        }
    }

    /** The upgrade throws out what is not of HTTP/2 while the body is read. */
    @Test
    void anUpgradeToHttp2WithALargeBodyGoesThrough() {
        byte[] body = new byte[2 << 20];
        Arrays.fill(body, (byte) 'b');
        for (int i = 0; i < 5; i++) {
            try (WebClient http2 = WebClient.http2(url)) {
                HttpResponse<byte[]> answer = http2.send(http2.post("/body", body));

                assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
                assertThat(ByteBuffer.wrap(answer.body())).isEqualTo(ByteBuffer.wrap(body));
                assertThat(http2.get("/").statusCode()).isEqualTo(200);
            }
        }
        assertThat(counters.unfinishedRequests()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"xyz\n", "2\nabc\n", "3\nabc\nzz\n"})
    void aBodyOfBrokenChunksIsRefused(String chunks) {
        try (RawSocket socket = RawSocket.connect(url)) {
            socket.send("POST /body HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n");
            socket.send("1\na\n" + chunks);

            RawSocket.Answer answer = socket.answer();

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.headers())
                    .containsEntry("content-type", "application/problem+json")
                    .containsEntry("connection", "close");
            JsonObject problem = new JsonObject(answer.body());
            assertThat(problem.getString("code")).isEqualTo("bad_request");
            assertThat(problem.getString("request_id"))
                    .isEqualTo(answer.headers().get("x-request-id"))
                    .isNotEmpty();
            assertThat(socket.isClosedByServer()).isTrue();
        }
    }

    /** A connection that is closed over unread bytes is reset, and takes the answer with it. */
    @Test
    void whoIsInTheMiddleOfSendingSeesWhyItIsRefused() {
        try (RawSocket socket = RawSocket.connect(url)) {
            socket.send("POST /body HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n");
            socket.send("1\na\nxyz\n" + "z".repeat(4 << 20));

            assertThat(socket.answer().status()).isEqualTo(400);
            assertThat(socket.isClosedByServer()).isTrue();
        }
    }

    @Test
    void nothingIsTakenBehindTheLastAnswer() {
        try (RawSocket socket = RawSocket.connect(url)) {
            RawSocket.Answer answer =
                    socket.send("GET /%zz HTTP/1.1\nHost: localhost\n\n" + REQUEST).answer();

            assertThat(answer.status()).isEqualTo(400);
            assertThat(socket.send(REQUEST).read(1)).isEmpty();
        }
        assertThat(requests).hasValue(0);
    }

    @Test
    void brokenChunksBehindAnAnswerOnlyEndTheConnection() {
        try (RawSocket socket = RawSocket.connect(url)) {
            socket.send("POST / HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked\n\n");
            assertThat(socket.answer().status()).isEqualTo(200);
            socket.send("xyz\n");

            assertThat(socket.read(1)).isEmpty();
        }
    }
}
