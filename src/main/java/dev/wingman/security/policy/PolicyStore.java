package dev.wingman.security.policy;

import dev.wingman.security.RefusedException;
import dev.wingman.security.account.AuditLog;
import dev.wingman.security.account.AuditLog.Entry;
import dev.wingman.security.account.AuditLog.Origin;
import dev.wingman.security.policy.Policy.Action;
import dev.wingman.security.policy.Policy.Effect;
import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.DatabaseException;
import dev.wingman.storage.sql.Row;
import dev.wingman.storage.sql.Transaction;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The policies in the database, with a copy in memory that requests are judged by.
 *
 * <p>Thread-safe. All but {@link #present} blocks on the database.
 */
public final class PolicyStore {
    /** Each is looked at for each request. */
    public static final int MAX_POLICIES = 1000;

    private static final Logger LOG = Logger.getLogger(PolicyStore.class);
    private static final String COLUMNS = "id, map_pattern, action, effect";
    private static final Pattern ID = Pattern.compile(Policy.ID);

    private final Database database;
    private final AuditLog audit;
    private final InstantSource clock;
    private final Set<String> exempt;
    private final Runnable changed;
    private volatile Policies present;

    /**
     * @param exempt subjects to which policies do not apply
     * @param changed runs after {@link #present} has changed; does not block
     */
    public PolicyStore(
            Database database,
            AuditLog audit,
            InstantSource clock,
            Set<String> exempt,
            Runnable changed) {
        this.database = database;
        this.audit = audit;
        this.clock = clock;
        this.exempt = exempt;
        this.changed = changed;
        this.present = read();
    }

    public Policies present() {
        return present;
    }

    /**
     * Adds a policy. It counts from the {@link #refresh} that follows the commit.
     *
     * @param actor who does it, for the audit
     * @throws RefusedException when there is one with its id, or too many
     */
    public void add(Transaction tx, Policy policy, String actor, Origin origin) {
        tx.update(
                """
                INSERT INTO policies_in_force (since)
                SELECT ? WHERE NOT EXISTS (SELECT 1 FROM policies_in_force)
                """,
                clock.instant());
        if (tx.number("SELECT count(*) FROM policies") >= MAX_POLICIES) {
            throw new RefusedException(
                    RefusedException.Kind.CONFLICT,
                    "too_many_policies",
                    "there can be " + MAX_POLICIES + " policies: delete one first");
        }
        int added =
                tx.update(
                        """
                        INSERT INTO policies (id, map_pattern, action, effect, created_at)
                        VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                        """,
                        policy.id(),
                        policy.maps().value(),
                        policy.action().text(),
                        policy.effect().text(),
                        clock.instant());
        if (added == 0) {
            throw new RefusedException(
                    RefusedException.Kind.CONFLICT,
                    "policy_exists",
                    "there is a policy with this id: delete it first, or leave the id out");
        }
        audit.add(tx, origin, new Entry(actor, "create_policy", policy.id(), "ok"));
    }

    /**
     * Deletes a policy, which counts no more when this returns.
     *
     * @param id may be any text
     * @throws RefusedException when there is none
     */
    public void remove(String id, String actor, Origin origin) {
        database.write(tx -> {
            if (!isId(id) || tx.update("DELETE FROM policies WHERE id = ?", id) == 0) {
                throw RefusedException.absent("policy");
            }
            audit.add(tx, origin, new Entry(actor, "delete_policy", id, "ok"));
            return id;
        });
        refresh();
    }

    /** By their ids, beginning behind {@code after}. */
    public List<Policy> list(int limit, @Nullable String after) {
        return database.read(tx ->
                tx.list(
                        PolicyStore::policy,
                        "SELECT " + COLUMNS + " FROM policies WHERE id > ? ORDER BY id LIMIT ?",
                        after == null ? "" : after,
                        limit));
    }

    /** The policy with the id, which may be any text. */
    public Optional<Policy> find(String id) {
        return isId(id)
                ? database.read(tx ->
                        tx.first(
                                PolicyStore::policy,
                                "SELECT " + COLUMNS + " FROM policies WHERE id = ?",
                                id))
                : Optional.empty();
    }

    /** Not every text can be said to the database: PostgreSQL has no NUL in its own. */
    private static boolean isId(String text) {
        return ID.matcher(text).matches();
    }

    /** Takes over what another node has changed; keeps what is known while the database is away. */
    public void refreshIfPossible() {
        try {
            refresh();
        } catch (DatabaseException away) { // whoever carries events has said so
            LOG.debugf("policies not read again error=%s", away.getMessage());
        }
    }

    /** Takes over what has changed. */
    public synchronized void refresh() {
        Policies next = read();
        if (!next.equals(present)) {
            present = next;
            changed.run();
        }
    }

    private Policies read() {
        return database.read(tx ->
                new Policies(
                        tx.number("SELECT count(*) FROM policies_in_force") > 0,
                        tx.list(
                                PolicyStore::policy,
                                "SELECT " + COLUMNS + " FROM policies ORDER BY id"),
                        exempt));
    }

    private static Policy policy(Row row) throws SQLException {
        return new Policy(
                row.text("id"),
                new MapPattern(row.text("map_pattern")),
                Action.valueOf(row.text("action").toUpperCase(Locale.ROOT)),
                Effect.valueOf(row.text("effect").toUpperCase(Locale.ROOT)));
    }
}
