package dev.wingman.security.account;

import dev.wingman.storage.sql.Transaction;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.UUID;
import java.util.random.RandomGenerator;

/**
 * Secrets that stand for a login: each is good once and makes the next. Only hashes are stored.
 *
 * <p>Thread-safe if the random generator is.
 */
public final class RefreshTokens {
    /** From the time it is given out. */
    public static final Duration LIFETIME = Duration.ofDays(30);

    private static final int BYTES = 32;

    private final RandomGenerator random;
    private final InstantSource clock;

    /** What came of showing a token. */
    sealed interface Use {
        record Rotated(UUID user, String next) implements Use {
            /** Without the token. */
            @Override
            public String toString() {
                return "Rotated[" + user + "]";
            }
        }

        /** Two have it: which one is the thief, nobody knows. The family has ended. */
        record Reused(UUID user) implements Use {}

        record Unknown() implements Use {}
    }

    private record Stored(UUID family, UUID user, boolean used) {}

    /**
     * @param random must be unpredictable
     */
    public RefreshTokens(RandomGenerator random, InstantSource clock) {
        this.random = random;
        this.clock = clock;
    }

    /** The first of a family. */
    String begin(Transaction tx, UUID user) {
        tx.update("DELETE FROM refresh_tokens WHERE expires_at < ?", clock.instant());
        return add(tx, new UUID(random.nextLong(), random.nextLong()), user);
    }

    private String add(Transaction tx, UUID family, UUID user) {
        var bytes = new byte[BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        tx.update(
                """
                INSERT INTO refresh_tokens (hash, family, user_id, used, expires_at)
                VALUES (?, ?, ?, ?, ?)
                """,
                hash(token),
                family,
                user,
                false,
                clock.instant().plus(LIFETIME));
        return token;
    }

    Use use(Transaction tx, String token) {
        Optional<Stored> found = find(tx, token);
        if (found.isEmpty()) {
            return new Use.Unknown();
        }
        Stored stored = found.get();
        if (stored.used()) {
            endFamily(tx, stored.family());
            return new Use.Reused(stored.user());
        }
        tx.update("UPDATE refresh_tokens SET used = ? WHERE hash = ?", true, hash(token));
        return new Use.Rotated(stored.user(), add(tx, stored.family(), stored.user()));
    }

    private Optional<Stored> find(Transaction tx, String token) {
        return tx.first(
                row -> new Stored(row.id("family"), row.id("user_id"), row.flag("used")),
                """
                SELECT family, user_id, used FROM refresh_tokens
                WHERE hash = ? AND expires_at > ?
                """
                        + tx.dialect().forUpdate(),
                hash(token),
                clock.instant());
    }

    /**
     * @return whose it was
     */
    Optional<UUID> endFamily(Transaction tx, String token) {
        Optional<Stored> found = find(tx, token);
        found.ifPresent(stored -> endFamily(tx, stored.family()));
        return found.map(Stored::user);
    }

    private static void endFamily(Transaction tx, UUID family) {
        tx.update("DELETE FROM refresh_tokens WHERE family = ?", family);
    }

    void endAll(Transaction tx, UUID user) {
        tx.update("DELETE FROM refresh_tokens WHERE user_id = ?", user);
    }

    private static String hash(String token) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(token.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }
}
