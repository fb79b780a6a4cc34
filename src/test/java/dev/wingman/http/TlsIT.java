package dev.wingman.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.wingman.protocol.Json;
import dev.wingman.testing.Certificates;
import dev.wingman.testing.Certificates.Identity;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.ServerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The port with certificates. */
class TlsIT {
    @TempDir private static Path keys;
    private static Identity first;
    private static Identity second;

    @TempDir private Path folder;

    @BeforeAll
    static void makeCertificates() {
        first = Certificates.selfSigned(keys, "first");
        second = Certificates.selfSigned(keys, "second");
    }

    private Path certificate() {
        return folder.resolve("tls.crt");
    }

    private Path key() {
        return folder.resolve("tls.key");
    }

    private ServerProcess.Setup secured() {
        first.writeTo(certificate(), key());
        return ServerProcess.in(folder)
                .with("wingman.network.tls.certificate", certificate())
                .with("wingman.network.tls.key", key());
    }

    /** A connection that is kept. */
    private static final class Tls implements AutoCloseable {
        private final SSLSocket socket;

        Tls(ServerProcess server, SSLContext context) throws IOException {
            socket =
                    (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", server.port());
            socket.setSoTimeout((int) Duration.ofSeconds(10).toMillis());
            socket.startHandshake();
        }

        Certificate certificate() throws IOException {
            return socket.getSession().getPeerCertificates()[0];
        }

        String statusOfHealth() throws IOException {
            return statusAfter("HEAD /health HTTP/1.1\r\nHost: a\r\n\r\n");
        }

        String statusAfter(String request) throws IOException {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            var in =
                    new BufferedReader(
                            new InputStreamReader(
                                    socket.getInputStream(), StandardCharsets.US_ASCII));
            String status = in.readLine();
            while (!in.readLine().isEmpty()) {
                // the other headers
            }
            return status;
        }

        /** That a PING, as a frame of a WebSocket with a mask of zeros, is answered. */
        void assertPong() throws IOException {
            byte[] ping = Json.frame("{\"type\":\"PING\",\"timestamp\":1}");
            socket.getOutputStream()
                    .write(
                            ByteBuffer.allocate(6 + ping.length)
                                    .put((byte) 0x82)
                                    .put((byte) (0x80 | ping.length))
                                    .putInt(0)
                                    .put(ping)
                                    .array());
            int length = socket.getInputStream().readNBytes(2)[1];
            byte[] pong = socket.getInputStream().readNBytes(length);
            assertThat(Json.object(pong).getString("type")).isEqualTo("PONG");
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static void assertNobodyIsWaitedFor(ServerProcess server, SSLContext context)
            throws IOException {
        byte[] helloOf512Bytes = {0x16, 3, 1, 2, 0, 1, 0, 1};
        try (var head = new Tls(server, context);
                var nothing = new Tls(server, context);
                RawSocket silent = RawSocket.connect(server.url());
                RawSocket handshake = RawSocket.connect(server.url()).send(helloOf512Bytes)) {
            assertThat(head.statusAfter("HEAD /hea")).startsWith("HTTP/1.1 408");
            assertThat(nothing.socket.getInputStream().read()).isEqualTo(-1);
            assertThat(silent.isClosedByServer()).isTrue();
            assertThat(handshake.isClosedByServer()).isTrue();
        }
    }

    /** An end that TLS has not announced would fail the reading. */
    private static void assertTheEndOfABrokenSocketIsInOrder(
            ServerProcess server, SSLContext context) throws IOException {
        byte[] unknown = {(byte) 0x8b, (byte) 0x80, 0, 0, 0, 0};
        try (var broken = new Tls(server, context)) {
            broken.socket
                    .getOutputStream()
                    .write(
                            RawSocket.UPGRADE
                                    .replace("\n", "\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            broken.socket.getOutputStream().write(unknown);

            String answers =
                    new String(
                            broken.socket.getInputStream().readAllBytes(),
                            StandardCharsets.ISO_8859_1);
            assertThat(answers)
                    .startsWith("HTTP/1.1 101")
                    .endsWith("\u0003\u00eanot a WebSocket frame");
        }
    }

    private static Certificate shownBy(ServerProcess server, SSLContext context) {
        try (var fresh = new Tls(server, context)) {
            return fresh.certificate();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void newCertificatesAreSeenWithoutARestartAndOldConnectionsLiveOn() throws IOException {
        SSLContext anyOfOurs = Certificates.client(null, first, second);
        try (ServerProcess server = secured().start();
                var before = new Tls(server, anyOfOurs);
                var socket = new Tls(server, anyOfOurs)) {
            assertThat(socket.statusAfter(RawSocket.UPGRADE.replace("\n", "\r\n")))
                    .startsWith("HTTP/1.1 101");
            assertThat(before.certificate()).isEqualTo(first.certificate());
            assertThat(before.statusOfHealth()).startsWith("HTTP/1.1 200");

            second.writeTo(certificate(), key());
            // Requests go on all the time, on the old connection and on new ones.
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> {
                        assertThat(before.statusOfHealth()).startsWith("HTTP/1.1 200");
                        socket.assertPong();
                        return shownBy(server, anyOfOurs).equals(second.certificate());
                    });

            assertThat(before.statusOfHealth()).startsWith("HTTP/1.1 200");
            socket.assertPong();
            assertThat(server.log())
                    .filteredOn(line -> line.contains("certificates reloaded"))
                    .hasSize(1);
        }
    }

    @Test
    void filesThatWillNotDoAreComplainedOfOnceAndChangeNothing() throws IOException {
        SSLContext context = Certificates.client(null, first, second);
        try (ServerProcess server = secured().start()) {
            Files.writeString(key(), "nonsense");
            server.awaitLine("certificates kept");
            assertThat(shownBy(server, context)).isEqualTo(first.certificate());

            second.writeTo(certificate(), key());
            server.awaitLine("certificates reloaded");

            assertThat(shownBy(server, context)).isEqualTo(second.certificate());
            assertThat(server.log())
                    .filteredOn(line -> line.contains("certificates kept"))
                    .hasSizeBetween(1, 2); // once more when it was read between the two files
        }
    }

    private static final class Opened implements WebSocket.Listener {
        final CompletableFuture<Integer> firstMessage = new CompletableFuture<>();

        @Override
        public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
            firstMessage.complete(data.remaining());
            return WebSocket.Listener.super.onBinary(socket, data, last);
        }
    }

    @Test
    void thePortSpeaksHttpsAndSecureWebSocketAndNothingElse() throws Exception {
        SSLContext context = Certificates.client(null, first);
        try (ServerProcess server = secured().with("wingman.network.head-timeout", "3s").start();
                HttpClient client = HttpClient.newBuilder().sslContext(context).build()) {
            assertThat(server.url().getScheme()).isEqualTo("https");

            HttpResponse<String> answer =
                    client.send(
                            HttpRequest.newBuilder(server.url("/health")).build(),
                            BodyHandlers.ofString());
            var opened = new Opened();
            WebSocket socket =
                    client.newWebSocketBuilder()
                            .buildAsync(server.webSocketUrl("/ws"), opened)
                            .get(20, TimeUnit.SECONDS);

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.headers().firstValue("Strict-Transport-Security"))
                    .contains("max-age=31536000");
            socket.sendBinary(
                            ByteBuffer.wrap(Json.frame("{\"type\":\"PING\",\"timestamp\":1}")),
                            true)
                    .get(20, TimeUnit.SECONDS);

            assertThat(opened.firstMessage.get(20, TimeUnit.SECONDS)).isPositive();
            socket.abort();
            try (RawSocket clear = RawSocket.connect(server.url())) {
                clear.send("GET /health HTTP/1.1\nHost: a\n\n");
                assertThat(clear.isClosedByServer()).isTrue();
            }
            assertNobodyIsWaitedFor(server, context);
            assertTheEndOfABrokenSocketIsInOrder(server, context);
        }
    }

    @Test
    void clientsShowACertificateWhereAuthoritiesAreNamed() throws IOException {
        Path ca = folder.resolve("ca.crt");
        Identity known = Certificates.selfSigned(folder, "known");
        known.writeTo(ca, folder.resolve("unused.key"));
        try (ServerProcess server = secured().with("wingman.network.tls.ca", ca).start()) {
            try (var client = new Tls(server, Certificates.client(known, first))) {
                assertThat(client.statusOfHealth()).startsWith("HTTP/1.1 200");
            }
            for (Identity stranger : new Identity[] {null, second}) {
                assertThatThrownBy(
                                () -> {
                                    try (var client =
                                            new Tls(server, Certificates.client(stranger, first))) {
                                        client.statusOfHealth();
                                    }
                                })
                        .isInstanceOf(IOException.class);
            }
        }
    }
}
