package dev.wingman.recorder;

import static java.net.http.HttpResponse.BodyHandlers.ofString;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.recorder.RecorderOptions.Scheme;
import dev.wingman.recorder.RecorderOptions.Target;
import dev.wingman.recorder.RecorderOptions.Tls;
import dev.wingman.testing.Certificates;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** HTTP/2, and TLS on both sides. */
class SecondVersionTest {
    @TempDir private Path folder;
    private Path certificate;
    private Path key;
    private Certificates.Identity identity;

    @BeforeEach
    void makeCertificate() {
        certificate = folder.resolve("certificate.pem");
        key = folder.resolve("key.pem");
        identity = Certificates.selfSigned(folder, "recorder");
        identity.writeTo(certificate, key);
    }

    private static final long INTERNAL_ERROR = 2;
    private static final int LONG_HEADS = 64 << 10;

    /** Says which version it was spoken to in, with a trailer. */
    private HttpServer target(Vertx vertx, boolean tls) {
        var options = new HttpServerOptions().setMaxHeaderSize(LONG_HEADS);
        options.getInitialSettings().setMaxHeaderListSize(LONG_HEADS);
        if (tls) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(
                            new PemKeyCertOptions()
                                    .setCertPath(certificate.toString())
                                    .setKeyPath(key.toString()));
        }
        return vertx.createHttpServer(options)
                .requestHandler(request -> request.body().onSuccess(body -> answer(request, body)))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private static void answer(HttpServerRequest request, Buffer body) {
        HttpServerResponse response = request.response().setChunked(true);
        response.putHeader("X-Version", request.version().name());
        if ("/cut".equals(request.path())) {
            response.write("half").onComplete(_ -> response.reset(INTERNAL_ERROR));
            return;
        }
        response.putTrailer("X-Sum", "12");
        response.putHeader("X-Te", String.valueOf(request.getHeader("te")));
        var _ = response.end(request.method() + " " + body.length());
    }

    private HttpClient client(HttpClient.Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(Certificates.client(null, identity))
                .build();
    }

    private static HttpResponse<String> post(HttpClient client, Rig rig, String body)
            throws Exception {
        return client.send(
                HttpRequest.newBuilder(rig.url("/a"))
                        .header("X-Long", "y".repeat(20_000))
                        .POST(inPieces(body))
                        .build(),
                ofString());
    }

    /** Of a length that nobody is told. */
    private static HttpRequest.BodyPublisher inPieces(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return HttpRequest.BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes));
    }

    @Test
    void anAnswerThatBreaksOffIsSeenToDoSo() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (HttpClient client = client(HttpClient.Version.HTTP_2)) {
            int port = target(vertx, false).actualPort();
            try (Rig rig = Rig.recording(folder, port).start()) {
                assertThat(post(client, rig, "").statusCode()).isEqualTo(200);
                assertThatThrownBy(() -> client.send(cut(rig), ofString()))
                        .isInstanceOf(IOException.class);
                Rig.until(() -> rig.recorder().counters().recorded() == 2);
            }
            try (Rig rig = Rig.replaying(folder).start()) {
                assertThat(post(client, rig, "").statusCode()).isEqualTo(200);
                assertThatThrownBy(() -> client.send(cut(rig), ofString()))
                        .isInstanceOf(IOException.class);
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    private static HttpRequest cut(Rig rig) {
        return HttpRequest.newBuilder(rig.url("/cut")).build();
    }

    @Test
    void aRefusalHasItsStatusInEveryVersionAndMethod() throws Exception {
        try (HttpClient client = client(HttpClient.Version.HTTP_2);
                Rig rig = Rig.replaying(folder).start()) {
            assertThat(post(client, rig, "").statusCode()).isEqualTo(404);
            var head = HttpRequest.newBuilder(rig.url("/a")).HEAD().build();
            assertThat(client.send(head, ofString()).statusCode()).isEqualTo(404);
            var longPath = HttpRequest.newBuilder(rig.url("/" + "a".repeat(9000))).build();
            assertThat(client.send(longPath, ofString()).statusCode()).isEqualTo(414);
            assertThat(client.send(longPath, ofString()).version())
                    .isEqualTo(HttpClient.Version.HTTP_2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP_2, false, false, HTTP_2",
        "HTTP_1_1, false, false, HTTP_1_1",
        "HTTP_2, true, true, HTTP_2",
        "HTTP_1_1, true, true, HTTP_2",
        "HTTP_1_1, false, true, HTTP_2",
        "HTTP_2, true, false, HTTP_2",
    })
    void everyPairOfVersionsIsRecordedAndReplayed(
            HttpClient.Version version, boolean tls, boolean targetTls, String atTarget)
            throws Exception {
        Vertx vertx = Vertx.vertx();
        String body = "x".repeat(100_000);
        @Nullable Tls files = tls ? new Tls(certificate, key) : null;
        HttpResponse<String> live;
        try (HttpClient client = client(version)) {
            int port = target(vertx, targetTls).actualPort();
            var target =
                    new Target(
                            "127.0.0.1",
                            port,
                            targetTls ? Scheme.HTTPS : Scheme.HTTP,
                            targetTls ? certificate : null);
            try (Rig rig = Rig.recording(folder, port).target(target).tls(files).start()) {
                live = post(client, rig, body);
                live = post(client, rig, body);
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }

        try (Rig rig = Rig.replaying(folder).tls(files).start();
                HttpClient client = client(version)) {
            HttpResponse<String> first = post(client, rig, body);
            HttpResponse<String> replayed = post(client, rig, body);

            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(replayed.body()).isEqualTo(live.body()).isEqualTo("POST 100000");
            assertThat(replayed.version()).isEqualTo(version);
            assertThat(live.headers().firstValue("x-version")).contains(atTarget);
            assertThat(replayed.headers().map()).isEqualTo(live.headers().map());
        }
    }

    @Test
    void aTargetThatNobodyVouchesForIsRefused() throws Exception {
        Vertx vertx = Vertx.vertx();
        try (HttpClient client = client(HttpClient.Version.HTTP_1_1)) {
            int port = target(vertx, true).actualPort();
            var target = new Target("127.0.0.1", port, Scheme.HTTPS, null);
            try (Rig rig = Rig.recording(folder, port).target(target).start()) {
                assertThat(post(client, rig, "").statusCode()).isEqualTo(502);
            }
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    @Test
    void whoDoesNotShakeHandsIsCountedAndClosed() {
        Rig.Setup setup =
                Rig.recording(folder, 1)
                        .tls(new Tls(certificate, key))
                        .limits(limits -> Rig.targetTimeout(limits, Duration.ofMillis(500)));
        try (Rig rig = setup.start();
                var silent = new Raw(rig)) {
            Rig.until(() -> rig.recorder().connections() == 1);

            assertThat(silent.rest()).isEmpty();
            Rig.until(() -> rig.recorder().connections() == 0);
        }
    }
}
