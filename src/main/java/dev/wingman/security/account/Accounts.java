package dev.wingman.security.account;

import static dev.wingman.security.RefusedException.Kind.CONFLICT;
import static dev.wingman.security.RefusedException.Kind.FORBIDDEN;
import static dev.wingman.security.RefusedException.Kind.UNAUTHENTICATED;

import dev.wingman.security.RefusedException;
import dev.wingman.security.account.AuditLog.Entry;
import dev.wingman.security.account.AuditLog.Origin;
import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.DatabaseException;
import dev.wingman.storage.sql.TimeOrderedIds;
import dev.wingman.storage.sql.Transaction;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Registering, logging in and out, and what administrators do to accounts.
 *
 * <p>Thread-safe. Blocks on the database; what takes a password also takes the time and memory of a
 * hash.
 */
public final class Accounts {
    private final Database database;
    private final Passwords passwords;
    private final TokenIssuer tokens;
    private final RefreshTokens refreshTokens;
    private final Revocations revocations;
    private final UserTable users = new UserTable();
    private final AuditLog audit;
    private final TimeOrderedIds ids;
    private final Changes changes;
    private final InstantSource clock;

    /** What accounts are made of. */
    public record Parts(
            Database database,
            Passwords passwords,
            TokenIssuer tokens,
            RefreshTokens refreshTokens,
            Revocations revocations,
            AuditLog audit,
            TimeOrderedIds ids,
            Changes changes,
            InstantSource clock) {}

    /** Told of changes that one user made to another one, within their transaction. */
    @FunctionalInterface
    public interface Changes {
        void changed(Transaction tx, User before, User after, UUID actor);
    }

    /** What a login hands out. */
    public record Session(String accessToken, String refreshToken, User user) {
        /** Without the tokens. */
        @Override
        public String toString() {
            return "Session[" + user + "]";
        }
    }

    /**
     * What an administrator changes of a user; null leaves it as it is.
     *
     * @param expectedVersion null for any
     */
    public record Change(
            @Nullable Set<Role> roles,
            @Nullable Boolean disabled,
            @Nullable Long expectedVersion) {}

    public Accounts(Parts parts) {
        this.database = parts.database();
        this.passwords = parts.passwords();
        this.tokens = parts.tokens();
        this.refreshTokens = parts.refreshTokens();
        this.revocations = parts.revocations();
        this.audit = parts.audit();
        this.ids = parts.ids();
        this.changes = parts.changes();
        this.clock = parts.clock();
    }

    /** The form in which addresses are compared. */
    static String normalized(String email) {
        return email.strip().toLowerCase(Locale.ROOT);
    }

    public User register(String email, String password, @Nullable String name, Origin origin) {
        String hash = passwords.hash(password);
        return add(newUser(email, name, Set.of(Role.USER)), hash, origin);
    }

    private User newUser(String email, @Nullable String name, Set<Role> roles) {
        Instant now = now();
        return new User(ids.next(), normalized(email), name, roles, false, 1, now, now);
    }

    private User add(User user, String hash, Origin origin) {
        try {
            return database.write(tx -> {
                users.insert(tx, user, hash);
                String id = user.id().toString();
                audit.add(tx, origin, new Entry(id, "register", null, "ok"));
                return user;
            });
        } catch (DatabaseException e) {
            if (e.problem() == DatabaseException.Problem.DUPLICATE) {
                throw new RefusedException(
                        CONFLICT, "email_taken", "there is an account with this email");
            }
            throw e;
        }
    }

    /**
     * Makes the first administrator when there are no users at all.
     *
     * @param hash gives what is stored of the password; asked only for when it is needed
     */
    public Optional<User> bootstrap(String email, Supplier<String> hash) {
        boolean isEmpty = database.read(tx -> tx.number("SELECT count(*) FROM users")) == 0;
        if (!isEmpty) {
            return Optional.empty();
        }
        User admin = newUser(email, null, Set.of(Role.ADMIN, Role.USER));
        return Optional.of(add(admin, hash.get(), Origin.SERVER));
    }

    /** Gives out tokens. Every attempt takes as long as one hash of today's cost, or longer. */
    public Session login(String email, String password, Origin origin) {
        Optional<UserTable.Secret> found =
                database.read(tx -> users.secretOf(tx, normalized(email)));
        // An unknown user costs the same time as a wrong password.
        String hash = found.map(UserTable.Secret::hash).orElse(passwords.hashOfNobody());
        boolean matches = passwords.matches(password, hash);
        // Also when the password is wrong: a cheap hash would tell by its time that it is there.
        String renewed = passwords.isOutdated(hash) ? passwords.hash(password) : null;
        if (found.isEmpty() || !matches) {
            String target = found.map(secret -> secret.id().toString()).orElse(null);
            audit.add(origin, new Entry(null, "login", target, "wrong_credentials"));
            throw new RefusedException(
                    UNAUTHENTICATED, "wrong_credentials", "the email or the password is wrong");
        }
        return database.write(tx -> {
            User user = enabled(tx, found.get().id());
            if (renewed != null) {
                users.renewHash(tx, user.id(), hash, renewed);
            }
            audit.add(tx, origin, new Entry(user.id().toString(), "login", null, "ok"));
            return session(user, refreshTokens.begin(tx, user.id()));
        });
    }

    private User enabled(Transaction tx, UUID id) {
        User user =
                users.find(tx, id)
                        .orElseThrow(() ->
                                new RefusedException(
                                        UNAUTHENTICATED,
                                        "account_gone",
                                        "the account does not exist any more"));
        if (user.disabled()) {
            throw new RefusedException(FORBIDDEN, "account_disabled", "the account is disabled");
        }
        return user;
    }

    private Session session(User user, String refreshToken) {
        return new Session(tokens.issue(user, ids.next()), refreshToken, user);
    }

    /** Trades a refresh token for a new pair; a token shown twice ends its whole family. */
    public Session refresh(String refreshToken, Origin origin) {
        var outcome =
                database.write(tx -> {
                    var use = refreshTokens.use(tx, refreshToken);
                    if (use instanceof RefreshTokens.Use.Reused(UUID owner)) {
                        audit.add(
                                tx,
                                origin,
                                new Entry(owner.toString(), "refresh", null, "token_reused"));
                    }
                    return use instanceof RefreshTokens.Use.Rotated(UUID owner, var next)
                            ? Optional.of(session(enabled(tx, owner), next))
                            : Optional.<Session>empty();
                });
        return outcome.orElseThrow(() ->
                new RefusedException(
                        UNAUTHENTICATED,
                        "invalid_refresh_token",
                        "the refresh token is unknown, expired or used: log in again"));
    }

    /** Ends the family of the token; an unknown one has ended already. */
    public void logout(String refreshToken, Origin origin) {
        database.write(tx -> {
            Optional<UUID> owner = refreshTokens.endFamily(tx, refreshToken);
            owner.ifPresent(
                    id -> audit.add(tx, origin, new Entry(id.toString(), "logout", null, "ok")));
            return owner;
        });
    }

    /** The account as it is now: disabled and deleted ones are refused at once. */
    public User current(UUID id) {
        return database.read(tx -> enabled(tx, id));
    }

    public void changePassword(UUID id, String current, String next, Origin origin) {
        String hash =
                database.read(tx -> users.hashOf(tx, id))
                        .orElseThrow(() -> RefusedException.absent("account"));
        if (!passwords.matches(current, hash)) {
            audit.add(origin, new Entry(id.toString(), "change_password", null, "wrong_password"));
            throw new RefusedException(
                    FORBIDDEN, "wrong_password", "the current password is wrong");
        }
        String fresh = passwords.hash(next);
        database.write(tx -> {
            users.setHash(tx, id, fresh, now());
            refreshTokens.endAll(tx, id);
            audit.add(tx, origin, new Entry(id.toString(), "change_password", null, "ok"));
            return id;
        });
    }

    /**
     * Deletes the account; the missions stay for administrators. Its tokens are refused when this
     * returns, unless the database has gone away just then: as soon as it can be read again.
     *
     * @param expectedVersion null for any
     */
    public void delete(UUID id, @Nullable Long expectedVersion, Origin origin) {
        database.write(tx -> {
            User user = users.lock(tx, id).orElseThrow(() -> RefusedException.absent("account"));
            if (expectedVersion != null && expectedVersion != user.version()) {
                throw RefusedException.stale(user.version());
            }
            requireAnotherAdmin(tx, user);
            users.delete(tx, id);
            revocations.add(tx, id, Revocations.Cause.DELETED);
            audit.add(tx, origin, new Entry(id.toString(), "delete_account", null, "ok"));
            return id;
        });
        revocations.refreshIfPossible();
    }

    /**
     * Oldest first.
     *
     * @param after the last user of the page before; null for the first page
     */
    public List<User> list(int limit, @Nullable UUID after) {
        return database.read(tx -> users.list(tx, limit, after));
    }

    public User get(UUID id) {
        return database.read(tx -> users.find(tx, id))
                .orElseThrow(() -> RefusedException.absent("user"));
    }

    /**
     * Changes roles and whether the account may be used; its tokens count or not when this returns,
     * as with {@link #delete}.
     */
    public User change(UUID id, Change change, Caller by, Origin origin) {
        User changed = database.write(tx -> changed(tx, id, change, by, origin));
        revocations.refreshIfPossible();
        return changed;
    }

    private User changed(Transaction tx, UUID id, Change change, Caller by, Origin origin) {
        User before = users.lock(tx, id).orElseThrow(() -> RefusedException.absent("user"));
        Long expected = change.expectedVersion();
        if (expected != null && expected != before.version()) {
            throw RefusedException.stale(before.version());
        }
        Set<Role> roles = change.roles() == null ? before.roles() : change.roles();
        boolean disabled = change.disabled() == null ? before.disabled() : change.disabled();
        if (before.roles().equals(roles) && before.disabled() == disabled) {
            return before;
        }
        if (disabled || !roles.contains(Role.ADMIN)) {
            requireAnotherAdmin(tx, before);
        }
        User after = users.setRights(tx, before, roles, disabled, now());
        setUsable(tx, id, !disabled);
        if (!by.id().equals(id)) {
            changes.changed(tx, before, after, by.id());
        }
        String what = "roles=" + Role.texts(roles) + " disabled=" + disabled;
        audit.add(tx, origin, new Entry(by.id().toString(), "change_user", id + " " + what, "ok"));
        return after;
    }

    private void setUsable(Transaction tx, UUID id, boolean isUsable) {
        if (isUsable) {
            revocations.remove(tx, id);
        } else {
            refreshTokens.endAll(tx, id);
            revocations.add(tx, id, Revocations.Cause.DISABLED);
        }
    }

    /** Somebody has to be left who can change roles. */
    private void requireAnotherAdmin(Transaction tx, User leaving) {
        if (leaving.roles().contains(Role.ADMIN)
                && !leaving.disabled()
                && users.countAdmins(tx) == 1) {
            throw new RefusedException(
                    CONFLICT, "last_admin", "this is the last administrator: make another first");
        }
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
