package dev.wingman.connection;

import dev.wingman.protocol.CloseCode;

/**
 * Closes connections whose time is up. Goes over all of them instead of keeping a timer for each: a
 * pass over a hundred thousand takes a few milliseconds, and timers would be set and cancelled with
 * every message.
 *
 * <p>Confined to one thread. Time-outs are as exact as the pause between two runs.
 */
public final class IdleSweep {
    private final ConnectionRegistry registry;
    private final ConnectionConfig config;

    public IdleSweep(ConnectionRegistry registry, ConnectionConfig config) {
        this.registry = registry;
        this.config = config;
    }

    /**
     * @param nowNanos on the clock of the registry
     */
    public void run(long nowNanos) {
        registry.forEach(handle -> check(handle, nowNanos));
    }

    private void check(ConnectionHandle handle, long nowNanos) {
        if (!handle.metadata().authenticated()
                && handle.isOlderThan(config.authenticationTimeout(), nowNanos)) {
            handle.close(CloseCode.NORMAL, "authentication timeout");
        } else if (handle.isSilentFor(config.idleTimeout(), nowNanos)) {
            handle.close(CloseCode.NORMAL, "idle timeout");
        }
        handle.expire(nowNanos);
    }
}
