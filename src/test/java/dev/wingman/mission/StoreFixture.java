package dev.wingman.mission;

import dev.wingman.security.RefusedException;
import dev.wingman.security.account.Accounts;
import dev.wingman.security.account.AuditLog;
import dev.wingman.security.account.AuditLog.Origin;
import dev.wingman.security.account.Caller;
import dev.wingman.security.account.Passwords;
import dev.wingman.security.account.RefreshTokens;
import dev.wingman.security.account.Revocations;
import dev.wingman.security.account.Role;
import dev.wingman.security.account.SigningKeys;
import dev.wingman.security.account.TokenIssuer;
import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.TimeOrderedIds;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.BeforeEach;

/** A database with accounts, missions and specs, and people who use them. */
abstract class StoreFixture {
    static final String PASSWORD = "correct horse battery";
    static final Passwords PASSWORDS =
            new Passwords(new Passwords.Cost(16, 1, 1), RandomGenerator.getDefault());
    static final Duration LEEWAY = Duration.ofSeconds(60);
    static final Origin ORIGIN = new Origin("192.0.2.1", "request-1");

    Instant now = Instant.parse("2026-11-21T10:00:00Z");
    final AtomicInteger wakes = new AtomicInteger();
    Database database;
    Revocations revocations;
    Accounts accounts;
    Missions missions;
    Specs specs;
    final Caller ann = new Caller(UUID.randomUUID(), Set.of(Role.USER));
    final Caller bob = new Caller(UUID.randomUUID(), Set.of(Role.USER));
    final Caller viewer = new Caller(UUID.randomUUID(), Set.of(Role.VIEWER));
    final Caller admin = new Caller(UUID.randomUUID(), Set.of(Role.ADMIN));

    /** With tables and nothing in them. */
    abstract Database empty();

    @BeforeEach
    void open() {
        database = empty();
        var random = RandomGenerator.getDefault();
        var ids = new TimeOrderedIds(() -> now, random);
        var outbox = new Outbox(wakes::incrementAndGet);
        missions = new Missions(database, outbox, ids, () -> now);
        specs = new Specs(database, outbox, ids, () -> now);
        revocations = revocations(() -> {});
        accounts = accounts(PASSWORDS);
    }

    Revocations revocations(Runnable changed) {
        return new Revocations(database, LEEWAY, () -> now, changed);
    }

    Accounts accounts(Passwords passwords) {
        var random = RandomGenerator.getDefault();
        var ids = new TimeOrderedIds(() -> now, random);
        return new Accounts(
                new Accounts.Parts(
                        database,
                        passwords,
                        new TokenIssuer(
                                new SigningKeys(database, () -> now).loadOrGenerate(),
                                null,
                                null,
                                () -> now),
                        new RefreshTokens(random, () -> now),
                        revocations,
                        new AuditLog(database, ids, () -> now),
                        ids,
                        new Outbox(wakes::incrementAndGet)::accountChanged,
                        () -> now));
    }

    static Mission.Content content(String title, String... tags) {
        return new Mission.Content(title, "", List.of(tags), null);
    }

    Mission create(Caller who, String title, String... tags) {
        return database.write(tx -> missions.create(tx, who, content(title, tags)));
    }

    Mission move(Caller who, Mission mission, MissionMove move) {
        return database.write(tx -> missions.move(tx, who, mission.id(), move));
    }

    Spec spec(Mission mission, int number, Spec... needed) {
        Set<UUID> dependencies = new LinkedHashSet<>();
        for (Spec each : needed) {
            dependencies.add(each.id());
        }
        return database.write(
                tx -> specs.create(tx, ann, mission.id(), specContent(number, dependencies)));
    }

    static Spec.Content specContent(int number, Set<UUID> dependencies) {
        return new Spec.Content(
                number,
                "Spec " + number,
                new Spec.Texts("", "It works", "", ""),
                dependencies,
                null,
                List.of());
    }

    Spec become(Spec spec, SpecStatus... way) {
        Spec present = spec;
        for (SpecStatus next : way) {
            present = specs.changeStatus(ann, spec.id(), null, next, null);
        }
        return present;
    }

    List<Event> events() {
        return database.read(tx -> Outbox.after(tx, 0, 1000));
    }

    static String codeOf(Supplier<?> refused) {
        try {
            throw new AssertionError("not refused: " + refused.get());
        } catch (RefusedException refusal) {
            return refusal.code();
        }
    }
}
