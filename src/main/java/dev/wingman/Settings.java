package dev.wingman;

import dev.wingman.connection.ConnectionConfig;
import dev.wingman.protocol.WireLimits;
import dev.wingman.security.TokenConfig;
import dev.wingman.storage.StoreOptions;
import dev.wingman.sync.SyncServer;
import io.quarkus.runtime.configuration.MemorySize;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The configuration, checked as a whole and in the types of the packages that use it.
 *
 * @param tokens null when clients need not authenticate
 */
record Settings(
        ConnectionConfig connection,
        StoreOptions storage,
        @Nullable TokenConfig tokens,
        WireLimits wire,
        SyncServer.Limits sync,
        WingmanConfig.Lifecycle lifecycle) {
    private static final Pattern ORIGIN = Pattern.compile("\\*|[a-z][a-z-]*://[^/\\s]+");
    private static final Duration BATCHED_SYNC_INTERVAL = Duration.ofMillis(100);

    /** Collects what is wrong, so that all of it can be said at once. */
    private static final class Problems {
        final List<String> found = new ArrayList<>();

        <T> Optional<T> attempt(Supplier<T> part) {
            try {
                return Optional.of(part.get());
            } catch (IllegalArgumentException e) {
                found.add(e.getMessage());
                return Optional.empty();
            }
        }

        void require(boolean condition, String problem) {
            if (!condition) {
                found.add(problem);
            }
        }
    }

    /**
     * @param unknown problems that were found before
     * @throws RefusedConfiguration with everything that is wrong
     */
    static Settings of(WingmanConfig config, List<String> unknown) {
        var problems = new Problems();
        problems.found.addAll(unknown);
        checkNetwork(config.network(), problems);
        checkLifecycle(config.lifecycle(), problems);
        var connection = problems.attempt(() -> connection(config.connection()));
        var storage = problems.attempt(() -> storage(config.storage()));
        var tokens = problems.attempt(() -> tokens(config));
        var wire = problems.attempt(() -> wire(config.sync()));
        var sync = problems.attempt(() -> sync(config));
        if (!problems.found.isEmpty()) {
            throw new RefusedConfiguration(problems.found);
        }
        return new Settings(
                connection.orElseThrow(),
                storage.orElseThrow(),
                tokens.orElseThrow().orElse(null),
                wire.orElseThrow(),
                sync.orElseThrow(),
                config.lifecycle());
    }

    private static void checkNetwork(WingmanConfig.Network network, Problems problems) {
        problems.require(
                network.port() >= 0 && network.port() <= 65_535,
                "wingman.network.port must be 0 to 65535, is " + network.port());
        problems.require(
                network.requestTimeout().isPositive(),
                "wingman.network.request-timeout must be longer than 0");
        problems.require(
                network.corsOrigins().stream().allMatch(o -> ORIGIN.matcher(o).matches()),
                "wingman.network.cors-origins must be * or origins like https://app.example.com,"
                        + " is "
                        + String.join(",", network.corsOrigins()));
        // Taken without effect, they would leave passwords and tokens in the clear.
        WingmanConfig.Tls tls = network.tls();
        problems.require(
                tls.certificate().isEmpty() && tls.key().isEmpty() && tls.ca().isEmpty(),
                "wingman.network.tls.* is not available yet: unset it, and put a proxy with TLS"
                        + " before the server");
    }

    private static void checkLifecycle(WingmanConfig.Lifecycle lifecycle, Problems problems) {
        problems.require(
                !lifecycle.drainDelay().isNegative(),
                "wingman.lifecycle.drain-delay must not be negative");
        problems.require(
                lifecycle.drainTimeout().compareTo(lifecycle.drainDelay()) > 0,
                "wingman.lifecycle.drain-timeout must be longer than wingman.lifecycle.drain-delay");
        problems.require(
                lifecycle.closeRate() > 0, "wingman.lifecycle.close-rate must be 1 or more");
    }

    private static ConnectionConfig connection(WingmanConfig.Connection config) {
        return new ConnectionConfig(
                config.maxConnections(),
                config.outboundQueueCapacity(),
                bytes("wingman.connection.outbound-queue-bytes", config.outboundQueueBytes()),
                config.sendTimeout(),
                config.idleTimeout(),
                config.authenticationTimeout(),
                bytes("wingman.connection.write-buffer", config.writeBuffer()),
                bytes("wingman.connection.max-write-buffer", config.maxWriteBuffer()),
                bytes("wingman.connection.max-message-size", config.maxMessageSize()),
                config.maxInFlight(),
                config.rate(),
                config.burst());
    }

    private static StoreOptions storage(WingmanConfig.Storage config) {
        return new StoreOptions(
                config.directory(),
                config.durability(),
                config.writeBuffer().asLongValue(),
                config.blockCache().asLongValue(),
                config.minFreeSpace().asLongValue(),
                config.logEntries(),
                BATCHED_SYNC_INTERVAL);
    }

    private static Optional<TokenConfig> tokens(WingmanConfig config) {
        WingmanConfig.Security security = config.security();
        return switch (security.authentication()) {
            case REQUIRED -> Optional.of(requiredTokens(security.jwt()));
            case NONE -> {
                if (!security.allowOpenNetwork() && !isLoopback(config.network().host())) {
                    throw new IllegalArgumentException(
                            "wingman.security.authentication=none needs wingman.network.host to be"
                                    + " a loopback address such as 127.0.0.1; to open the server to"
                                    + " a network you trust, set"
                                    + " wingman.security.allow-open-network=true");
                }
                yield Optional.empty();
            }
        };
    }

    private static TokenConfig requiredTokens(WingmanConfig.Jwt jwt) {
        String secret =
                jwt.secret()
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "authentication is required and there is no key:"
                                                + " set wingman.security.jwt.secret (32 bytes"
                                                + " or more, HS256), or start an open local"
                                                + " server with 'make run' or"
                                                + " -Dquarkus.profile=local"));
        return new TokenConfig(
                secret, jwt.issuer().orElse(null), jwt.audience().orElse(null), jwt.leeway());
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(
                    "wingman.network.host is not an address of this machine: " + host, e);
        }
    }

    private static WireLimits wire(WingmanConfig.Sync config) {
        return new WireLimits(
                bytes("wingman.sync.max-key", config.maxKey()),
                bytes("wingman.sync.max-value", config.maxValue()),
                WireLimits.MAX_BATCH_ITEMS,
                bytes("wingman.sync.max-map-name", config.maxMapName()));
    }

    private static SyncServer.Limits sync(WingmanConfig config) {
        return new SyncServer.Limits(
                config.connection().maxInFlight(),
                config.connection().rate(),
                config.connection().burst(),
                positive("wingman.sync.max-query-records", config.sync().maxQueryRecords()));
    }

    private static int positive(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + " must be 1 or more, is " + value);
        }
        return value;
    }

    private static int bytes(String key, MemorySize size) {
        long bytes = size.asLongValue();
        if (bytes < 1 || bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(key + " must be 1 byte to 2 GiB, is " + bytes);
        }
        return (int) bytes;
    }
}
