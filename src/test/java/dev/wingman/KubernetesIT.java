package dev.wingman;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.Manifests;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.Tokens;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import dev.wingman.testing.Yaml;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A rehearsal: the server is started, asked and ended as the manifests have it, with their
 * configuration, arguments, variables, mounts, probes and signal. Only the port is another, since
 * several servers share this machine.
 */
class KubernetesIT {
    /** Of the container; what is mounted below it lies in the folder of the test. */
    private static final Path WORKING_DIRECTORY = Path.of("/wingman");

    /** What a pod gets besides, with {@code enableServiceLinks: false}. */
    private static final Map<String, String> OF_EVERY_POD =
            Map.of(
                    "KUBERNETES_SERVICE_HOST", "10.96.0.1",
                    "KUBERNETES_SERVICE_PORT", "443",
                    "HOSTNAME", "wingman-0");

    /**
     * There, and closed to whoever runs the tests: in the container nothing but data is writable.
     */
    private static final String READ_ONLY = "/proc";

    private final Manifests manifests = Manifests.of("single");
    private final Yaml pod = manifests.the("StatefulSet").at("spec", "template", "spec");
    private final Yaml container = pod.named("containers", "wingman");

    @TempDir private Path folder;

    @BeforeEach
    void mount() throws IOException {
        for (Yaml mount : container.items("volumeMounts")) {
            Path path = Path.of(mount.at("mountPath").text());
            Files.createDirectory(folder.resolve(WORKING_DIRECTORY.relativize(path)));
        }
        for (var file : manifests.the("ConfigMap").at("data").texts().entrySet()) {
            Files.writeString(folder.resolve("config").resolve(file.getKey()), file.getValue());
        }
    }

    private ServerProcess.Setup container(Map<String, String> secret) {
        var setup =
                ServerProcess.in(folder)
                        .without("quarkus.profile")
                        .with("java.io.tmpdir", READ_ONLY);
        container.items("args").forEach(argument -> setup.withOption(argument.text()));
        OF_EVERY_POD.forEach(setup::withEnvironment);
        for (Yaml variable : container.items("env")) {
            String key = variable.at("valueFrom", "secretKeyRef", "key").text();
            setup.withEnvironment(variable.at("name").text(), requireNonNull(secret.get(key)));
        }
        return setup;
    }

    private Map<String, String> secretAsItIs() {
        return manifests.the("Secret").at("stringData").texts();
    }

    @Test
    void aPodLivesFromItsFirstProbeToItsLastSignal() throws IOException {
        try (ServerProcess server = container(Map.of("jwt-secret", Tokens.SECRET)).start();
                WebClient http = WebClient.http1(server.url());
                WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
            pass("startupProbe", http);
            pass("livenessProbe", http);
            pass("readinessProbe", http);
            client.send("{\"type\":\"AUTH\",\"token\":\"%s\"}".formatted(Tokens.of("alice")));
            client.next("AUTH_ACK");
            assertThat(scrape(http)).contains("process_uptime");

            // What comes before the signal happens outside the container, which has no shell.
            assertThat(container.at("lifecycle", "preStop").keys()).containsExactly("sleep");
            server.terminate();

            assertThat(client.awaitClose().code()).isEqualTo(1012);
            assertThat(server.awaitExit(timeToStop())).isZero();
        }
        assertThat(folder.toFile().list()).containsExactlyInAnyOrder("config", "data");
    }

    /** As the kubelet does it. */
    private void pass(String name, WebClient http) {
        Yaml probe = container.at(name);
        Duration period = Duration.ofSeconds(probe.at("periodSeconds").number());
        String path = probe.at("httpGet", "path").text();
        await().atMost(period.multipliedBy(probe.at("failureThreshold").number()))
                .untilAsserted(() -> assertThat(http.get(path).statusCode()).isEqualTo(200));
    }

    private String scrape(WebClient http) {
        Yaml endpoint = manifests.the("ServiceMonitor").at("spec").items("endpoints").getFirst();
        return new String(http.get(endpoint.at("path").text()).body(), UTF_8);
    }

    /** From SIGTERM to SIGKILL. */
    private Duration timeToStop() {
        int all = pod.at("terminationGracePeriodSeconds").number();
        return Duration.ofSeconds(
                all - container.at("lifecycle", "preStop", "sleep", "seconds").number());
    }

    @Test
    void aSecretThatNobodyReplacedStartsNothing() {
        try (ServerProcess server = container(secretAsItIs()).launchOnly()) {
            assertThat(server.awaitExit()).isEqualTo(1);
            assertThat(server.log())
                    .anyMatch(line -> line.contains("at least 32 bytes"))
                    .noneMatch(line -> line.contains("replace-me"));
        }
    }

    @Test
    void dataOutlivesThePod() {
        Map<String, String> secret = Map.of("jwt-secret", Tokens.SECRET);
        try (ServerProcess server = container(secret).start()) {
            write(server.webSocketUrl("/ws"));
            server.terminate();
            server.awaitExit(timeToStop());
        }

        try (ServerProcess next = container(secret).start()) {
            assertThat(next.log()).anyMatch(line -> line.contains(" records=1 "));
        }
    }

    private static void write(URI url) {
        try (WireClient client = WireClient.connect(url)) {
            client.send("{\"type\":\"AUTH\",\"token\":\"%s\"}".formatted(Tokens.of("alice")));
            client.next("AUTH_ACK");
            client.send(
                    """
                    {"type":"CLIENT_OP","payload":{"id":"1","mapName":"m","key":"k","record":
                     {"value":1,"timestamp":{"millis":1,"counter":0,"nodeId":"n"}}}}\
                    """);
            client.next("OP_ACK");
        }
    }
}
