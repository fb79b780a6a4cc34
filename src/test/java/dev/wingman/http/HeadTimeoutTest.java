package dev.wingman.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.RawSocket;
import dev.wingman.testing.WebClient;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients that take their time to say what they want. The idle limit would never end them. */
class HeadTimeoutTest {
    private static final Duration PATIENCE = Duration.ofMillis(400);
    private static final String REQUEST = "GET / HTTP/1.1\nHost: localhost\n\n";

    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final AtomicInteger requests = new AtomicInteger();
    private final URI url = URI.create("http://127.0.0.1:" + listen());

    private int listen() {
        return new Listener(
                        new Listener.Settings(
                                "127.0.0.1", 0, 1, 1000, PATIENCE, Duration.ofMinutes(1), null),
                        this::answer,
                        new AccessLog(false, System::nanoTime))
                .open(vertx)
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private void answer(HttpServerRequest request) {
        requests.incrementAndGet();
        if ("/ws".equals(request.path())) {
            request.toWebSocket().onSuccess(socket -> socket.handler(socket::write));
        } else {
            request.response().end("served");
        }
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private static void assertTimeout(RawSocket.Answer answer) {
        assertThat(answer.status()).isEqualTo(408);
        assertThat(answer.headers())
                .containsEntry("content-type", "application/problem+json")
                .containsEntry("connection", "close")
                .containsKey("x-request-id");
        assertThat(new JsonObject(answer.body()).getString("code")).isEqualTo("timeout");
    }

    /** Sends on, a byte at a time, as long as the other side takes it. */
    private static void trickle(RawSocket socket) {
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        for (int i = 0; i < 200; i++) {
                            socket.send("a");
                            Thread.sleep(20);
                        }
                    } catch (UncheckedIOException | InterruptedException _) {
                        // cut, as it was to be
                    }
                });
    }

    @Test
    void aHeadThatTricklesInIsBrokenOff() {
        try (RawSocket socket = RawSocket.connect(url)) {
            socket.send("GET / HTTP/1.1\nHost: loc");
            trickle(socket);

            assertTimeout(socket.answer());
            assertThat(socket.isClosedByServer()).isTrue();
        }
        assertThat(requests).hasValue(0);
    }

    @Test
    void soIsAnUpgrade() {
        try (RawSocket socket = RawSocket.connect(url)) {
            socket.send(RawSocket.UPGRADE.stripTrailing());
            trickle(socket);

            assertTimeout(socket.answer());
            assertThat(socket.isClosedByServer()).isTrue();
        }
    }

    @Test
    void soIsAFurtherRequestOfAConnection() {
        try (RawSocket socket = RawSocket.connect(url)) {
            assertThat(socket.send(REQUEST).answer().status()).isEqualTo(200);

            socket.send("GET / HTTP/1.1\nHost: loc");

            assertTimeout(socket.answer());
            assertThat(socket.isClosedByServer()).isTrue();
        }
    }

    @Test
    void whoConnectsAndSaysNothingIsCut() {
        try (RawSocket silent = RawSocket.connect(url);
                RawSocket preface = RawSocket.connect(url)) {
            preface.send("PRI * HT");

            assertThat(silent.isClosedByServer()).isTrue();
            assertThat(preface.isClosedByServer()).isTrue();
        }
    }

    @Test
    void aConnectionMayRestBetweenRequests() {
        try (RawSocket resting = RawSocket.connect(url);
                RawSocket slow = RawSocket.connect(url)) {
            resting.send(REQUEST).answer();

            assertThat(slow.isClosedByServer()).as("the time of a head has passed").isTrue();
            assertThat(resting.send(REQUEST).answer().status()).isEqualTo(200);
        }
    }

    @Test
    void aBodyHasATimeOfItsOwn() {
        try (RawSocket body = RawSocket.connect(url);
                RawSocket slow = RawSocket.connect(url)) {
            body.send("POST / HTTP/1.1\nHost: localhost\nContent-Length: 2\n\na").answer();

            assertThat(slow.isClosedByServer()).isTrue();
            assertThat(body.send("b" + REQUEST).answer().status()).isEqualTo(200);
        }
    }

    @Test
    void anOpenSocketMaySendHalfAFrame() {
        byte[] frame = {(byte) 0x82, (byte) 0x81, 0, 0, 0, 0, 7};
        try (RawSocket socket = RawSocket.connect(url);
                RawSocket slow = RawSocket.connect(url)) {
            assertThat(socket.send(RawSocket.UPGRADE).answer().status()).isEqualTo(101);
            socket.send(new byte[] {frame[0]});

            assertThat(slow.isClosedByServer()).isTrue();
            socket.send(Arrays.copyOfRange(frame, 1, frame.length));
            assertThat(socket.read(3)).containsExactly(0x82, 1, 7);
        }
    }

    @Test
    void http2RestsAsWell() {
        try (WebClient http2 = WebClient.http2(url);
                RawSocket slow = RawSocket.connect(url)) {
            http2.get("/");

            assertThat(slow.isClosedByServer()).isTrue();
            HttpResponse<byte[]> second = http2.get("/");
            assertThat(second.statusCode()).isEqualTo(200);
            assertThat(second.version()).isEqualTo(HttpClient.Version.HTTP_2);
        }
    }
}
