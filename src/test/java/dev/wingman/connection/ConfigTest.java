package dev.wingman.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigTest {
    @Test
    void connectionsHaveTheDocumentedDefaults() {
        assertThat(ConnectionConfig.DEFAULTS)
                .isEqualTo(
                        new ConnectionConfig(
                                100_000,
                                256,
                                1_048_576,
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(60),
                                Duration.ofSeconds(10),
                                131_072,
                                524_288,
                                2_097_152,
                                32,
                                20_000,
                                40_000));
    }

    @Test
    void theNetworkHasTheDocumentedDefaults() {
        assertThat(NetworkConfig.DEFAULTS)
                .isEqualTo(
                        new NetworkConfig(
                                "0.0.0.0",
                                8080,
                                null,
                                ConnectionConfig.DEFAULTS,
                                List.of("*"),
                                Duration.ofSeconds(30)));
    }

    @Test
    void aQueueWithoutRoomIsRefusedByTheNameOfItsKey() {
        assertThatThrownBy(() -> Connections.config(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("wingman.connection.outbound-queue-capacity")
                .hasMessageContaining("0");
        assertThatThrownBy(() -> Connections.config(1, -1))
                .hasMessageContaining("wingman.connection.outbound-queue-bytes");
    }

    @Test
    void aTimeoutOfNothingIsRefused() {
        assertThatThrownBy(() -> withTimeouts(Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessageContaining("wingman.connection.send-timeout");
        assertThatThrownBy(() -> withTimeouts(Duration.ofSeconds(1), Duration.ofSeconds(-1)))
                .hasMessageContaining("wingman.connection.idle-timeout");
    }

    @Test
    void theHighWaterMarkIsNotBelowTheLowOne() {
        var defaults = ConnectionConfig.DEFAULTS;

        assertThatThrownBy(() ->
                        new ConnectionConfig(
                                1,
                                1,
                                1,
                                defaults.sendTimeout(),
                                defaults.idleTimeout(),
                                defaults.authenticationTimeout(),
                                1024,
                                1023,
                                1,
                                1,
                                1,
                                1))
                .hasMessageContaining("wingman.connection.max-write-buffer");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 65_536})
    void aPortOutsideTheRangeIsRefused(int port) {
        assertThatThrownBy(() ->
                        new NetworkConfig(
                                "localhost",
                                port,
                                null,
                                ConnectionConfig.DEFAULTS,
                                List.of(),
                                Duration.ofSeconds(1)))
                .hasMessageContaining("wingman.network.port");
    }

    private static ConnectionConfig withTimeouts(Duration send, Duration idle) {
        return new ConnectionConfig(1, 1, 1, send, idle, Duration.ofSeconds(1), 1, 1, 1, 1, 1, 1);
    }
}
