package dev.wingman.security.account;

import dev.wingman.storage.sql.Row;
import dev.wingman.storage.sql.Transaction;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The rows of accounts. Thread-safe. */
final class UserTable {
    private static final String COLUMNS =
            "id, email, name, roles, disabled, version, created_at, updated_at";

    /** The hash of somebody's password. */
    record Secret(UUID id, String hash) {
        /** Without the hash. */
        @Override
        public String toString() {
            return "Secret[" + id + "]";
        }
    }

    UserTable() {}

    void insert(Transaction tx, User user, String hash) {
        tx.update(
                """
                INSERT INTO users (id, email, name, password_hash, roles, disabled, version,
                                   created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                user.id(),
                user.email(),
                user.name(),
                hash,
                stored(user.roles()),
                user.disabled(),
                user.version(),
                user.createdAt(),
                user.updatedAt());
    }

    Optional<User> find(Transaction tx, UUID id) {
        return tx.first(UserTable::user, "SELECT " + COLUMNS + " FROM users WHERE id = ?", id);
    }

    Optional<User> lock(Transaction tx, UUID id) {
        return tx.first(
                UserTable::user,
                "SELECT " + COLUMNS + " FROM users WHERE id = ?" + tx.dialect().forUpdate(),
                id);
    }

    Optional<Secret> secretOf(Transaction tx, String email) {
        return tx.first(
                row -> new Secret(row.id("id"), row.text("password_hash")),
                "SELECT id, password_hash FROM users WHERE email = ?",
                email);
    }

    Optional<String> hashOf(Transaction tx, UUID id) {
        return tx.first(
                row -> row.text("password_hash"),
                "SELECT password_hash FROM users WHERE id = ?",
                id);
    }

    void setHash(Transaction tx, UUID id, String hash, Instant now) {
        tx.update(
                """
                UPDATE users SET password_hash = ?, version = version + 1, updated_at = ?
                WHERE id = ?
                """,
                hash,
                now,
                id);
    }

    /** The same password under another cost; unless it was changed meanwhile. */
    void renewHash(Transaction tx, UUID id, String before, String after) {
        tx.update(
                "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
                after,
                id,
                before);
    }

    User setRights(Transaction tx, User before, Set<Role> roles, boolean disabled, Instant now) {
        tx.update(
                """
                UPDATE users SET roles = ?, disabled = ?, version = ?, updated_at = ?
                WHERE id = ?
                """,
                stored(roles),
                disabled,
                before.version() + 1,
                now,
                before.id());
        return new User(
                before.id(),
                before.email(),
                before.name(),
                roles,
                disabled,
                before.version() + 1,
                before.createdAt(),
                now);
    }

    void delete(Transaction tx, UUID id) {
        tx.update("DELETE FROM users WHERE id = ?", id);
    }

    /** Holds them all, so that two last administrators cannot leave at the same time. */
    int countAdmins(Transaction tx) {
        return tx.list(
                        row -> row.id("id"),
                        "SELECT id FROM users WHERE NOT disabled AND "
                                + tx.dialect().contains("roles")
                                + tx.dialect().forUpdate(),
                        Role.ADMIN.text())
                .size();
    }

    List<User> list(Transaction tx, int limit, @Nullable UUID after) {
        return tx.list(
                UserTable::user,
                "SELECT " + COLUMNS + " FROM users WHERE id > ? ORDER BY id LIMIT ?",
                after == null ? new UUID(0, 0) : after,
                limit);
    }

    private static String stored(Set<Role> roles) {
        return String.join(",", Role.texts(roles));
    }

    private static User user(Row row) throws SQLException {
        return new User(
                row.id("id"),
                row.text("email"),
                row.textOrNull("name"),
                Role.among(List.of(row.text("roles").split(",", -1))),
                row.flag("disabled"),
                row.number("version"),
                row.time("created_at"),
                row.time("updated_at"));
    }
}
