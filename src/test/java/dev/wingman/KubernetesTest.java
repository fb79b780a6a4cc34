package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.Manifests;
import dev.wingman.testing.Yaml;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * That the manifests agree with each other and with the server. What becomes of them when the
 * server runs is for {@link KubernetesIT}.
 */
class KubernetesTest {
    private static final String NAME = "app.kubernetes.io/name";
    private static final Duration SPARE = Duration.ofSeconds(5);

    private final Manifests manifests = Manifests.of("single");
    private final Yaml statefulSet = manifests.the("StatefulSet");
    private final Yaml template = statefulSet.at("spec", "template");
    private final Yaml pod = template.at("spec");
    private final Yaml container = pod.named("containers", "wingman");

    /** The configuration file of the container. */
    private Properties configuration() throws IOException {
        var properties = new Properties();
        var file = manifests.the("ConfigMap").at("data", "application.properties").text();
        properties.load(new StringReader(file));
        return properties;
    }

    /** A key's value there, or its default. */
    private String setting(String key) throws IOException {
        return configuration().getProperty(key, ConfigurationTableTest.defaults().get(key));
    }

    private Duration duration(String key) throws IOException {
        return DurationConverter.parseDuration(setting(key));
    }

    private static long bytes(String size) {
        return new MemorySizeConverter().convert(size).asLongValue();
    }

    @Test
    void everyFileIsUsed() {
        assertThat(manifests.read()).isEqualTo(Manifests.files());
    }

    @Test
    void theyAreOfTheseKinds() {
        assertThat(manifests.all())
                .extracting(each -> each.at("apiVersion").text() + " " + each.at("kind").text())
                .containsExactlyInAnyOrder(
                        "v1 Namespace",
                        "apps/v1 StatefulSet",
                        "v1 Service",
                        "v1 Service",
                        "v1 ConfigMap",
                        "v1 Secret",
                        "policy/v1 PodDisruptionBudget",
                        "networking.k8s.io/v1 NetworkPolicy",
                        "monitoring.coreos.com/v1 ServiceMonitor");
    }

    @Test
    void everyOneHasANameOfItsKind() {
        var names = new HashSet<String>();
        for (Yaml each : manifests.all()) {
            String name = each.at("metadata", "name").text();

            assertThat(name).as(each.place()).matches("[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?");
            assertThat(names.add(each.at("kind").text() + " " + name)).as(each.place()).isTrue();
        }
    }

    /** {@code make image} gives it the version of the project. */
    @Test
    void theOverlayRunsOneNodeOfTheImageThatIsBuiltHere() throws IOException {
        Yaml overlay = Yaml.read(Path.of("k8s/single/kustomization.yaml")).getFirst();
        Yaml image = overlay.items("images").getFirst();
        Yaml replicas = overlay.items("replicas").getFirst();

        assertThat(image.at("name").text()).isEqualTo(container.at("image").text());
        assertThat(image.at("newName").text()).isEqualTo("wingman");
        assertThat(Files.readString(Path.of("pom.xml")))
                .contains("\n  <version>" + image.at("newTag").text() + "</version>\n");
        assertThat(Files.readString(Path.of("Makefile"))).contains(" -t wingman:$(VERSION) ");
        assertThat(replicas.at("name").text()).isEqualTo(statefulSet.at("metadata", "name").text());
        assertThat(replicas.at("count").number()).isEqualTo(1);
        assertThat(overlay.at("namespace").text())
                .isEqualTo(manifests.the("Namespace").at("metadata", "name").text());
    }

    @Test
    void everySelectorFindsThePods() {
        Map<String, String> labels = template.at("metadata", "labels").texts();
        var selectors = new ArrayList<Yaml>();
        selectors.add(statefulSet.at("spec", "selector", "matchLabels"));
        selectors.add(manifests.the("PodDisruptionBudget").at("spec", "selector", "matchLabels"));
        selectors.add(manifests.the("NetworkPolicy").at("spec", "podSelector", "matchLabels"));
        manifests.all("Service").forEach(each -> selectors.add(each.at("spec", "selector")));

        assertThat(selectors).hasSize(5);
        for (Yaml selector : selectors) {
            assertThat(selector.texts()).as(selector.place()).isNotEmpty();
            assertThat(labels).as(selector.place()).containsAllEntriesOf(selector.texts());
        }
    }

    @Test
    void theMonitorScrapesEveryNodeOnce() {
        Yaml monitor = manifests.the("ServiceMonitor").at("spec");
        List<Yaml> selected =
                manifests.all("Service").stream()
                        .filter(service ->
                                service.at("metadata", "labels")
                                        .texts()
                                        .entrySet()
                                        .containsAll(
                                                monitor.at("selector", "matchLabels")
                                                        .texts()
                                                        .entrySet()))
                        .toList();

        assertThat(selected).hasSize(1);
        Yaml service = selected.getFirst();
        assertThat(service.at("metadata", "name").text())
                .isEqualTo(statefulSet.at("spec", "serviceName").text());
        assertThat(service.at("spec", "clusterIP").text()).isEqualTo("None");
        assertThat(service.at("spec", "publishNotReadyAddresses").value()).isEqualTo(true);
        Yaml endpoint = monitor.items("endpoints").getFirst();
        service.at("spec").named("ports", endpoint.at("port").text());
    }

    @Test
    void everyPortIsTheOneTheServerListensOn() throws IOException {
        Yaml port = container.items("ports").getFirst();
        String name = port.at("name").text();
        var used = new ArrayList<String>();
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            used.add(container.at(probe, "httpGet", "port").text());
        }
        for (Yaml service : manifests.all("Service")) {
            assertThat(service.at("spec").items("ports").getFirst().at("port").number())
                    .isBetween(1, 65_535);
            used.add(service.at("spec").items("ports").getFirst().at("targetPort").text());
        }
        Yaml policy = manifests.the("NetworkPolicy").at("spec").items("ingress").getFirst();
        used.add(policy.items("ports").getFirst().at("port").text());

        assertThat(used).hasSize(6).containsOnly(name);
        assertThat(String.valueOf(port.at("containerPort").number()))
                .isEqualTo(setting("wingman.network.port"));
    }

    @Test
    void everyKeyIsOne() throws IOException {
        Set<String> keys = ConfigurationTableTest.defaults().keySet();

        assertThat(configuration().stringPropertyNames()).isNotEmpty().isSubsetOf(keys);
        assertThat(UnknownVariables.among(variables(), keys)).isEmpty();
    }

    private Set<String> variables() {
        return container.items("env").stream()
                .map(variable -> variable.at("name").text())
                .collect(Collectors.toSet());
    }

    @Test
    void variablesThatKubernetesMakesForServicesStayAway() {
        assertThat(pod.at("enableServiceLinks").value()).isEqualTo(false);
    }

    @Test
    void everyVariableComesFromTheSecret() {
        Yaml secret = manifests.the("Secret");

        assertThat(container.items("env")).isNotEmpty();
        for (Yaml variable : container.items("env")) {
            Yaml reference = variable.at("valueFrom", "secretKeyRef");
            assertThat(reference.at("name").text()).isEqualTo(secret.at("metadata", "name").text());
            assertThat(secret.at("stringData").keys()).contains(reference.at("key").text());
        }
    }

    /** Whoever forgets to replace it is told by a server that does not start. */
    @Test
    void theSecretHereIsNone() {
        assertThat(manifests.the("Secret").at("stringData").texts().values())
                .allMatch(value -> value.length() < 32);
    }

    @Test
    void everyMountHasItsVolume() {
        String directory = "/wingman";

        for (Yaml mount : container.items("volumeMounts")) {
            String name = mount.at("name").text();
            assertThat(mount.at("mountPath").text()).isEqualTo(directory + "/" + place(name));
        }
        assertThat(container.items("volumeMounts")).hasSize(2);
    }

    /** Where the server looks for what is in the volume, below its working directory. */
    private String place(String volume) {
        boolean claimed =
                statefulSet.at("spec").items("volumeClaimTemplates").stream()
                        .anyMatch(claim -> claim.at("metadata", "name").text().equals(volume));
        if (claimed) {
            return "data";
        }
        String map = pod.named("volumes", volume).at("configMap", "name").text();
        assertThat(map).isEqualTo(manifests.the("ConfigMap").at("metadata", "name").text());
        return "config";
    }

    @Test
    void theContainerMayDoNothingButServe() {
        Yaml security = pod.at("securityContext");
        assertThat(security.at("runAsNonRoot").value()).isEqualTo(true);
        assertThat(security.at("runAsUser").number()).isPositive();
        assertThat(security.at("seccompProfile", "type").text()).isEqualTo("RuntimeDefault");
        assertThat(pod.at("automountServiceAccountToken").value()).isEqualTo(false);

        Yaml own = container.at("securityContext");
        assertThat(own.at("allowPrivilegeEscalation").value()).isEqualTo(false);
        assertThat(own.at("readOnlyRootFilesystem").value()).isEqualTo(true);
        assertThat(own.at("capabilities", "drop").value()).isEqualTo(List.of("ALL"));
        assertThat(own.at("capabilities").has("add")).isFalse();
    }

    @Test
    void aDrainFitsIntoTheGracePeriod() throws IOException {
        Duration stop =
                Duration.ofSeconds(
                                container.at("lifecycle", "preStop", "sleep", "seconds").number())
                        .plus(duration("wingman.lifecycle.drain-timeout"))
                        .plus(SPARE);

        assertThat(Duration.ofSeconds(pod.at("terminationGracePeriodSeconds").number()))
                .isGreaterThanOrEqualTo(stop);
    }

    @Test
    void everyConnectionCanBeClosedInTheTimeOfADrain() throws IOException {
        int connections = Integer.parseInt(setting("wingman.connection.max-connections"));
        int rate = Integer.parseInt(setting("wingman.lifecycle.close-rate"));
        Duration closing =
                Duration.ofSeconds(connections / rate)
                        .plus(duration("wingman.lifecycle.drain-delay"))
                        .plus(SPARE);

        assertThat(closing).isLessThan(duration("wingman.lifecycle.drain-timeout"));
    }

    @Test
    void theHeapAndTheStoreLeaveAQuarterOfTheMemory() throws IOException {
        String heap = container.items("args").getFirst().text();
        assertThat(heap).startsWith("-Xmx");
        long limit = bytes(container.at("resources", "limits", "memory").text().replace("i", ""));

        assertThat(
                        bytes(heap.substring("-Xmx".length()).toUpperCase(Locale.ROOT))
                                + bytes(setting("wingman.storage.write-buffer"))
                                + bytes(setting("wingman.storage.block-cache")))
                .isLessThanOrEqualTo(limit / 4 * 3);
        assertThat(container.at("resources", "requests").keys()).contains("cpu", "memory");
    }

    @ParameterizedTest
    @CsvSource({
        "startupProbe,/health/live",
        "livenessProbe,/health/live",
        "readinessProbe,/health/ready"
    })
    void everyProbeHasItsPathAndItsTimes(String probe, String path) {
        assertThat(container.at(probe, "httpGet", "path").text()).isEqualTo(path);
        for (String time : List.of("periodSeconds", "timeoutSeconds", "failureThreshold")) {
            assertThat(container.at(probe, time).number()).isPositive();
        }
    }

    /** A single node calls nobody; who comes in is the one port's business. */
    @Test
    void theNetworkPolicyLetsNothingOutAndOnePortIn() {
        Yaml policy = manifests.the("NetworkPolicy").at("spec");

        assertThat(policy.at("policyTypes").value()).isEqualTo(List.of("Ingress", "Egress"));
        assertThat(policy.at("egress").value()).isEqualTo(List.of());
        assertThat(policy.items("ingress")).hasSize(1);
        assertThat(policy.items("ingress").getFirst().items("ports")).hasSize(1);
    }

    @Test
    void aSingleNodeMayBeEvicted() {
        assertThat(manifests.the("PodDisruptionBudget").at("spec", "maxUnavailable").number())
                .isEqualTo(1);
    }

    @Test
    void whatIsOursIsNamedOurs() {
        for (String kind : List.of("StatefulSet", "Service", "NetworkPolicy", "ServiceMonitor")) {
            for (Yaml each : manifests.all(kind)) {
                assertThat(each.at("metadata", "labels", NAME).text()).isEqualTo("wingman");
            }
        }
    }
}
