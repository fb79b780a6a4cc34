package dev.wingman.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.wingman.cluster.membership.PhiAccrualConfig;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterConfigTest {
    private static final PhiAccrualConfig DETECTOR = PhiAccrualConfig.DEFAULTS;
    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void hasTheDocumentedDefaults() {
        assertThat(ClusterConfig.DEFAULTS)
                .isEqualTo(
                        new ClusterConfig(
                                "wingman",
                                List.of(),
                                Duration.ofMillis(1_000),
                                new PhiAccrualConfig(
                                        8.0,
                                        200,
                                        Duration.ofMillis(100),
                                        Duration.ofMillis(5_000),
                                        Duration.ofMillis(2_000)),
                                Duration.ofMillis(10_000),
                                1,
                                2,
                                Duration.ofMillis(30_000)));
    }

    @Test
    void saysEverythingThatIsWrongAtOnce() {
        var detector = new PhiAccrualConfig(0.5, 2, Duration.ZERO, SECOND, Duration.ofMillis(-1));

        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new ClusterConfig(
                                " ",
                                List.of("nowhere"),
                                Duration.ZERO,
                                detector,
                                Duration.ofNanos(1),
                                5,
                                0,
                                Duration.ofSeconds(-1)))
                .satisfies(e ->
                        assertThat(
                                        String.valueOf(e.getMessage())
                                                .lines()
                                                .map(ClusterConfigTest::key))
                                .containsExactly(
                                        "cluster-id",
                                        "seeds",
                                        "heartbeat-interval",
                                        "suspicion-timeout",
                                        "split-brain-check-interval",
                                        "phi-threshold",
                                        "max-sample-size",
                                        "min-std-dev",
                                        "acceptable-pause",
                                        "backups",
                                        "max-parallel-migrations"));
    }

    private static String key(String problem) {
        return problem.replaceFirst("wingman\\.cluster\\.(\\S+) must .*", "$1");
    }

    @Test
    void theEdgesOfTheRangesAreInside() {
        var least =
                new PhiAccrualConfig(
                        1, 3, Duration.ofMillis(1), Duration.ofMillis(2), Duration.ZERO);
        var most = new PhiAccrualConfig(300, 10_000, SECOND, Duration.ofSeconds(9), SECOND);

        assertThat(config(least, Duration.ofMillis(1), 0, 1).backups()).isZero();
        assertThat(config(most, SECOND, 4, 1).backups()).isEqualTo(4);
    }

    @Test
    void beyondThemIsOutside() {
        refused(
                new PhiAccrualConfig(300.1, 200, SECOND, Duration.ofSeconds(9), SECOND),
                "phi-threshold");
        refused(
                new PhiAccrualConfig(8, 10_001, SECOND, Duration.ofSeconds(9), SECOND),
                "max-sample-size");
        refused(new PhiAccrualConfig(8, 200, SECOND, SECOND, SECOND), "max-no-heartbeat");
        assertThatIllegalArgumentException().isThrownBy(() -> config(DETECTOR, SECOND, -1, 1));
    }

    private static void refused(PhiAccrualConfig detector, String key) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> config(detector, SECOND, 1, 1))
                .withMessageContaining("wingman.cluster." + key);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1:9090", "node-1.cluster.local:1", "[fd00::1]:65535"})
    void seedsAreHostsWithAPort(String seed) {
        assertThat(withSeed(seed).seeds()).containsExactly(seed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host",
                "host:",
                ":9090",
                "host:0",
                "host:65536",
                "host:999999",
                "http://h:1",
                "a b:1",
                "fd00::1:1"
            })
    void anythingElseIsNoSeed(String seed) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> withSeed(seed))
                .withMessageContaining(seed);
    }

    private static ClusterConfig withSeed(String seed) {
        return new ClusterConfig("c", List.of(seed), SECOND, DETECTOR, SECOND, 1, 1, SECOND);
    }

    private static ClusterConfig config(
            PhiAccrualConfig detector, Duration heartbeat, int backups, int migrations) {
        return new ClusterConfig(
                "c", List.of(), heartbeat, detector, SECOND, backups, migrations, SECOND);
    }
}
