package dev.wingman.rest;

import dev.wingman.mission.EventBroadcast;
import dev.wingman.mission.Missions;
import dev.wingman.mission.Specs;
import dev.wingman.security.KeyedRateLimits;
import dev.wingman.security.RefusedException;
import dev.wingman.security.TokenVerifier;
import dev.wingman.security.account.Accounts;
import dev.wingman.security.account.AuditLog;
import dev.wingman.security.account.Revocations;
import dev.wingman.security.account.TokenIssuer;
import dev.wingman.security.policy.PolicyStore;
import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.TimeOrderedIds;
import java.time.Duration;
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
     * @param tokens what REST requests are let in with, which read the account themselves
     * @param other null when no other issuer is trusted
     * @param hashing runs what takes a password, a few at a time; refuses when too many wait
     * @param timer short tasks that do not block
     */
    public record Parts(
            Database database,
            Accounts accounts,
            Revocations revocations,
            AuditLog audit,
            PolicyStore policies,
            TokenIssuer issuer,
            TokenVerifier tokens,
            @Nullable OtherIssuer other,
            TimeOrderedIds ids,
            Missions missions,
            Specs specs,
            EventBroadcast events,
            Executor hashing,
            ScheduledExecutorService timer,
            InstantSource clock) {}

    /**
     * Another issuer whose tokens count.
     *
     * @param name as in {@code iss}; null when it may have any
     * @param tokens takes its tokens alone
     */
    public record OtherIssuer(@Nullable String name, TokenVerifier tokens) {}

    /**
     * Limits of requests.
     *
     * @param users by the id of the user
     * @param addresses by the address of the client
     * @param sendTimeout for which a listener to events may take nothing
     */
    public record Limits(KeyedRateLimits users, KeyedRateLimits addresses, Duration sendTimeout) {}

    private final Supplier<@Nullable Parts> parts;
    private final LiveSettings settings;
    private final Limits limits;

    /**
     * @param parts null until the database is open
     */
    public RestServer(Supplier<@Nullable Parts> parts, LiveSettings settings, Limits limits) {
        this.parts = parts;
        this.settings = settings;
        this.limits = limits;
    }

    public LiveSettings settings() {
        return settings;
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
