package dev.wingman.connection;

import dev.wingman.protocol.CloseCode;
import java.time.Instant;
import java.time.InstantSource;

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
    private final InstantSource clock;

    /**
     * @param clock that tokens expire by
     */
    public IdleSweep(ConnectionRegistry registry, ConnectionConfig config, InstantSource clock) {
        this.registry = registry;
        this.config = config;
        this.clock = clock;
    }

    /**
     * @param nowNanos on the clock of the registry
     */
    public void run(long nowNanos) {
        Instant now = clock.instant();
        registry.forEach(handle -> check(handle, nowNanos, now));
    }

    private void check(ConnectionHandle handle, long nowNanos, Instant now) {
        if (!handle.metadata().authenticated()
                && handle.isOlderThan(config.authenticationTimeout(), nowNanos)) {
            handle.close(CloseCode.NORMAL, "authentication timeout");
        } else if (handle.isSilentFor(config.idleTimeout(), nowNanos)) {
            handle.close(CloseCode.NORMAL, "idle timeout");
        } else if (handle.metadata().isExpired(now)) {
            // Without AUTH_FAIL: the client would throw away a newer token that it may have.
            handle.close(CloseCode.POLICY_VIOLATION, "token expired, connect with a new one");
        }
        handle.expire(nowNanos);
    }
}
