package dev.wingman.connection;

import dev.wingman.lifecycle.HealthState;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** A registry with a clock that the test turns by hand. */
final class Connections {
    static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

    HealthState health = HealthState.READY;
    Instant wall = NOW;
    final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1_000); // wraps, as nanoTime may
    final Map<String, String> ended = new HashMap<>();
    final ConnectionRegistry registry;
    final IdleSweep sweep;

    Connections(ConnectionConfig config) {
        registry = new ConnectionRegistry(config, () -> health, () -> NOW, nanos::get);
        sweep = new IdleSweep(registry, config, () -> wall, ended::get);
    }

    ConnectionHandle open(Transport transport) {
        return registry.register(ConnectionKind.CLIENT, transport);
    }

    /** Lets the time pass in one step, with a sweep at its end. */
    void pass(Duration time) {
        sweep.run(nanos.addAndGet(time.toNanos()));
    }

    static ConnectionConfig config(int capacity, int bytes) {
        return config(ConnectionConfig.DEFAULTS.maxConnections(), capacity, bytes);
    }

    static ConnectionConfig config(int maxConnections, int capacity, int bytes) {
        var defaults = ConnectionConfig.DEFAULTS;
        return new ConnectionConfig(
                maxConnections,
                capacity,
                bytes,
                defaults.sendTimeout(),
                defaults.idleTimeout(),
                defaults.authenticationTimeout(),
                defaults.writeBuffer(),
                defaults.maxWriteBuffer(),
                defaults.maxMessageSize(),
                defaults.maxInFlight(),
                defaults.rate(),
                defaults.burst());
    }

    static byte[] frame(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static OutboundMessage message(String text) {
        return new OutboundMessage.Binary(frame(text));
    }
}
