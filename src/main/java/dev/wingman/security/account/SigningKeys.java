package dev.wingman.security.account;

import dev.wingman.security.account.TokenIssuer.Signer;
import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.DatabaseException;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;

/**
 * The key pair that signs tokens when the configuration names none: made at the first start and
 * kept in the database, so that tokens outlive a restart and every node accepts them.
 */
public final class SigningKeys {
    private static final String CURRENT = "current";

    private final Database database;
    private final InstantSource clock;

    public SigningKeys(Database database, InstantSource clock) {
        this.database = database;
        this.clock = clock;
    }

    /** The stored pair, or a new one that is stored then. */
    public Signer.KeyPair loadOrGenerate() {
        return stored().orElseGet(this::generate);
    }

    private Optional<Signer.KeyPair> stored() {
        return database.read(tx ->
                tx.first(
                        row -> Signer.KeyPair.of(row.text("jwk")),
                        "SELECT jwk FROM signing_keys WHERE name = ?",
                        CURRENT));
    }

    private Signer.KeyPair generate() {
        var pair = Signer.KeyPair.generate(UUID.randomUUID().toString());
        try {
            return database.write(tx -> {
                tx.update(
                        "INSERT INTO signing_keys (name, jwk, created_at) VALUES (?, ?, ?)",
                        CURRENT,
                        pair.toJson(),
                        clock.instant());
                return pair;
            });
        } catch (DatabaseException e) {
            if (e.problem() != DatabaseException.Problem.DUPLICATE) {
                throw e;
            }
            return stored().orElseThrow(() -> e); // another node was faster
        }
    }
}
