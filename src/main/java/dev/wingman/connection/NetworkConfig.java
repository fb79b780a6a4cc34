package dev.wingman.connection;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where and how the server listens; the keys {@code wingman.network.*}.
 *
 * @param port 0 lets the system choose
 * @param tls null listens in the clear
 * @param corsOrigins origins whose pages may call; {@code *} stands for any
 * @param requestTimeout after which an HTTP request is answered with 408
 */
public record NetworkConfig(
        String host,
        int port,
        @Nullable TlsConfig tls,
        ConnectionConfig connection,
        List<String> corsOrigins,
        Duration requestTimeout) {
    public static final NetworkConfig DEFAULTS =
            new NetworkConfig(
                    "0.0.0.0",
                    8080,
                    null,
                    ConnectionConfig.DEFAULTS,
                    List.of("*"),
                    Duration.ofSeconds(30));

    /** Says of all values at once what is wrong with them, in one line each. */
    public NetworkConfig {
        var problems = new ArrayList<String>();
        if (host.isBlank()) {
            problems.add("wingman.network.host must not be empty");
        }
        if (port < 0 || port > 65_535) {
            problems.add("wingman.network.port must be 0 to 65535, is " + port);
        }
        if (!requestTimeout.isPositive()) {
            problems.add(
                    "wingman.network.request-timeout must be longer than 0, is " + requestTimeout);
        }
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
        corsOrigins = List.copyOf(corsOrigins);
    }

    /** Nobody who keeps to the rules is silent for longer. */
    public Duration longestSilence() {
        Duration idle = connection.idleTimeout();
        return idle.compareTo(requestTimeout) > 0 ? idle : requestTimeout;
    }
}
