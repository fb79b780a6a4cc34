package dev.wingman.security.account;

import dev.wingman.security.Principal;
import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.DatabaseException;
import dev.wingman.storage.sql.Row;
import dev.wingman.storage.sql.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Accounts that were disabled or deleted while access tokens of theirs may be good by themselves.
 * Whoever does not read the account for each request asks here: sockets and {@code POST /sync}.
 *
 * <p>They are in the database, where other nodes find them, with a copy in memory that is asked.
 * Each is forgotten when its last token has ended, so there are as many as accounts come to an end
 * in a quarter of an hour.
 *
 * <p>Thread-safe. All but {@link #cause} and {@link #covers} block on the database.
 */
public final class Revocations {
    private static final Logger LOG = Logger.getLogger(Revocations.class);

    /** For a login that is under way meanwhile, and a node whose clock is behind. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    private final Database database;
    private final Duration lifetime;
    private final InstantSource clock;
    private final Runnable changed;

    /** By the subject of their tokens. */
    private volatile Map<String, Cause> present;

    /** What became of an account. */
    public enum Cause {
        DISABLED("account disabled"),
        DELETED("account deleted");

        private final String text;

        Cause(String text) {
            this.text = text;
        }

        /** For people. */
        public String text() {
            return text;
        }
    }

    private record Revoked(String subject, Cause cause) {
        static Revoked of(Row row) throws SQLException {
            return new Revoked(
                    row.id("user_id").toString(),
                    row.flag("deleted") ? Cause.DELETED : Cause.DISABLED);
        }
    }

    /**
     * @param leeway for which tokens are good after their end
     * @param changed runs when other accounts are covered than before; does not block
     */
    public Revocations(Database database, Duration leeway, InstantSource clock, Runnable changed) {
        this.database = database;
        this.lifetime = TokenIssuer.LIFETIME.plus(leeway).plus(MARGIN);
        this.clock = clock;
        this.changed = changed;
        this.present = read();
    }

    /**
     * Why tokens of our own issuer do not count.
     *
     * @return null when they do
     */
    public @Nullable Cause cause(String subject) {
        return present.get(subject);
    }

    /** Whether the account of a token is gone. Those of other issuers have none. */
    public boolean covers(Principal who) {
        return !who.foreign() && cause(who.subject()) != null;
    }

    /** Counts from the {@link #refresh} that follows the commit. */
    void add(Transaction tx, UUID user, Cause cause) {
        Instant now = clock.instant();
        tx.update("DELETE FROM revocations WHERE forget_at <= ?", now);
        tx.update(
                """
                INSERT INTO revocations (user_id, deleted, forget_at) VALUES (?, ?, ?)
                ON CONFLICT (user_id)
                DO UPDATE SET deleted = excluded.deleted, forget_at = excluded.forget_at
                """,
                user,
                cause == Cause.DELETED,
                now.plus(lifetime));
    }

    /** The account may be used again. */
    void remove(Transaction tx, UUID user) {
        tx.update("DELETE FROM revocations WHERE user_id = ?", user);
    }

    /** As {@link #refresh}, but keeps what is known while the database is away. */
    public void refreshIfPossible() {
        try {
            refresh();
        } catch (DatabaseException away) { // whoever carries events has said so
            LOG.debugf("revocations not read again error=%s", away.getMessage());
        }
    }

    /** Takes over what has changed. */
    synchronized void refresh() {
        Map<String, Cause> next = read();
        if (!next.equals(present)) {
            present = next;
            changed.run();
        }
    }

    private Map<String, Cause> read() {
        return database
                .read(tx ->
                        tx.list(
                                Revoked::of,
                                "SELECT user_id, deleted FROM revocations WHERE forget_at > ?",
                                clock.instant()))
                .stream()
                .collect(Collectors.toUnmodifiableMap(Revoked::subject, Revoked::cause));
    }
}
