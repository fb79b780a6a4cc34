package dev.wingman.recorder;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How the recorder works.
 *
 * @param host address that all endpoints listen on
 */
public record RecorderOptions(
        Mode mode,
        String host,
        Path directory,
        List<Endpoint> endpoints,
        Redaction redaction,
        Limits limits) {
    public RecorderOptions {
        endpoints = List.copyOf(endpoints);
    }

    /** As the names in the configuration. */
    public enum Mode {
        OFF,
        RECORD,
        REPLAY
    }

    /** As the names in the configuration. */
    public enum Scheme {
        HTTP,
        HTTPS
    }

    /** What happens to a request that is not recorded. */
    public enum OnMiss {
        FAIL,
        FORWARD,
        RECORD
    }

    /** What of a client's WebSocket messages is compared on replay. */
    public enum SocketMatch {
        /** Each message must be the recorded one. */
        CONTENT,
        /** Each message counts as the recorded one at its place, whatever it says. */
        ORDER
    }

    /** PEM files. */
    public record Tls(Path certificate, Path key) {}

    /**
     * Where an endpoint forwards to.
     *
     * @param authorities PEM file of those that may have signed an https target's certificate; null
     *     for those that Java knows
     */
    public record Target(String host, int port, Scheme scheme, @Nullable Path authorities) {}

    /**
     * One listener and its target.
     *
     * @param port 0 lets the system choose
     * @param tls null for plain HTTP
     * @param healthPath answered locally with 200; null for none
     * @param matchHeaders names in lower case
     * @param redactHeaders names in lower case
     */
    public record Endpoint(
            String name,
            int port,
            @Nullable Tls tls,
            Target target,
            @Nullable String healthPath,
            Set<String> matchHeaders,
            Set<String> redactHeaders,
            Replay replay) {
        public Endpoint {
            matchHeaders = Set.copyOf(matchHeaders);
            redactHeaders = Set.copyOf(redactHeaders);
        }
    }

    /** How an endpoint replays. */
    public record Replay(
            OnMiss onMiss, boolean strictOrder, ReplayTiming timing, SocketMatch socketMatch) {}

    /**
     * What the recorder holds at a time. Sizes are bytes.
     *
     * @param maxConnections of clients, all endpoints together
     * @param maxInFlight exchanges, all endpoints together; a WebSocket counts while it opens
     * @param permitTimeout longest wait for one of these
     * @param targetTimeout longest wait for the head of a target's answer, on replay for a client's
     *     next message, and for the head of a client's request
     * @param maxMemory of all recordings and replays together, beside buffers of connections
     */
    public record Limits(
            int maxConnections,
            int maxInFlight,
            Duration permitTimeout,
            Duration targetTimeout,
            int streamBuffer,
            int socketBuffer,
            long maxRequestBody,
            long maxResponseBody,
            int maxHeaders,
            int maxInteractions,
            long maxMemory) {
        public static final Limits DEFAULTS =
                new Limits(
                        4096,
                        1024,
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(60),
                        64 << 10,
                        256 << 10,
                        16 << 20,
                        256 << 20,
                        128,
                        65_536,
                        256 << 20);
    }
}
