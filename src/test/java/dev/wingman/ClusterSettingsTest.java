package dev.wingman;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.cluster.ClusterConfig;
import dev.wingman.cluster.membership.PhiAccrualConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterSettingsTest {
    private final Map<String, String> defaults = ConfigurationTableTest.defaults();

    private String text(String key) {
        return requireNonNull(defaults.get("wingman.cluster." + key), key);
    }

    private int number(String key) {
        return Integer.parseInt(text(key));
    }

    private Duration duration(String key) {
        return DurationConverter.parseDuration(text(key));
    }

    @Test
    void theDefaultsOfTheKeysAreThoseOfTheCluster() {
        assertThat(
                        new ClusterConfig(
                                text("cluster-id"),
                                List.of(),
                                duration("heartbeat-interval"),
                                new PhiAccrualConfig(
                                        Double.parseDouble(text("phi-threshold")),
                                        number("max-sample-size"),
                                        duration("min-std-dev"),
                                        duration("max-no-heartbeat"),
                                        duration("acceptable-pause")),
                                duration("suspicion-timeout"),
                                number("backups"),
                                number("max-parallel-migrations"),
                                duration("split-brain-check-interval")))
                .isEqualTo(ClusterConfig.DEFAULTS);
    }
}
