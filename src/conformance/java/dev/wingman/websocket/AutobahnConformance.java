package dev.wingman.websocket;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.LocalHttp;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import me.normanmaurer.maven.autobahntestsuite.AutobahnTestSuite;
import org.junit.jupiter.api.Test;
import org.python.util.jython;

/**
 * RFC 6455 as Autobahn's fuzzing client sees it. What comes out is explained in {@code
 * src/docs/conformance.md}.
 */
class AutobahnConformance {
    private static final String SERVER = "wingman";
    private static final Path FOLDER = Path.of("target", "autobahn");
    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final int CASES = 301;
    private static final int MAX_MESSAGE = 32 << 20;

    /**
     * What runs side by side: the client is slow with large messages, which are most of group 9.
     * Groups 12 and 13 are of permessage-deflate, which the server does not offer.
     */
    private static final List<String> SHARES =
            List.of(
                    "'1.*','2.*','3.*','4.*','5.*','6.*','7.*','9.1.*','9.2.*','10.*'",
                    "'9.3.*','9.4.*','9.5.*','9.6.*','9.7.*','9.8.*'");

    private static final Set<String> GOOD = Set.of("OK", "INFORMATIONAL");

    /** Text whose last frame has not come: whether it is UTF-8 is looked at when it has. */
    private static final Set<String> NOT_STRICT = Set.of("6.4.1", "6.4.2", "6.4.3", "6.4.4");

    /** How one case went, and how the connection ended. */
    private record Verdict(String behavior, String close) {
        boolean isGood(String name) {
            return GOOD.contains(close)
                    && (GOOD.contains(behavior)
                            || (behavior.equals("NON-STRICT") && NOT_STRICT.contains(name)));
        }
    }

    @Test
    void everyCaseIsOkOrExplained() throws IOException, InterruptedException {
        var options =
                new HttpServerOptions()
                        .setMaxWebSocketFrameSize(MAX_MESSAGE)
                        .setMaxWebSocketMessageSize(MAX_MESSAGE)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setPerFrameWebSocketCompressionSupported(false);
        try (var http =
                new LocalHttp(router -> router.get("/").handler(EchoEndpoint::upgrade), options)) {
            fuzz(http.webSocketUrl("/"));
        }

        SortedMap<String, Verdict> verdicts = verdicts();
        report(verdicts);
        assertThat(verdicts).hasSize(CASES);
        verdicts.entrySet().removeIf(verdict -> verdict.getValue().isGood(verdict.getKey()));
        assertThat(verdicts).as("see " + FOLDER).isEmpty();
    }

    /**
     * In processes of their own: Jython takes packages of Java for modules of Python, and {@code
     * io}, where Netty and Vert.x are, is one of each.
     */
    private static void fuzz(URI server) throws IOException, InterruptedException {
        Files.createDirectories(FOLDER);
        Process[] clients = new Process[SHARES.size()];
        for (int i = 0; i < clients.length; i++) {
            Files.deleteIfExists(index(i));
            String script = script(folder(i), server, SHARES.get(i));
            clients[i] = python(script, FOLDER.resolve(i + ".log"));
        }
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        try {
            for (Process client : clients) {
                assertThat(client.waitFor(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS))
                        .as("the client ends; see the logs in " + FOLDER)
                        .isTrue();
                assertThat(client.exitValue()).isZero();
            }
        } finally {
            for (Process client : clients) {
                client.destroyForcibly();
            }
        }
    }

    /** By itself the client waits a second for each step, which a busy machine may be away for. */
    private static String script(Path folder, URI server, String cases) {
        return """
        from autobahntestsuite import wstest
        wstest.start({'mode': 'fuzzingclient'}, {
            'outdir': '%s',
            'servers': [{'agent': '%s', 'url': '%s'}],
            'options': {'failByDrop': False, 'openHandshakeTimeout': 20,
                        'closeHandshakeTimeout': 20, 'serverConnectionDropTimeout': 5},
            'cases': [%s],
            'exclude-cases': [],
            'exclude-agent-cases': {}})
        """
                .formatted(folder, SERVER, server, cases);
    }

    private static Process python(String script, Path log) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        jar(AutobahnTestSuite.class) + ":" + jar(jython.class),
                        "-Dpython.cachedir.skip=true",
                        jython.class.getName(),
                        "-c",
                        script)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
    }

    private static Path jar(Class<?> type) {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().getPath());
    }

    private static Path folder(int share) {
        return FOLDER.resolve(String.valueOf(share));
    }

    private static Path index(int share) {
        return folder(share).resolve("index.json");
    }

    private static SortedMap<String, Verdict> verdicts() throws IOException {
        var verdicts = new TreeMap<String, Verdict>();
        for (int i = 0; i < SHARES.size(); i++) {
            JsonObject cases =
                    new JsonObject(Buffer.buffer(Files.readAllBytes(index(i))))
                            .getJsonObject(SERVER);
            for (String name : cases.fieldNames()) {
                JsonObject result = cases.getJsonObject(name);
                verdicts.put(
                        name,
                        new Verdict(
                                result.getString("behavior"), result.getString("behaviorClose")));
            }
        }
        return verdicts;
    }

    private static void report(SortedMap<String, Verdict> verdicts) throws IOException {
        var counts =
                new TreeMap<>(
                        verdicts.values().stream()
                                .collect(groupingBy(Verdict::behavior, counting())));
        String others =
                verdicts.entrySet().stream()
                        .filter(verdict -> !verdict.getValue().equals(new Verdict("OK", "OK")))
                        .map(verdict ->
                                "%-8s %s, close %s%n"
                                        .formatted(
                                                verdict.getKey(),
                                                verdict.getValue().behavior(),
                                                verdict.getValue().close()))
                        .collect(joining());
        String report = "Autobahn, %d cases: %s%n%s".formatted(verdicts.size(), counts, others);
        Files.writeString(FOLDER.resolve("verdicts.txt"), report);
        System.out.print(report);
    }
}
