package dev.wingman.security;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Which tokens count; the keys {@code wingman.security.jwt.*}.
 *
 * @param keys whose signature counts
 * @param issuer demanded in {@code iss} unless null
 * @param audience demanded in {@code aud} unless null
 * @param leeway by which the clock of the issuer may differ from ours
 * @param foreign whether the issuer is another than the REST API
 */
public record TokenConfig(
        TokenKeys keys,
        @Nullable String issuer,
        @Nullable String audience,
        Duration leeway,
        boolean foreign) {
    public static final Duration DEFAULT_LEEWAY = Duration.ofSeconds(60);

    public TokenConfig {
        if (leeway.isNegative()) {
            throw new IllegalArgumentException(
                    "wingman.security.jwt.leeway must not be negative, is " + leeway);
        }
    }

    /** Of our own issuer. */
    public TokenConfig(
            TokenKeys keys, @Nullable String issuer, @Nullable String audience, Duration leeway) {
        this(keys, issuer, audience, leeway, false);
    }

    /** For HS256. */
    public TokenConfig(
            String secret, @Nullable String issuer, @Nullable String audience, Duration leeway) {
        this(new TokenKey.Shared(secret), issuer, audience, leeway);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return "TokenConfig[issuer=%s, audience=%s, leeway=%s]".formatted(issuer, audience, leeway);
    }
}
