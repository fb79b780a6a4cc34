package dev.wingman.rest;

import dev.wingman.mission.EventBroadcast;
import dev.wingman.mission.Missions;
import dev.wingman.mission.Specs;
import dev.wingman.security.KeyedRateLimits;
import dev.wingman.security.RefusedException;
import dev.wingman.security.TokenVerifier;
import dev.wingman.security.account.Accounts;
import dev.wingman.security.account.AuditLog;
import dev.wingman.security.account.TokenIssuer;
import dev.wingman.storage.sql.Database;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The REST API without its resources: what they translate to. Thread-safe. */
public final class RestServer {
    /**
     * What there is once the database is open.
     *
     * @param tokens what REST requests are let in with
     * @param hashing runs what takes a password, a few at a time; refuses when too many wait
     * @param timer short tasks that do not block
     */
    public record Parts(
            Database database,
            Accounts accounts,
            AuditLog audit,
            TokenIssuer issuer,
            TokenVerifier tokens,
            Missions missions,
            Specs specs,
            EventBroadcast events,
            Executor hashing,
            ScheduledExecutorService timer,
            InstantSource clock) {}

    /**
     * Limits of requests.
     *
     * @param users by the id of the user
     * @param addresses by the address of the client
     * @param registration whether people may make accounts for themselves
     */
    public record Limits(KeyedRateLimits users, KeyedRateLimits addresses, boolean registration) {}

    private final Supplier<@Nullable Parts> parts;
    private final Limits limits;

    /**
     * @param parts null until the database is open
     */
    public RestServer(Supplier<@Nullable Parts> parts, Limits limits) {
        this.parts = parts;
        this.limits = limits;
    }

    public Limits limits() {
        return limits;
    }

    /**
     * @throws RefusedException until the database is open
     */
    public Parts parts() {
        Parts present = parts.get();
        if (present == null) {
            throw new RefusedException(
                    RefusedException.Kind.BUSY,
                    "unavailable",
                    "the server is starting; try again soon");
        }
        return present;
    }
}
