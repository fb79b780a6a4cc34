package dev.wingman.security;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens count; the keys {@code wingman.security.jwt.*}.
 *
 * @param secret shared with whoever issues tokens
 * @param issuer demanded in {@code iss} unless null
 * @param audience demanded in {@code aud} unless null
 * @param leeway by which the clock of the issuer may differ from ours
 */
public record TokenConfig(
        String secret, @Nullable String issuer, @Nullable String audience, Duration leeway) {
    /** A key shorter than the hash weakens the signature (RFC 7518, section 3.2). */
    public static final int MIN_SECRET_BYTES = 32;

    public static final Duration DEFAULT_LEEWAY = Duration.ofSeconds(60);

    public TokenConfig {
        // Everybody knows a public key: as an HMAC secret it would let everybody sign.
        if (secret.strip().startsWith("-----BEGIN")) {
            throw new IllegalArgumentException(
                    "wingman.security.jwt.secret is a PEM key, but HS256 needs a shared secret");
        }
        int bytes = secret.getBytes(StandardCharsets.UTF_8).length;
        if (bytes < MIN_SECRET_BYTES) {
            throw new IllegalArgumentException(
                    "wingman.security.jwt.secret must have at least "
                            + MIN_SECRET_BYTES
                            + " bytes, has "
                            + bytes);
        }
        if (leeway.isNegative()) {
            throw new IllegalArgumentException(
                    "wingman.security.jwt.leeway must not be negative, is " + leeway);
        }
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "TokenConfig[issuer=%s, audience=%s, leeway=%s]".formatted(issuer, audience, leeway);
    }
}
