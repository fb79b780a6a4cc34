package dev.wingman;

import dev.wingman.recorder.RecorderOptions;
import dev.wingman.storage.Durability;
import dev.wingman.websocket.ClientEndpoint;
import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithConverter;
import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that can be set, with its default. A key under {@code wingman.} that is not here
 * refuses the start. Sizes are bytes or take a suffix (K, M, G); durations are like {@code 5s} or
 * {@code 250ms}.
 */
@ConfigMapping(prefix = "wingman")
public interface WingmanConfig {
    Network network();

    Connection connection();

    Storage storage();

    Security security();

    Sync sync();

    Cluster cluster();

    Lifecycle lifecycle();

    Database database();

    Rest rest();

    Features features();

    Recorder recorder();

    /** Where the server listens. */
    interface Network {
        /** Address to listen on. */
        @WithDefault("0.0.0.0")
        String host();

        /** Port to listen on; 0 lets the system choose one, which the ready line names. */
        @WithDefault("8080")
        int port();

        /** Origins whose pages may call the HTTP routes; {@code *} admits all. */
        @WithDefault("*")
        List<String> corsOrigins();

        /** Time a client has to send the head of a request; it gets 408 when it is slower. */
        @WithDefault("10s")
        @WithConverter(DurationUpToAWeek.class)
        Duration headTimeout();

        /** Longest time an HTTP request may take. */
        @WithDefault("30s")
        @WithConverter(DurationUpToAWeek.class)
        Duration requestTimeout();

        /** One line in the log for each HTTP request but probes. */
        @WithDefault("true")
        boolean accessLog();

        Tls tls();
    }

    /** PEM files; with them the port speaks TLS only. They are read again when they change. */
    interface Tls {
        /** Certificate chain, the server's own first. */
        Optional<Path> certificate();

        /** Private key of the certificate, not encrypted. */
        Optional<Path> key();

        /** Authorities that client certificates must come from; unset asks for none. */
        Optional<Path> ca();
    }

    /** Limits of one connection. */
    interface Connection {
        /** Sockets held at a time; an upgrade beyond it gets 503 with Retry-After. */
        @WithDefault("100000")
        int maxConnections();

        /** Messages that wait for a client that does not read. */
        @WithDefault("256")
        int outboundQueueCapacity();

        /** Bytes that wait for a client that does not read. */
        @WithDefault("1M")
        MemorySize outboundQueueBytes();

        /** How long a reply waits for room in the queue before the connection is closed. */
        @WithDefault("5s")
        @WithConverter(DurationUpToAWeek.class)
        Duration sendTimeout();

        /** Silence after which a client is taken for gone. */
        @WithDefault("60s")
        @WithConverter(DurationUpToAWeek.class)
        Duration idleTimeout();

        /** Time a client has to authenticate. */
        @WithDefault("10s")
        @WithConverter(DurationUpToAWeek.class)
        Duration authenticationTimeout();

        /** Bytes in the socket's own buffer below which writing goes on. */
        @WithDefault("128K")
        MemorySize writeBuffer();

        /** Bytes in the socket's own buffer above which writing waits. */
        @WithDefault("512K")
        MemorySize maxWriteBuffer();

        /**
         * {@code channel}: frames go to the Netty channel, many with one flush. {@code public-api}:
         * through what Vert.x offers to everybody, in case the other way meets a version of it that
         * it does not fit.
         */
        @WithDefault("channel")
        ClientEndpoint.Writer writer();

        /**
         * Largest frame, message and HTTP body accepted, and the size at which answers are split or
         * cut.
         */
        @WithDefault("2M")
        MemorySize maxMessageSize();

        /** Requests of one connection worked on at a time; more are not read. */
        @WithDefault("32")
        int maxInFlight();

        /** Operations a second. */
        @WithDefault("20000")
        int rate();

        /** Operations at once after a pause. */
        @WithDefault("40000")
        int burst();
    }

    /** Where records are kept. */
    interface Storage {
        /** Folder of the embedded store; made when absent. */
        @WithDefault("./data")
        Path directory();

        /**
         * {@code commit}: an acknowledged write is on the disk. {@code batched}: it is with the
         * operating system, and the last 100 ms may be lost when the machine (not the process)
         * crashes.
         */
        @WithDefault("commit")
        Durability durability();

        /** Memory for writes that are not yet in sorted files. */
        @WithDefault("64M")
        MemorySize writeBuffer();

        /** Memory for blocks read from files, their index and filters. */
        @WithDefault("64M")
        MemorySize blockCache();

        /**
         * Writes are refused while the disk has less free space; reads go on. A new storage
         * directory is not made with less.
         */
        @WithDefault("64M")
        MemorySize minFreeSpace();

        /** Log entries kept for each of the 271 partitions; {@code POST /sync} reads them. */
        @WithDefault("65536")
        int logEntries();
    }

    /** Who may do what. */
    interface Security {
        /**
         * {@code none} is accepted on a loopback address only, unless allow-open-network is set.
         */
        @WithDefault("required")
        Authentication authentication();

        /** Permits {@code authentication=none} on an address that others can reach. */
        @WithDefault("false")
        boolean allowOpenNetwork();

        Jwt jwt();

        Argon2 argon2();

        BootstrapAdmin bootstrapAdmin();

        /** Subjects that may read and change every map whatever policies say; roles do not. */
        Optional<Set<String>> adminSubjects();

        /** As the names in the configuration. */
        enum Authentication {
            REQUIRED,
            NONE
        }
    }

    /** How bearer tokens are checked. */
    interface Jwt {
        /** Shared secret for HS256, 32 bytes or more. */
        Optional<String> secret();

        /** PEM of another issuer's public key: RSA for RS256, P-256 for ES256. */
        Optional<String> publicKey();

        /** Where another issuer publishes its keys as a JWK set. */
        Optional<URI> jwksUrl();

        /** How long these count when they cannot be read again. */
        @WithDefault("6h")
        @WithConverter(DurationUpToAWeek.class)
        Duration jwksMaxAge();

        /** Required {@code iss}; unset accepts any. */
        Optional<String> issuer();

        /** Required {@code aud}; unset accepts any. */
        Optional<String> audience();

        /** Clock difference allowed to the token's author. */
        @WithDefault("60s")
        @WithConverter(DurationUpToAWeek.class)
        Duration leeway();
    }

    /** How much work it is to try a password; stored hashes keep the values of their time. */
    interface Argon2 {
        /** Memory of one hash; as many are made at once as there are processors. */
        @WithDefault("64M")
        MemorySize memory();

        /** Passes over the memory. */
        @WithDefault("3")
        int iterations();

        /** Lanes of the memory. */
        @WithDefault("4")
        int parallelism();
    }

    /** The administrator that is made when there are no accounts. */
    interface BootstrapAdmin {
        /** What to log in with. */
        @WithDefault("admin@localhost")
        String email();

        /** 12 characters or more; without it one is made up and printed, once. */
        Optional<String> password();
    }

    /** Limits of maps and queries. */
    interface Sync {
        /** Rows of one query result, and records of one answer to {@code POST /sync}. */
        @WithDefault("10000")
        int maxQueryRecords();

        /** Maps the server keeps, each in a few KiB of memory; ops that name more are refused. */
        @WithDefault("10000")
        int maxMaps();

        /** Longest map name, 1..256 bytes of UTF-8. */
        @WithDefault("256")
        MemorySize maxMapName();

        /** Longest key, in bytes of UTF-8. */
        @WithDefault("1K")
        MemorySize maxKey();

        /** Largest value, encoded. */
        @WithDefault("512K")
        MemorySize maxValue();
    }

    /**
     * How nodes find and judge each other. A node that is alone reads and checks it all the same.
     */
    interface Cluster {
        /** Nodes with another id are refused. */
        @WithDefault("wingman")
        String clusterId();

        /** Where to look for the cluster, host:port. Not available yet: refuses the start. */
        Optional<List<String>> seeds();

        /** Pause between the heartbeats to each other node. */
        @WithDefault("1s")
        @WithConverter(DurationUpToAWeek.class)
        Duration heartbeatInterval();

        /** Phi from which a node is suspected. Lower notices sooner and is fooled more often. */
        @WithDefault("8.0")
        double phiThreshold();

        /** Intervals between heartbeats that are remembered of each node. */
        @WithDefault("200")
        int maxSampleSize();

        /** Deviation of the intervals that is expected at least. */
        @WithDefault("100ms")
        @WithConverter(DurationUpToAWeek.class)
        Duration minStdDev();

        /** Silence that a node is allowed while fewer than three of its intervals are known. */
        @WithDefault("5s")
        @WithConverter(DurationUpToAWeek.class)
        Duration maxNoHeartbeat();

        /** How long a node may stall without being suspected. */
        @WithDefault("2s")
        @WithConverter(DurationUpToAWeek.class)
        Duration acceptablePause();

        /** Silence after which a suspected node is dead. */
        @WithDefault("10s")
        @WithConverter(DurationUpToAWeek.class)
        Duration suspicionTimeout();

        /** Copies of each partition beside its owner's. */
        @WithDefault("1")
        int backups();

        /** Copies of partitions that a node sends and receives at a time. */
        @WithDefault("2")
        int maxParallelMigrations();

        /** Pause between looks for another cluster with the same id. */
        @WithDefault("30s")
        @WithConverter(DurationUpToAWeek.class)
        Duration splitBrainCheckInterval();
    }

    /** How the server goes away. */
    interface Lifecycle {
        /** Time between failing readiness and the first closed connection. */
        @WithDefault("1s")
        @WithConverter(DurationUpToAWeek.class)
        Duration drainDelay();

        /** Time from SIGTERM to the exit at the latest. */
        @WithDefault("30s")
        @WithConverter(DurationUpToAWeek.class)
        Duration drainTimeout();

        /** Connections closed a second. */
        @WithDefault("2000")
        int closeRate();
    }

    /** Where accounts and missions are kept. */
    interface Database {
        /**
         * PostgreSQL, such as {@code jdbc:postgresql://db.example/wingman}; without it a file in
         * the storage directory.
         */
        Optional<String> url();

        /** Who we are to the database. */
        Optional<String> username();

        /** And how we show it. */
        Optional<String> password();

        /** Connections at most; requests wait up to 5 seconds for one. */
        @WithDefault("16")
        int maxConnections();
    }

    /** The REST API. */
    interface Rest {
        /** Requests of one user in each window. */
        @WithDefault("100")
        int rateLimit();

        /** In what time a user's requests count together. */
        @WithDefault("60s")
        @WithConverter(DurationUpToAWeek.class)
        Duration rateWindow();

        /** Requests of one address to log in, register and the like in each window. */
        @WithDefault("10")
        int authRateLimit();

        /** Whether people may make accounts for themselves. */
        @WithDefault("true")
        boolean registration();
    }

    /** What of the server is there. */
    interface Features {
        /** Accounts, missions and their live events under {@code /api/v1}. */
        @WithDefault("true")
        boolean rest();

        /** The sockets of clients; off, only {@code POST /sync} reaches the maps. */
        @WithDefault("true")
        boolean websocket();

        /** {@code /metrics}. */
        @WithDefault("true")
        boolean metrics();
    }

    /** Recording and replaying what other servers say. */
    interface Recorder {
        /** {@code off} opens no port. */
        @WithDefault("off")
        RecorderOptions.Mode mode();

        /** Folder of the recordings; made when absent. */
        @WithDefault("recordings")
        Path directory();

        /** By name: what listens, and for which server. */
        Map<String, RecorderEndpoint> endpoints();

        /** Texts that must not be recorded, 4 to 1,024 bytes each. */
        Optional<List<String>> secrets();

        /** Regular expressions (RE2) of what must not be recorded. */
        Optional<List<String>> patterns();

        /** Keys of JSON whose values must not be recorded; case, _ and - do not matter. */
        @WithDefault(
                "password,passwd,secret,token,api_key,access_token,refresh_token,client_secret,authorization")
        List<String> jsonKeys();

        /** Connections of clients at a time, all endpoints together. */
        @WithDefault("4096")
        int maxConnections();

        /** Exchanges at a time, all endpoints together; as many again wait. */
        @WithDefault("1024")
        int maxInFlight();

        /** Longest wait for one of these. */
        @WithDefault("5s")
        @WithConverter(DurationUpToAWeek.class)
        Duration permitTimeout();

        /** Longest wait for a target's answer to begin, and for a client's message on replay. */
        @WithDefault("60s")
        @WithConverter(DurationUpToAWeek.class)
        Duration targetTimeout();

        /** What may wait for a slow reader, for each direction of an exchange. */
        @WithDefault("64K")
        MemorySize streamBuffer();

        /** Send and receive buffers of the operating system. */
        @WithDefault("256K")
        MemorySize socketBuffer();

        /** Largest request body. */
        @WithDefault("16M")
        MemorySize maxRequestBody();

        /** Largest answer, and all frames of a socket, that is recorded. */
        @WithDefault("256M")
        MemorySize maxResponseBody();

        /** Most headers of a request. */
        @WithDefault("128")
        int maxHeaders();

        /** Most exchanges of a recording. */
        @WithDefault("65536")
        int maxInteractions();

        /**
         * What all recordings and replays hold in memory together; unset: half of the heap. Beyond
         * it new exchanges get 503.
         */
        Optional<MemorySize> maxMemory();

        /** Not available yet: refuses the start. */
        Optional<Path> testServerConfig();
    }

    /** One listener of the recorder and its target. */
    interface RecorderEndpoint {
        /** Port to listen on; 0 lets the system choose, and a log line names it. */
        int sourcePort();

        /** What clients speak. */
        @WithDefault("http")
        RecorderOptions.Scheme sourceType();

        /** PEM file, needed with https. */
        Optional<Path> certificate();

        /** PEM file, needed with https. */
        Optional<Path> key();

        /** Whom to forward to. */
        String targetHost();

        /** Where it listens. */
        int targetPort();

        /** What it speaks; https negotiates HTTP/2 or 1.1, http speaks the client's version. */
        @WithDefault("https")
        RecorderOptions.Scheme targetType();

        /** PEM file of authorities that may have signed its certificate; unset: those of Java. */
        Optional<Path> targetCa();

        /** Answered here with 200. */
        Optional<String> healthPath();

        /** Headers that take part in matching. */
        @WithDefault("content-type")
        Set<String> matchHeaders();

        /** Headers whose value is not recorded. */
        @WithDefault("authorization,cookie,set-cookie,x-api-key")
        Set<String> redactHeaders();

        /** What happens to a request that is not recorded. */
        @WithDefault("fail")
        RecorderOptions.OnMiss onMiss();

        /** Whether requests must come in the recorded order. */
        @WithDefault("false")
        boolean strictOrder();

        /** {@code none}, {@code recorded}, or a pause before each piece. */
        @WithDefault("none")
        String replayTiming();

        /** {@code order} takes every WebSocket message of a client for the recorded one. */
        @WithDefault("content")
        RecorderOptions.SocketMatch socketMatch();
    }
}
