package dev.wingman.connection;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Limits of connections; the keys {@code wingman.connection.*}.
 *
 * @param maxConnections upgrades beyond it are refused
 * @param outboundQueueCapacity frames that may wait for one connection
 * @param outboundQueueBytes bytes that may wait for one connection; a single larger frame passes
 *     through an empty queue
 * @param sendTimeout how long a reply waits for room in the queue before the client counts as too
 *     slow
 * @param idleTimeout silence after which a client is closed
 * @param authenticationTimeout how long a new connection may take to say who it is
 * @param writeBuffer bytes in the socket's buffer at which writing goes on after a pause
 * @param maxWriteBuffer bytes in the socket's buffer at which writing pauses
 * @param maxMessageSize bytes; larger messages close the connection
 * @param maxInFlight requests being worked on at which reading pauses
 * @param rate operations per second
 * @param burst operations that may come at once after a pause
 */
public record ConnectionConfig(
        int maxConnections,
        int outboundQueueCapacity,
        int outboundQueueBytes,
        Duration sendTimeout,
        Duration idleTimeout,
        Duration authenticationTimeout,
        int writeBuffer,
        int maxWriteBuffer,
        int maxMessageSize,
        int maxInFlight,
        int rate,
        int burst) {
    private static final int KIB = 1024;

    public static final ConnectionConfig DEFAULTS =
            new ConnectionConfig(
                    100_000,
                    256,
                    1024 * KIB,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(10),
                    128 * KIB,
                    512 * KIB,
                    2048 * KIB,
                    32,
                    20_000,
                    40_000);

    /** Says of all values at once what is wrong with them, in one line each. */
    public ConnectionConfig {
        var problems = new ArrayList<String>();
        requirePositive("max-connections", maxConnections, problems);
        requirePositive("outbound-queue-capacity", outboundQueueCapacity, problems);
        requirePositive("outbound-queue-bytes", outboundQueueBytes, problems);
        requirePositive("send-timeout", sendTimeout, problems);
        requirePositive("idle-timeout", idleTimeout, problems);
        requirePositive("authentication-timeout", authenticationTimeout, problems);
        requirePositive("write-buffer", writeBuffer, problems);
        if (maxWriteBuffer < writeBuffer) {
            problems.add(
                    "wingman.connection.max-write-buffer must be at least write-buffer ("
                            + writeBuffer
                            + "), is "
                            + maxWriteBuffer);
        }
        requirePositive("max-message-size", maxMessageSize, problems);
        requirePositive("max-in-flight", maxInFlight, problems);
        requirePositive("rate", rate, problems);
        requirePositive("burst", burst, problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("\n", problems));
        }
    }

    private static void requirePositive(String key, int value, List<String> problems) {
        if (value < 1) {
            problems.add("wingman.connection." + key + " must be 1 or more, is " + value);
        }
    }

    private static void requirePositive(String key, Duration value, List<String> problems) {
        if (!value.isPositive()) {
            problems.add("wingman.connection." + key + " must be longer than 0, is " + value);
        }
    }
}
