package dev.wingman.connection;

import dev.wingman.protocol.CloseCode;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Closes connections whose time is up, or whose account has come to an end. Goes over all of them
 * instead of keeping a timer for each: a pass over a hundred thousand takes a few milliseconds, and
 * timers would be set and cancelled with every message.
 *
 * <p>Thread-safe. Time-outs are as exact as the pause between two runs.
 */
public final class IdleSweep {
    private final ConnectionRegistry registry;
    private final ConnectionConfig config;
    private final InstantSource clock;
    private final Function<String, @Nullable String> ended;

    /**
     * @param clock that tokens expire by
     * @param ended what became of the account with this subject that may not be used any more; null
     *     while it may
     */
    public IdleSweep(
            ConnectionRegistry registry,
            ConnectionConfig config,
            InstantSource clock,
            Function<String, @Nullable String> ended) {
        this.registry = registry;
        this.config = config;
        this.clock = clock;
        this.ended = ended;
    }

    /**
     * @param nowNanos on the clock of the registry
     */
    public void run(long nowNanos) {
        Instant now = clock.instant();
        registry.forEach(handle -> check(handle, nowNanos, now));
    }

    private void check(ConnectionHandle handle, long nowNanos, Instant now) {
        String account = handle.metadata().account();
        String end = account == null ? null : ended.apply(account);
        if (end != null) {
            handle.close(CloseCode.POLICY_VIOLATION, end);
        } else if (!handle.metadata().authenticated()
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
