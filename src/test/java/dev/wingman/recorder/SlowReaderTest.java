package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.recorder.RecorderOptions.Scheme;
import dev.wingman.recorder.RecorderOptions.Target;
import dev.wingman.recorder.RecorderOptions.Tls;
import dev.wingman.testing.Certificates;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.streams.WriteStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whoever reads slowly makes the other side wait, in every version, with TLS and without. */
class SlowReaderTest {
    private static final int SIZE = 48 << 20;

    /** What the buffers of four sockets on one machine may hold; most of it grows by itself. */
    private static final int HELD_AT_MOST = 24 << 20;

    private static final Buffer PIECE = Buffer.buffer(new byte[16 << 10]);

    @TempDir private Path folder;
    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong written = new AtomicLong();
    private final Queue<HttpServerRequest> uploads = new ConcurrentLinkedQueue<>();
    private Path certificate;
    private Path key;

    @BeforeEach
    void makeCertificate() {
        certificate = folder.resolve("certificate.pem");
        key = folder.resolve("key.pem");
        Certificates.selfSigned(folder, "recorder").writeTo(certificate, key);
    }

    @AfterEach
    void stop() {
        join(vertx.close());
    }

    private static <T> T join(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(20, TimeUnit.SECONDS)
                .join();
    }

    /** One piece, and then as much as the other side takes, until it is all. */
    private void fill(WriteStream<Buffer> out, long left) {
        long rest = left;
        do {
            var _ = out.write(PIECE);
            written.addAndGet(PIECE.length());
            rest -= PIECE.length();
        } while (rest > 0 && !out.writeQueueFull());
        long after = rest;
        if (after == 0) {
            var _ = out.end();
        } else {
            out.drainHandler(_ -> fill(out, after));
        }
    }

    private void answer(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        switch (String.valueOf(request.path())) {
            case "/download" -> fill(response.setChunked(true), SIZE);
            case "/upload" -> {
                request.pause();
                uploads.add(request);
            }
            default -> {
                var _ = response.end("ok");
            }
        }
    }

    private Rig recorder(boolean tls, boolean targetTls) {
        var options = new HttpServerOptions();
        if (targetTls) {
            var files =
                    new PemKeyCertOptions()
                            .setCertPath(certificate.toString())
                            .setKeyPath(key.toString());
            options.setSsl(true).setUseAlpn(true).setKeyCertOptions(files);
        }
        int port =
                join(vertx.createHttpServer(options)
                                .requestHandler(this::answer)
                                .listen(0, "127.0.0.1"))
                        .actualPort();
        Scheme scheme = targetTls ? Scheme.HTTPS : Scheme.HTTP;
        return Rig.recording(folder, port)
                .target(new Target("127.0.0.1", port, scheme, targetTls ? certificate : null))
                .tls(tls ? new Tls(certificate, key) : null)
                .limits(limits -> Rig.sizes(limits, 2 * SIZE, 2 * SIZE, 100))
                .start();
    }

    private HttpClient client(HttpVersion version, boolean tls) {
        var options =
                new HttpClientOptions()
                        .setProtocolVersion(version)
                        .setHttp2ClearTextUpgrade(false)
                        .setSsl(tls)
                        .setUseAlpn(tls)
                        .setAlpnVersions(List.of(version))
                        .setTrustAll(true)
                        .setVerifyHost(false);
        return vertx.createHttpClient(options);
    }

    /** Its handlers, and what is done then, run where the connection lives. */
    private static Future<HttpClientRequest> request(HttpClient client, Rig rig, String path) {
        var to =
                new RequestOptions()
                        .setHost("127.0.0.1")
                        .setPort(rig.url("/").getPort())
                        .setMethod(path.equals("/upload") ? HttpMethod.POST : HttpMethod.GET)
                        .setURI(path);
        return client.request(to);
    }

    private static HttpClientResponse stalledDownload(HttpClient client, Rig rig) {
        return join(
                request(client, rig, "/download")
                        .compose(HttpClientRequest::send)
                        .onSuccess(HttpClientResponse::pause));
    }

    private Future<HttpClientResponse> upload(HttpClientRequest request) {
        fill(request.setChunked(true), SIZE);
        return request.response();
    }

    private void awaitStandstill() {
        var last = new AtomicLong(-1);
        await().pollInterval(Duration.ofMillis(500))
                .until(() -> written.get() > 0 && last.getAndSet(written.get()) == written.get());
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP_1_1, true, true",
        "HTTP_2, true, true",
    })
    void aClientThatDoesNotReadSlowsTheTarget(HttpVersion version, boolean tls, boolean targetTls) {
        try (Rig rig = recorder(tls, targetTls)) {
            HttpClientResponse response = stalledDownload(client(version, tls), rig);

            awaitStandstill();
            assertThat(written.get()).isLessThan(HELD_AT_MOST);
            var read = new AtomicLong();
            response.handler(piece -> read.addAndGet(piece.length()));
            response.resume();
            join(response.end());
            assertThat(read.get()).isEqualTo(SIZE);
            Rig.until(() -> rig.recorder().counters().recorded() == 1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP_1_1, false, false",
        "HTTP_1_1, true, true",
        "HTTP_2, true, true",
    })
    void aTargetThatDoesNotReadSlowsTheClient(HttpVersion version, boolean tls, boolean targetTls) {
        try (Rig rig = recorder(tls, targetTls)) {
            Future<HttpClientResponse> response =
                    request(client(version, tls), rig, "/upload").compose(this::upload);

            awaitStandstill();
            assertThat(written.get()).isLessThan(HELD_AT_MOST);
            var read = new AtomicLong();
            Rig.until(() -> !uploads.isEmpty());
            HttpServerRequest upload = uploads.remove();
            upload.handler(piece -> read.addAndGet(piece.length()));
            upload.endHandler(_ -> upload.response().end());
            upload.resume();
            assertThat(join(response).statusCode()).isEqualTo(200);
            assertThat(read.get()).isEqualTo(SIZE);
            Rig.until(() -> rig.recorder().counters().recorded() == 1);
        }
    }

    /** Though they share the connections to it. */
    @ParameterizedTest
    @CsvSource({"HTTP_1_1, true", "HTTP_2, false"})
    void aClientThatDoesNotReadSlowsNobodyElse(HttpVersion version, boolean targetTls) {
        try (Rig rig = recorder(false, targetTls)) {
            for (int i = 0; i < 8; i++) {
                stalledDownload(client(version, false), rig);
            }
            awaitStandstill();

            for (int i = 0; i < 8; i++) {
                Future<Buffer> body =
                        request(client(version, false), rig, "/other")
                                .compose(HttpClientRequest::send)
                                .compose(HttpClientResponse::body);
                assertThat(join(body)).hasToString("ok");
            }
        }
    }
}
