package dev.wingman.recorder;

import static dev.wingman.testing.WebClient.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.NodeClient;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The recorder in the packaged server. */
class RecorderIT {
    private static final Pattern LISTENS = Pattern.compile("endpoint=api .*url=(http://[^ \"]+)");
    private static final String ENDPOINT = "wingman.recorder.endpoints.api.";

    @TempDir private Path folder;

    private ServerProcess.Setup recorder(String mode, int targetPort) {
        return ServerProcess.in(folder)
                .with("wingman.recorder.mode", mode)
                .with(ENDPOINT + "source-port", 0)
                .with(ENDPOINT + "target-host", "127.0.0.1")
                .with(ENDPOINT + "target-port", targetPort)
                .with(ENDPOINT + "target-type", "http");
    }

    private static URI endpoint(ServerProcess server) {
        server.awaitLine("endpoint=api");
        return server.log().stream()
                .map(LISTENS::matcher)
                .filter(Matcher::find)
                .map(found -> URI.create(found.group(1)))
                .findFirst()
                .orElseThrow();
    }

    private Path recording(String extension) throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("recordings"))) {
            return files.filter(file -> file.toString().endsWith(extension))
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Test
    void aRecordingIsMadeShownPublishedReplayedAndDeleted() {
        try (var target = RawTarget.saying("HTTP/1.1 200 OK\nContent-Length: 2\n\nhi");
                ServerProcess server = recorder("record", target.port()).start();
                WebClient client = WebClient.http1(endpoint(server));
                WebClient control = WebClient.http1(server.url())) {
            client.send(client.request("/a").header("X-Wingman-Recording", "team/one"));

            assertThat(json(control.get("/api/v1/recordings")).encode())
                    .contains("\"name\":\"team/one\"", "\"state\":\"recording\"", "updated_at");
            String one = "/api/v1/recordings/team%2Fone";
            assertThat(
                            json(control.send(
                                            control.request(one + "/finalize")
                                                    .POST(BodyPublishers.noBody())))
                                    .getString("state"))
                    .isEqualTo("published");
            assertThat(json(control.get(one)).getInteger("interactions")).isOne();
            assertThat(control.get("/api/v1/recordings/nope").statusCode()).isEqualTo(404);
            assertThat(control.get("/api/v1/recordings/..").statusCode()).isNotEqualTo(200);
            assertThat(text(control.get("/metrics").body()))
                    .contains("wingman_recorder_recorded_total 1.0");
            server.terminate();
            assertThat(server.awaitExit()).isZero();
        }

        try (ServerProcess server = recorder("replay", 1).start();
                WebClient client = WebClient.http1(endpoint(server));
                WebClient control = WebClient.http1(server.url())) {
            String one = "/api/v1/recordings/team%2Fone";
            assertThat(json(control.get(one)).getJsonArray("unused")).hasSize(1);
            var request = client.request("/a").header("X-Wingman-Recording", "team/one");
            assertThat(text(client.send(request).body())).isEqualTo("hi");
            assertThat(json(control.get(one)).getJsonArray("unused")).isEmpty();
            assertThat(client.send(request).statusCode()).isEqualTo(404);
            control.send(control.request(one + "/rewind").POST(BodyPublishers.noBody()));
            assertThat(client.send(request).statusCode()).isEqualTo(200);
            assertThat(control.send(control.request(one).DELETE()).statusCode()).isEqualTo(204);
            assertThat(control.get(one).statusCode()).isEqualTo(404);
        }
    }

    private static String text(byte[] body) {
        return new String(body, StandardCharsets.UTF_8);
    }

    /**
     * Killed again and again while it records, at points drawn from a seed: whatever was answered a
     * second before is there, and the next process goes on behind it.
     */
    @Test
    void aKillLeavesWhatWasAnsweredASecondAgo() throws Exception {
        var random = new SplittableRandom(Long.getLong("seed", 42));
        var asked = new AtomicInteger();
        List<Integer> kept = new ArrayList<>();
        try (var target = new RawTarget((request, _, out) -> out.write(sized(request.path())))) {
            for (int kill = 0; kill < 3; kill++) {
                try (ServerProcess server = recorder("record", target.port()).start()) {
                    kept.addAll(recordUntilKilled(server, asked, random));
                }
                assertThat(TapeFile.read(recording(".partial")).interactions())
                        .hasSizeGreaterThanOrEqualTo(kept.size());
            }
        }

        try (ServerProcess server = recorder("replay", 1).start();
                WebClient client = WebClient.http1(endpoint(server))) {
            for (int number : kept) {
                HttpResponse<byte[]> answer = client.get("/" + number);
                assertThat(answer.statusCode()).as("/%d", number).isEqualTo(200);
                assertThat(answer.body()).hasSize(number * 997 % 50_000);
            }
        }
    }

    /** The length depends on the path, so that kills meet records of many sizes. */
    private static byte[] sized(String path) {
        int length = Integer.parseInt(path.substring(1)) * 997 % 50_000;
        String head = "HTTP/1.1 200 OK\nContent-Length: " + length + "\n\n";
        return RawTarget.http(head + "x".repeat(length));
    }

    /**
     * @return the requests that were answered a second before the kill
     */
    private static List<Integer> recordUntilKilled(
            ServerProcess server, AtomicInteger asked, SplittableRandom random) throws Exception {
        URI url = endpoint(server);
        List<Integer> answered = new CopyOnWriteArrayList<>();
        Thread load = Thread.ofVirtual().start(() -> load(url, asked, answered));
        int first = random.nextInt(10, 60);
        await().pollInterval(Duration.ofMillis(5)).until(() -> answered.size() >= first);
        List<Integer> longAgo = List.copyOf(answered);
        long kill = System.nanoTime() + random.nextLong(1_000_000_000L, 1_200_000_000L);
        await().pollInterval(Duration.ofMillis(1)).until(() -> System.nanoTime() >= kill);

        server.kill();
        load.join();
        return longAgo;
    }

    private static void load(URI url, AtomicInteger asked, List<Integer> answered) {
        try (WebClient client = WebClient.http1(url)) {
            int number = asked.getAndIncrement();
            while (client.get("/" + number).statusCode() == 200) {
                answered.add(number);
                number = asked.getAndIncrement();
            }
        } catch (UncheckedIOException e) {
            // The server has been killed, which ends the load.
        }
    }

    @Test
    void theExampleClientDoesNotNoticeThatTheServerIsGone() throws Exception {
        Path client = Path.of("target", "node-client");
        if (NodeClient.install(client) instanceof NodeClient.Availability.Missing(var reason)) {
            Assumptions.abort(reason);
        }
        Files.copy(
                Path.of("src/examples/javascript/cli.mjs"),
                client.resolve("cli.mjs"),
                StandardCopyOption.REPLACE_EXISTING);
        String live;
        try (ServerProcess wingman =
                        ServerProcess.in(Files.createDirectory(folder.resolve("target"))).start();
                ServerProcess server =
                        recorder("record", wingman.port())
                                .with(ENDPOINT + "socket-match", "order")
                                .start()) {
            cli(client, wingman.url(), "set", "users", "alice", "{\"age\":30}");
            live = cli(client, endpoint(server), "get", "users");
            server.terminate();
            assertThat(server.awaitExit()).isZero();
            assertThat(server.log()).noneMatch(line -> line.contains("ERROR"));
        }

        assertThat(live).contains("alice  {\"age\":30}");
        try (ServerProcess server =
                recorder("replay", 1).with(ENDPOINT + "socket-match", "order").start()) {
            assertThat(cli(client, endpoint(server), "get", "users")).isEqualTo(live);
        }
    }

    private static String cli(Path folder, URI server, String... command) throws Exception {
        var words = new ArrayList<>(List.of("node", "cli.mjs"));
        words.addAll(List.of(command));
        words.addAll(List.of("--url", "ws://127.0.0.1:" + server.getPort() + "/ws"));
        Process process =
                new ProcessBuilder(words)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnceAndOffMeansNothingThere() {
        try (ServerProcess server =
                recorder("replay", 0)
                        .with(ENDPOINT + "on-miss", "maybe")
                        .with(ENDPOINT + "replay-timing", "slowly")
                        .with(ENDPOINT + "source-type", "https")
                        .with(ENDPOINT + "colour", "red")
                        .with("wingman.recorder.secrets", "abc")
                        .with("wingman.recorder.test-server-config", "x.yml")
                        .launchOnly()) {
            assertThat(server.awaitExit()).isEqualTo(1);
            assertThat(String.join("\n", server.log()))
                    .contains(
                            ENDPOINT + "on-miss",
                            ENDPOINT + "replay-timing must be",
                            ENDPOINT + "source-type=https needs",
                            ENDPOINT + "colour",
                            ENDPOINT + "target-port must be",
                            "secrets must be 4",
                            "test-server-config cannot be set")
                    .doesNotContain("Exception");
        }
        try (ServerProcess server = ServerProcess.in(folder).start();
                WebClient control = WebClient.http1(server.url())) {
            assertThat(control.get("/api/v1/recordings").statusCode()).isEqualTo(404);
            assertThat(folder.resolve("recordings")).doesNotExist();
        }
    }
}
