package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.Certificates;
import dev.wingman.testing.Certificates.Identity;
import dev.wingman.testing.Tokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused of a configuration; how a process says so is for {@link StartIT}. */
class SettingsTest {
    @TempDir private Path folder;

    private record Configuration(Map<String, String> values) {
        Configuration with(String key, Object value) {
            var changed = new HashMap<>(values);
            changed.put(key, value.toString());
            return new Configuration(changed);
        }
    }

    private static Configuration production() {
        return new Configuration(Map.of("wingman.network.host", "127.0.0.1"));
    }

    private static Configuration open() {
        return production().with("wingman.security.authentication", "none");
    }

    private static List<String> refusals(Configuration configuration) {
        try {
            Settings.of(ConfigComplaints.read(configuration.values()), List.of());
            return List.of();
        } catch (RefusedConfiguration refused) {
            return refused.problems();
        }
    }

    @Test
    void theDefaultsWillDo() {
        assertThat(refusals(open())).isEmpty();
    }

    @Test
    void everyKeyOfTheClusterIsCheckedUnderItsOwnName() {
        assertThat(
                        refusals(
                                open().with("wingman.cluster.seeds", "nowhere")
                                        .with("wingman.cluster.heartbeat-interval", "PT-1S")
                                        .with("wingman.cluster.phi-threshold", "0.5")
                                        .with("wingman.cluster.max-sample-size", "2")
                                        .with("wingman.cluster.min-std-dev", "PT-2S")
                                        .with("wingman.cluster.max-no-heartbeat", "PT-3S")
                                        .with("wingman.cluster.acceptable-pause", "PT-4S")
                                        .with("wingman.cluster.suspicion-timeout", "PT-5S")
                                        .with("wingman.cluster.backups", "6")
                                        .with("wingman.cluster.max-parallel-migrations", "0")
                                        .with(
                                                "wingman.cluster.split-brain-check-interval",
                                                "PT-7S")))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains("cluster.seeds cannot be set"),
                        line -> assertThat(line).contains("seeds needs wingman.database.url"),
                        line -> assertThat(line).contains("cluster.seeds must", "nowhere"),
                        line -> assertThat(line).contains("heartbeat-interval must", "PT-1S"),
                        line -> assertThat(line).contains("phi-threshold must", "0.5"),
                        line -> assertThat(line).contains("max-sample-size must", "is 2"),
                        line -> assertThat(line).contains("min-std-dev must", "PT-2S"),
                        line -> assertThat(line).contains("max-no-heartbeat must", "PT-3S"),
                        line -> assertThat(line).contains("acceptable-pause must", "PT-4S"),
                        line -> assertThat(line).contains("suspicion-timeout must", "PT-5S"),
                        line -> assertThat(line).contains("backups must be 0 to 4, is 6"),
                        line -> assertThat(line).contains("max-parallel-migrations must", "is 0"),
                        line -> assertThat(line).contains("split-brain-check-interval", "PT-7S"));
    }

    @Test
    void aMessageMustHaveRoomForTheLargestRecord() {
        assertThat(refusals(open().with("wingman.connection.max-message-size", "600K")))
                .singleElement()
                .asString()
                .contains("max-message-size must be 128K or more beyond");
    }

    @Test
    void aWeakSecretIsRefusedAndNotShown() {
        assertThat(refusals(production().with("wingman.security.jwt.secret", "hunter2")))
                .singleElement()
                .asString()
                .contains("at least 32 bytes")
                .doesNotContain("hunter2");
    }

    @Test
    void anOpenServerForEverybodyMustBeMeant() {
        var everywhere = open().with("wingman.network.host", "0.0.0.0");

        assertThat(refusals(everywhere))
                .singleElement()
                .asString()
                .contains("wingman.security.allow-open-network=true");
        assertThat(refusals(everywhere.with("wingman.security.allow-open-network", "true")))
                .isEmpty();
    }

    @Test
    void keysThatDoNotGoTogetherAreRefusedWithTheReason() {
        List<String> refusals =
                refusals(
                        production()
                                .with("wingman.security.jwt.secret", Tokens.SECRET)
                                .with("wingman.security.jwt.public-key", "key.pem")
                                .with("wingman.features.rest", "false")
                                .with("wingman.cluster.seeds", "other:9000")
                                .with("wingman.security.admin-subjects", "alice"));

        assertThat(refusals)
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains(".public-key", "exclude each other"),
                        line -> assertThat(line).contains("cluster.seeds cannot be set"),
                        line -> assertThat(line).contains("admin-subjects", "no policies"));
    }

    @Test
    void certificatesThatAreMissingAreNamed() {
        assertThat(
                        refusals(
                                open().with("wingman.network.tls.certificate", "no.crt")
                                        .with("wingman.network.tls.key", "no.key")
                                        .with("wingman.network.tls.ca", "no-ca.crt")
                                        .with("wingman.sync.max-key", "0")))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains("tls.certificate: ", "no.crt"),
                        line -> assertThat(line).contains("tls.ca: ", "no-ca.crt"),
                        line -> assertThat(line).contains("max-key"));
        assertThat(refusals(open().with("wingman.network.tls.ca", "ca.crt")))
                .anyMatch(line -> line.contains("tls.ca needs wingman.network.tls.certificate"));
        assertThat(refusals(open().with("wingman.network.tls.key", "tls.key")))
                .singleElement()
                .asString()
                .contains("need each other");
    }

    @Test
    void certificatesThatWillNotDoAreNamed() throws IOException {
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        Identity one = Certificates.selfSigned(folder, "one");
        Identity other = Certificates.selfSigned(folder, "other");
        other.writeTo(folder.resolve("other.crt"), key);
        one.writeTo(certificate, folder.resolve("unused.key"));
        var setup =
                open().with("wingman.network.tls.certificate", certificate)
                        .with("wingman.network.tls.key", key);

        assertThat(refusals(setup))
                .singleElement()
                .asString()
                .contains("key is not the private key");
        Files.writeString(key, "nonsense");
        assertThat(refusals(setup))
                .singleElement()
                .asString()
                .contains("must be PEM", "unencrypted private key");
    }
}
