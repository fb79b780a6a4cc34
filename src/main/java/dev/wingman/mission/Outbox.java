package dev.wingman.mission;

import dev.wingman.security.account.Role;
import dev.wingman.security.account.User;
import dev.wingman.storage.sql.Row;
import dev.wingman.storage.sql.Transaction;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/**
 * Events as rows, written by the transaction that they tell of: a rollback takes them back, and a
 * crash loses none.
 *
 * <p>Thread-safe.
 */
public final class Outbox {
    private final Runnable committed;

    /**
     * @param committed called after each commit that added events; must not block
     */
    public Outbox(Runnable committed) {
        this.committed = committed;
    }

    /**
     * Takes the next id, which holds up all other writers of events until the commit.
     *
     * @param event its id is ignored
     */
    void add(Transaction tx, Event event) {
        long id = tx.number("UPDATE event_counter SET last = last + 1 RETURNING last");
        tx.update(
                """
                INSERT INTO events (id, type, at, owner_id, mission_id, spec_id, from_status,
                                    to_status, version, actor_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                id,
                event.type().text(),
                event.at(),
                event.ownerId(),
                event.missionId(),
                event.specId(),
                event.from(),
                event.to(),
                event.version(),
                event.actorId());
        tx.afterCommit(committed);
    }

    /** Tells somebody that their account was changed by somebody else. */
    public void accountChanged(Transaction tx, User before, User after, UUID actor) {
        add(
                tx,
                new Event(
                        0,
                        Event.Type.NOTIFICATION,
                        after.updatedAt(),
                        after.id(),
                        null,
                        null,
                        rights(before),
                        rights(after),
                        after.version(),
                        actor));
    }

    private static String rights(User user) {
        return user.disabled() ? "disabled" : String.join(",", Role.texts(user.roles()));
    }

    static long last(Transaction tx) {
        return tx.number("SELECT last FROM event_counter");
    }

    static List<Event> after(Transaction tx, long id, int limit) {
        return tx.list(
                Outbox::event, "SELECT * FROM events WHERE id > ? ORDER BY id LIMIT ?", id, limit);
    }

    static void forgetUpTo(Transaction tx, long id) {
        tx.update("DELETE FROM events WHERE id <= ?", id);
    }

    private static Event event(Row row) throws SQLException {
        return new Event(
                row.number("id"),
                Event.Type.of(row.text("type")),
                row.time("at"),
                row.id("owner_id"),
                row.idOrNull("mission_id"),
                row.idOrNull("spec_id"),
                row.textOrNull("from_status"),
                row.textOrNull("to_status"),
                row.numberOrNull("version"),
                row.idOrNull("actor_id"));
    }
}
