package dev.wingman.connection;

import java.time.Duration;

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

    public ConnectionConfig {
        requirePositive("max-connections", maxConnections);
        requirePositive("outbound-queue-capacity", outboundQueueCapacity);
        requirePositive("outbound-queue-bytes", outboundQueueBytes);
        requirePositive("send-timeout", sendTimeout);
        requirePositive("idle-timeout", idleTimeout);
        requirePositive("authentication-timeout", authenticationTimeout);
        requirePositive("write-buffer", writeBuffer);
        if (maxWriteBuffer < writeBuffer) {
            throw new IllegalArgumentException(
                    "wingman.connection.max-write-buffer must be at least write-buffer ("
                            + writeBuffer
                            + "), is "
                            + maxWriteBuffer);
        }
        requirePositive("max-message-size", maxMessageSize);
        requirePositive("max-in-flight", maxInFlight);
        requirePositive("rate", rate);
        requirePositive("burst", burst);
    }

    private static void requirePositive(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "wingman.connection." + key + " must be 1 or more, is " + value);
        }
    }

    private static void requirePositive(String key, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException(
                    "wingman.connection." + key + " must be longer than 0, is " + value);
        }
    }
}
