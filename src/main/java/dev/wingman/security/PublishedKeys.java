package dev.wingman.security;

import java.io.IOException;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import org.jboss.logging.Logger;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * The keys that another issuer publishes as a JWK set (RFC 7517). Tokens are checked with what was
 * read last and never wait for the issuer: an unknown key has the set read again in the background,
 * so that a token with a fresh key is good at the next try.
 *
 * <p>Thread-safe.
 */
public final class PublishedKeys implements TokenKeys {
    /** Keys are withdrawn, too: the set is read again after this, even if all are known. */
    private static final Duration KEPT = Duration.ofMinutes(5);

    /** Whoever sends nonsense must not have us bother the issuer. */
    private static final Duration PAUSE = Duration.ofSeconds(10);

    private static final String P_256 = "P-256";

    private static final Logger LOG = Logger.getLogger(PublishedKeys.class);

    private final Source source;
    private final Executor background;
    private final InstantSource clock;
    private volatile State state = new State(List.of(), Instant.MIN, true);

    /** Where the set is. */
    @FunctionalInterface
    public interface Source {
        /** The set as JSON; blocks. */
        String read() throws IOException, InterruptedException;
    }

    /** What is known; replaced as a whole. */
    private record State(List<PublicJsonWebKey> keys, Instant askedAt, boolean succeeded) {}

    public PublishedKeys(Source source, Executor background, InstantSource clock) {
        this.source = source;
        this.background = background;
        this.clock = clock;
    }

    /**
     * The key for a token.
     *
     * @param keyId as the token names it; null when it names none, which is enough where only one
     *     key has the algorithm
     * @param algorithm of the token: RS256 or ES256
     */
    public @Nullable Key find(@Nullable String keyId, String algorithm) {
        State present = state;
        List<Key> fitting =
                present.keys().stream()
                        .filter(key -> keyId == null || keyId.equals(key.getKeyId()))
                        .filter(key -> TokenKey.algorithmOf(key.getPublicKey()).equals(algorithm))
                        .map(JsonWebKey::getKey)
                        .toList();
        Key found = fitting.size() == 1 ? fitting.getFirst() : null;
        Duration age = found == null ? PAUSE : KEPT;
        Instant oldest = clock.instant().minus(age);
        if (present.askedAt().isBefore(oldest)) {
            readSoon(oldest);
        }
        return found;
    }

    /** Reads the set before the first token comes. */
    public void begin() {
        readSoon(clock.instant());
    }

    private synchronized void readSoon(Instant oldest) {
        State present = state;
        if (present.askedAt().isBefore(oldest)) { // else another thread was faster
            state = new State(present.keys(), clock.instant(), present.succeeded());
            background.execute(this::read);
        }
    }

    @SuppressWarnings("IllegalCatch") // what others publish may break the library in any way
    private void read() {
        try {
            replace(usable(source.read()));
        } catch (IOException | JoseException | RuntimeException e) {
            failed(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void replace(List<PublicJsonWebKey> keys) {
        if (keys.isEmpty()) {
            failed(new IOException("the set has no key that signs"));
            return;
        }
        if (!state.succeeded() || state.keys().isEmpty()) {
            LOG.infof("the keys of the token issuer are here keys=%d", keys.size());
        }
        state = new State(keys, state.askedAt(), true);
    }

    /** The keys that were known stay good: the issuer may be back soon. */
    private synchronized void failed(Exception failure) {
        if (state.succeeded()) {
            LOG.warnf(
                    "the keys of the token issuer cannot be read error=%s: check"
                            + " wingman.security.jwt.jwks-url",
                    failure);
        }
        state = new State(state.keys(), state.askedAt(), false);
    }

    /** Without keys for other purposes, of other kinds, and those that are too short. */
    private static List<PublicJsonWebKey> usable(String json) throws JoseException {
        return new JsonWebKeySet(json)
                .getJsonWebKeys().stream()
                        .filter(key -> key.getUse() == null || key.getUse().equals("sig"))
                        .filter(PublishedKeys::isStrong)
                        .map(PublicJsonWebKey.class::cast)
                        .toList();
    }

    private static boolean isStrong(JsonWebKey key) {
        return switch (key) {
            case RsaJsonWebKey rsa ->
                    rsa.getRsaPublicKey().getModulus().bitLength() >= TokenKey.MIN_RSA_BITS;
            case EllipticCurveJsonWebKey curve -> P_256.equals(curve.getCurveName());
            default -> false; // a type of the library: secrets and kinds that are not for us
        };
    }
}
