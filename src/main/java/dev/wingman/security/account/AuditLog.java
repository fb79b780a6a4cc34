package dev.wingman.security.account;

import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.TimeOrderedIds;
import dev.wingman.storage.sql.Transaction;
import java.time.InstantSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Who did what to whom, and whether they could: one row that is never changed and one log line for
 * each. Neither has passwords, tokens, bodies or addresses of mail.
 *
 * <p>Thread-safe.
 */
public final class AuditLog {
    private static final Logger LOG = Logger.getLogger("dev.wingman.audit");

    private final Database database;
    private final TimeOrderedIds ids;
    private final InstantSource clock;

    /** Where a request came from. */
    public record Origin(@Nullable String address, @Nullable String requestId) {
        /** The server itself. */
        public static final Origin SERVER = new Origin(null, null);
    }

    /**
     * @param actor id of the user; null when nobody is known
     * @param action such as {@code login}
     * @param target what it was done to; null when that is the actor
     * @param outcome {@code ok}, or why not
     */
    public record Entry(
            @Nullable String actor, String action, @Nullable String target, String outcome) {}

    public AuditLog(Database database, TimeOrderedIds ids, InstantSource clock) {
        this.database = database;
        this.ids = ids;
        this.clock = clock;
    }

    /** Together with what it tells of. */
    public void add(Transaction tx, Origin origin, Entry entry) {
        tx.update(
                """
                INSERT INTO audit (id, at, actor, action, target, outcome, address, request_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """,
                ids.next(),
                clock.instant(),
                entry.actor(),
                entry.action(),
                entry.target(),
                entry.outcome(),
                origin.address(),
                origin.requestId());
        tx.afterCommit(() -> log(origin, entry));
    }

    /** By itself: of something that was refused. */
    public void add(Origin origin, Entry entry) {
        database.write(tx -> {
            add(tx, origin, entry);
            return entry;
        });
    }

    private static void log(Origin origin, Entry entry) {
        LOG.infof(
                "audit action=%s actor=%s target=%s outcome=%s address=%s request=%s",
                entry.action(),
                entry.actor(),
                entry.target(),
                entry.outcome(),
                origin.address(),
                origin.requestId());
    }
}
