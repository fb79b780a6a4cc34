package dev.wingman;

import dev.wingman.cluster.ClusterConfig;
import dev.wingman.cluster.membership.PhiAccrualConfig;
import dev.wingman.connection.ConnectionConfig;
import dev.wingman.connection.NetworkConfig;
import dev.wingman.connection.TlsConfig;
import dev.wingman.protocol.WireLimits;
import dev.wingman.recorder.RecorderOptions;
import dev.wingman.security.PublishedKeys;
import dev.wingman.security.TokenConfig;
import dev.wingman.security.TokenKey;
import dev.wingman.security.TokenKeys;
import dev.wingman.storage.StoreOptions;
import dev.wingman.sync.SyncServer;
import io.quarkus.runtime.configuration.MemorySize;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The configuration, checked as a whole and in the types of the packages that use it.
 *
 * @param access how clients show who they are
 * @param rest null when the REST API is switched off
 * @param recorder null when it is off
 */
record Settings(
        NetworkConfig network,
        StoreOptions storage,
        Access access,
        @Nullable RestSettings rest,
        WireLimits wire,
        SyncServer.Limits sync,
        ClusterConfig cluster,
        WingmanConfig.Lifecycle lifecycle,
        @Nullable RecorderOptions recorder) {
    /**
     * How clients show who they are.
     *
     * @param open they need not
     * @param secret null has the REST API sign with a key of its own
     * @param publicKey of another issuer; null for none
     * @param jwksUrl where another issuer has its keys; null for none
     * @param jwksMaxAge how long these count when they cannot be read again
     */
    record Access(
            boolean open,
            TokenKey.@Nullable Shared secret,
            @Nullable TokenKey publicKey,
            @Nullable URI jwksUrl,
            Duration jwksMaxAge,
            @Nullable String issuer,
            @Nullable String audience,
            Duration leeway) {
        /** Whether tokens of another issuer count, whose name and audience then are meant. */
        boolean trustsAnother() {
            return publicKey != null || jwksUrl != null;
        }

        /**
         * Whose tokens count beside those of the REST API.
         *
         * @param published the keys at {@link #jwksUrl}; null without one
         * @param tolerance by which the clock of the issuer may differ from ours
         */
        List<TokenConfig> configured(@Nullable PublishedKeys published, Duration tolerance) {
            List<TokenConfig> trusted = new ArrayList<>();
            for (TokenKeys keys : new @Nullable TokenKeys[] {secret, publicKey, published}) {
                if (keys != null) {
                    boolean foreign = trustsAnother();
                    trusted.add(new TokenConfig(keys, issuer, audience, tolerance, foreign));
                }
            }
            return trusted;
        }
    }

    private static final Pattern ORIGIN = Pattern.compile("\\*|[a-z][a-z-]*://[^/\\s]+");

    /** Of a message, for all that surrounds a record: names, ids, what is wrong with a query. */
    private static final long ENVELOPE_BYTES = 128 << 10;

    /** Two of the readings that come every 5 minutes. */
    private static final Duration MIN_JWKS_AGE = Duration.ofMinutes(10);

    private static final Duration BATCHED_SYNC_INTERVAL = Duration.ofMillis(100);

    /** Collects what is wrong, so that all of it can be said at once. */
    private static final class Problems {
        final List<String> found = new ArrayList<>();

        <T> Optional<T> attempt(Supplier<T> part) {
            try {
                return Optional.of(part.get());
            } catch (IllegalArgumentException e) {
                found.addAll(String.valueOf(e.getMessage()).lines().toList());
                return Optional.empty();
            }
        }

        void require(boolean condition, String problem) {
            if (!condition) {
                found.add(problem);
            }
        }

        void requireAbsent(String key, Optional<?> value, String reason) {
            require(value.isEmpty(), key + " cannot be set: " + reason);
        }

        /** Zero passes: whoever takes the number says what it must be. */
        int bytes(String key, MemorySize size) {
            long bytes = size.asLongValue();
            require(bytes <= Integer.MAX_VALUE, key + " must be less than 2G, is " + bytes);
            return (int) Math.min(bytes, Integer.MAX_VALUE);
        }
    }

    /**
     * @param unknown problems that were found before
     * @throws RefusedConfiguration with everything that is wrong
     */
    static Settings of(WingmanConfig config, List<String> unknown) {
        var problems = new Problems();
        problems.found.addAll(unknown);
        refuseWhatIsNotThereYet(config, problems);
        checkOrigins(config.network().corsOrigins(), problems);
        problems.require(
                config.network().headTimeout().isPositive(),
                "wingman.network.head-timeout must be longer than 0");
        checkLifecycle(config.lifecycle(), problems);
        var connection = problems.attempt(() -> connection(config.connection(), problems));
        TlsConfig tls = tls(config.network().tls(), problems);
        var network =
                problems.attempt(() ->
                        network(
                                config.network(),
                                tls,
                                connection.orElse(ConnectionConfig.DEFAULTS)));
        var storage = problems.attempt(() -> storage(config.storage(), problems));
        var access = problems.attempt(() -> access(config));
        var rest =
                config.features().rest()
                        ? problems.attempt(() -> RestSettings.of(config))
                        : Optional.<RestSettings>empty();
        var wire = problems.attempt(() -> wire(config.sync(), problems));
        var sync =
                problems.attempt(() ->
                        sync(
                                config.sync(),
                                connection.orElse(ConnectionConfig.DEFAULTS),
                                problems));
        var recorder =
                problems.attempt(() -> RecorderSettings.of(config.recorder(), config.network()));
        var cluster = problems.attempt(() -> cluster(config.cluster()));
        if (!problems.found.isEmpty()) {
            throw new RefusedConfiguration(problems.found);
        }
        return new Settings(
                network.orElseThrow(),
                storage.orElseThrow(),
                access.orElseThrow(),
                rest.orElse(null),
                wire.orElseThrow(),
                sync.orElseThrow(),
                cluster.orElseThrow(),
                config.lifecycle(),
                recorder.orElseThrow().orElse(null));
    }

    ConnectionConfig connection() {
        return network.connection();
    }

    private static void refuseWhatIsNotThereYet(WingmanConfig config, Problems problems) {
        if (!config.features().rest()) {
            problems.requireAbsent(
                    "wingman.security.admin-subjects",
                    config.security().adminSubjects(),
                    "with wingman.features.rest=false there are no policies to bypass");
        }
        problems.requireAbsent(
                "wingman.cluster.seeds",
                config.cluster().seeds(),
                "nodes cannot join each other yet, each is a cluster of its own");
        problems.require(
                config.cluster().seeds().isEmpty()
                        || config.database().url().isPresent()
                        || !config.features().rest(),
                "wingman.cluster.seeds needs wingman.database.url: several nodes share accounts and"
                        + " missions in PostgreSQL; without it set wingman.features.rest=false");
    }

    private static void checkOrigins(List<String> origins, Problems problems) {
        problems.require(
                origins.stream().allMatch(origin -> ORIGIN.matcher(origin).matches()),
                "wingman.network.cors-origins must be * or origins like https://app.example.com,"
                        + " is "
                        + String.join(",", origins));
    }

    private static void checkLifecycle(WingmanConfig.Lifecycle lifecycle, Problems problems) {
        problems.require(
                !lifecycle.drainDelay().isNegative(),
                "wingman.lifecycle.drain-delay must not be negative");
        problems.require(
                lifecycle.drainTimeout().compareTo(lifecycle.drainDelay()) > 0,
                "wingman.lifecycle.drain-timeout must be longer than"
                        + " wingman.lifecycle.drain-delay");
        problems.require(
                lifecycle.closeRate() > 0, "wingman.lifecycle.close-rate must be 1 or more");
    }

    /** The files are read to see whether they will do; whoever listens reads them for itself. */
    private static @Nullable TlsConfig tls(WingmanConfig.Tls config, Problems problems) {
        Path certificate = config.certificate().orElse(null);
        Path key = config.key().orElse(null);
        Path ca = config.ca().orElse(null);
        problems.require(
                (certificate == null) == (key == null),
                "wingman.network.tls.certificate and wingman.network.tls.key need each other: set"
                        + " both or none");
        problems.require(
                ca == null || certificate != null,
                "wingman.network.tls.ca needs wingman.network.tls.certificate and"
                        + " wingman.network.tls.key");
        if (ca != null) {
            var _ = problems.attempt(() -> PemFiles.authorities(ca));
        }
        if (certificate == null || key == null) {
            return null;
        }
        var _ = problems.attempt(() -> PemFiles.certificate(certificate, key));
        return new TlsConfig(certificate, key, ca);
    }

    private static NetworkConfig network(
            WingmanConfig.Network config, @Nullable TlsConfig tls, ConnectionConfig connection) {
        return new NetworkConfig(
                config.host(),
                config.port(),
                tls,
                connection,
                config.corsOrigins(),
                config.requestTimeout());
    }

    private static ConnectionConfig connection(WingmanConfig.Connection config, Problems problems) {
        String prefix = "wingman.connection.";
        return new ConnectionConfig(
                config.maxConnections(),
                config.outboundQueueCapacity(),
                problems.bytes(prefix + "outbound-queue-bytes", config.outboundQueueBytes()),
                config.sendTimeout(),
                config.idleTimeout(),
                config.authenticationTimeout(),
                problems.bytes(prefix + "write-buffer", config.writeBuffer()),
                problems.bytes(prefix + "max-write-buffer", config.maxWriteBuffer()),
                problems.bytes(prefix + "max-message-size", config.maxMessageSize()),
                config.maxInFlight(),
                config.rate(),
                config.burst());
    }

    private static StoreOptions storage(WingmanConfig.Storage config, Problems problems) {
        problems.require(
                config.writeBuffer().asLongValue() >= 1 << 20,
                "wingman.storage.write-buffer must be 1M or more");
        problems.require(config.logEntries() > 0, "wingman.storage.log-entries must be 1 or more");
        return new StoreOptions(
                config.directory(),
                config.durability(),
                config.writeBuffer().asLongValue(),
                config.blockCache().asLongValue(),
                config.minFreeSpace().asLongValue(),
                config.logEntries(),
                BATCHED_SYNC_INTERVAL);
    }

    private static Access access(WingmanConfig config) {
        WingmanConfig.Security security = config.security();
        boolean open = security.authentication() == WingmanConfig.Security.Authentication.NONE;
        if (open && !security.allowOpenNetwork() && !isLoopback(config.network().host())) {
            throw new IllegalArgumentException(
                    "wingman.security.authentication=none needs wingman.network.host to be"
                            + " a loopback address such as 127.0.0.1; to open the server to"
                            + " a network you trust, set"
                            + " wingman.security.allow-open-network=true");
        }
        WingmanConfig.Jwt jwt = security.jwt();
        checkKeys(jwt);
        boolean hasKey =
                jwt.secret().isPresent()
                        || jwt.publicKey().isPresent()
                        || jwt.jwksUrl().isPresent();
        if (!open && !hasKey && !config.features().rest()) {
            throw new IllegalArgumentException(
                    "authentication is required and there is no key: set"
                            + " wingman.security.jwt.secret (32 bytes or more, HS256),"
                            + " wingman.security.jwt.public-key or .jwks-url, switch on"
                            + " wingman.features.rest, which has a key of its own, or start an"
                            + " open local server with 'make run' or -Dquarkus.profile=local");
        }
        if (jwt.leeway().isNegative()) {
            throw new IllegalArgumentException(
                    "wingman.security.jwt.leeway must not be negative, is " + jwt.leeway());
        }
        return new Access(
                open,
                jwt.secret().map(TokenKey.Shared::new).orElse(null),
                jwt.publicKey().map(TokenKey::ofPem).orElse(null),
                jwt.jwksUrl().orElse(null),
                jwt.jwksMaxAge(),
                jwt.issuer().orElse(null),
                jwt.audience().orElse(null),
                jwt.leeway());
    }

    /** One issuer: whoever holds any of several keys could speak for all. */
    private static void checkKeys(WingmanConfig.Jwt jwt) {
        long keys =
                Stream.of(jwt.secret(), jwt.publicKey(), jwt.jwksUrl())
                        .filter(Optional::isPresent)
                        .count();
        if (keys > 1) {
            throw new IllegalArgumentException(
                    "wingman.security.jwt.secret, .public-key and .jwks-url exclude each other: set"
                            + " one of them");
        }
        if (jwt.jwksMaxAge().compareTo(MIN_JWKS_AGE) < 0) {
            throw new IllegalArgumentException(
                    "wingman.security.jwt.jwks-max-age must be 10m or more, is "
                            + jwt.jwksMaxAge());
        }
        if (jwt.jwksUrl().isEmpty()) {
            return;
        }
        URI url = jwt.jwksUrl().get();
        boolean isPrivate =
                "https".equals(url.getScheme())
                        || ("http".equals(url.getScheme())
                                && List.of("localhost", "127.0.0.1", "[::1]")
                                        .contains(url.getHost()));
        if (!isPrivate || url.getHost() == null) {
            throw new IllegalArgumentException(
                    "wingman.security.jwt.jwks-url must be an https URL, is " + url);
        }
        if (jwt.issuer().isEmpty() || jwt.audience().isEmpty()) {
            throw new IllegalArgumentException(
                    "wingman.security.jwt.jwks-url needs wingman.security.jwt.issuer and .audience:"
                            + " the same keys sign tokens for others");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(
                    "wingman.network.host is not an address of this machine: " + host, e);
        }
    }

    private static WireLimits wire(WingmanConfig.Sync config, Problems problems) {
        int maxKey = problems.bytes("wingman.sync.max-key", config.maxKey());
        int maxValue = problems.bytes("wingman.sync.max-value", config.maxValue());
        int maxMapName = problems.bytes("wingman.sync.max-map-name", config.maxMapName());
        problems.require(maxKey > 0, "wingman.sync.max-key must be 1 or more");
        problems.require(maxValue > 0, "wingman.sync.max-value must be 1 or more");
        return new WireLimits(maxKey, maxValue, WireLimits.MAX_BATCH_ITEMS, maxMapName);
    }

    private static SyncServer.Limits sync(
            WingmanConfig.Sync config, ConnectionConfig connection, Problems problems) {
        problems.require(
                config.maxQueryRecords() > 0, "wingman.sync.max-query-records must be 1 or more");
        problems.require(
                config.maxValue().asLongValue() + config.maxKey().asLongValue() + ENVELOPE_BYTES
                        <= connection.maxMessageSize(),
                "wingman.connection.max-message-size must be 128K or more beyond"
                        + " wingman.sync.max-value and max-key together");
        problems.require(config.maxMaps() > 0, "wingman.sync.max-maps must be 1 or more");
        return new SyncServer.Limits(
                connection.maxInFlight(),
                connection.rate(),
                connection.burst(),
                config.maxQueryRecords(),
                config.maxMaps(),
                connection.maxMessageSize());
    }

    private static ClusterConfig cluster(WingmanConfig.Cluster config) {
        return new ClusterConfig(
                config.clusterId(),
                config.seeds().orElse(List.of()),
                config.heartbeatInterval(),
                new PhiAccrualConfig(
                        config.phiThreshold(),
                        config.maxSampleSize(),
                        config.minStdDev(),
                        config.maxNoHeartbeat(),
                        config.acceptablePause()),
                config.suspicionTimeout(),
                config.backups(),
                config.maxParallelMigrations(),
                config.splitBrainCheckInterval());
    }
}
