package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.Tokens;
import dev.wingman.testing.WebClient;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A packaged server that records, demands tokens, and has an endpoint that cannot listen. */
class RecorderControlIT {
    private static final String ALL = "/api/v1/recordings";
    private static final String ONE = ALL + "/{name}";
    private static final long LARGE = 200L << 20;
    private static final Pattern RSS_KIB = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    @TempDir private static Path folder;
    private static final AtomicLong written = new AtomicLong();
    private static RawTarget target;
    private static ServerSocket taken;
    private static ServerProcess server;
    private static WebClient control;

    @BeforeAll
    static void start() throws IOException {
        target = new RawTarget((request, _, out) -> answer(request.path(), out));
        taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ServerProcess.Setup setup =
                ServerProcess.in(folder)
                        .with("wingman.security.authentication", "required")
                        .with("wingman.security.jwt.secret", Tokens.SECRET)
                        .with("wingman.recorder.mode", "record")
                        .with("wingman.recorder.secrets", "unspoken");
        endpoint(setup, "api", 0);
        endpoint(setup, "taken", taken.getLocalPort());
        endpoint(setup, "unspoken", 0);
        server = setup.start();
        control = WebClient.http1(server.url());
    }

    private static void endpoint(ServerProcess.Setup setup, String name, int port) {
        String prefix = "wingman.recorder.endpoints." + name + ".";
        setup.with(prefix + "source-port", port)
                .with(prefix + "target-host", "127.0.0.1")
                .with(prefix + "target-port", target.port())
                .with(prefix + "target-type", "http");
    }

    @AfterAll
    static void stop() throws IOException {
        control.close();
        server.close();
        taken.close();
        target.close();
    }

    private static void answer(String path, OutputStream out) throws IOException {
        if (!path.equals("/large")) {
            out.write(RawTarget.http("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi"));
            return;
        }
        byte[] piece = new byte[64 << 10];
        out.write(RawTarget.http("HTTP/1.1 200 OK\nContent-Length: " + LARGE + "\n\n"));
        for (long sent = 0; sent < LARGE; sent += piece.length) {
            out.write(piece);
            written.addAndGet(piece.length);
        }
    }

    private static URI url(String endpoint) {
        server.awaitLine("endpoint=" + endpoint);
        Pattern listens = Pattern.compile("endpoint=" + endpoint + " .*url=(http://[^ \"]+)");
        return server.log().stream()
                .map(listens::matcher)
                .filter(Matcher::find)
                .map(found -> URI.create(found.group(1)))
                .findFirst()
                .orElseThrow();
    }

    private static void record(String endpoint, String recording) {
        try (WebClient client = WebClient.http1(url(endpoint))) {
            var request = client.request("/a").header("X-Wingman-Recording", recording);
            assertThat(client.send(request).statusCode()).isEqualTo(200);
        }
    }

    private static HttpRequest.Builder asAdmin(HttpRequest.Builder request) {
        Instant later = Instant.now().plusSeconds(3600);
        String token = Tokens.of("alice", later, ",\"roles\":[\"admin\"]");
        return request.header("Authorization", "Bearer " + token);
    }

    private static HttpResponse<byte[]> get(String path) {
        return control.send(asAdmin(control.request(path)));
    }

    private static HttpResponse<byte[]> post(String path) {
        return control.send(asAdmin(control.request(path).POST(BodyPublishers.noBody())));
    }

    private static HttpResponse<byte[]> delete(String path) {
        return control.send(asAdmin(control.request(path).DELETE()));
    }

    @Test
    void everyAnswerIsDescribedAndEveryDescribedAnswerIsGiven() {
        Description description = Description.of(control);
        record("api", "team/one");
        record("unspoken", "two");

        description.covers(ALL, get(ALL));
        description.covers(ONE, get(ALL + "/team%2Fone"));
        description.covers(ONE + "/finalize", post(ALL + "/two/finalize"));
        description.covers(ONE + "/finalize", post(ALL + "/team%2Fone/finalize"));
        description.covers(ONE, get(ALL + "/team%2Fone"));
        description.covers(ONE + "/rewind", post(ALL + "/team%2Fone/rewind"));
        description.covers(ONE, get(ALL + "/team%2Fone"));
        description.covers(ONE, delete(ALL + "/team%2Fone"));
        for (String name : List.of("nobody", "..%2Fx")) {
            description.covers(ONE, get(ALL + "/" + name));
            description.covers(ONE, delete(ALL + "/" + name));
            description.covers(ONE + "/finalize", post(ALL + "/" + name + "/finalize"));
            description.covers(ONE + "/rewind", post(ALL + "/" + name + "/rewind"));
        }
        for (String token : List.of("none", Tokens.of("alice"))) {
            refused(description, ALL, control.request(ALL), token);
            refused(description, ONE, control.request(ALL + "/two"), token);
            refused(description, ONE, control.request(ALL + "/two").DELETE(), token);
            for (String action : List.of("/finalize", "/rewind")) {
                var request = control.request(ALL + "/two" + action);
                refused(description, ONE + action, request.POST(BodyPublishers.noBody()), token);
            }
        }

        assertThat(description.seen()).isEqualTo(description.described());
        assertThat(get(ALL + "/two").statusCode()).isEqualTo(200);
    }

    private static void refused(
            Description description, String path, HttpRequest.Builder request, String token) {
        HttpResponse<byte[]> answer =
                control.send(request.header("Authorization", "Bearer " + token));

        assertThat(answer.statusCode()).isIn(401, 403);
        description.covers(path, answer);
    }

    @Test
    void anEndpointThatCannotListenLeavesTheOthersAlone() {
        server.awaitLine("endpoint=taken does not listen");

        record("api", "others");
    }

    /** Without backpressure all of it, 1,600 MiB, would be in the server's memory soon. */
    @Test
    void clientsThatStopReadingSlowTheTargetAndLeaveMemoryFlat() throws IOException {
        record("api", "slow");
        long before = rssKib();
        List<Socket> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                var client = new Socket(InetAddress.getLoopbackAddress(), url("api").getPort());
                clients.add(client);
                String head = "GET /large HTTP/1.1\nHost: a\nX-Wingman-Recording: slow\n\n";
                client.getOutputStream().write(RawTarget.http(head));
                assertThat(client.getInputStream().readNBytes(100_000)).hasSize(100_000);
            }
            var last = new AtomicLong(-1);
            await().pollInterval(Duration.ofMillis(500))
                    .until(() -> last.getAndSet(written.get()) == written.get());

            assertThat(written.get()).isLessThan(8 * LARGE / 4);
            assertThat(rssKib() - before).isLessThan(300 << 10);
        } finally {
            for (Socket client : clients) {
                client.close();
            }
        }
    }

    private static long rssKib() throws IOException {
        String status = Files.readString(Path.of("/proc/" + server.handle().pid() + "/status"));
        Matcher found = RSS_KIB.matcher(status);
        assertThat(found.find()).isTrue();
        return Long.parseLong(found.group(1));
    }
}
