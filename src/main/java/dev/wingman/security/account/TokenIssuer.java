package dev.wingman.security.account;

import dev.wingman.security.Principal;
import dev.wingman.security.TokenConfig;
import dev.wingman.security.TokenKey;
import dev.wingman.security.TokenVerifier;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/** Makes the access tokens of logins. Thread-safe. */
public final class TokenIssuer {
    /** How long an access token is good; what a person may do changes at the latest after it. */
    public static final Duration LIFETIME = Duration.ofMinutes(15);

    /** {@code iss} and {@code aud} of tokens where the configuration names none. */
    public static final String DEFAULT_NAME = "wingman";

    private final Signer signer;
    private final String issuer;
    private final String audience;
    private final InstantSource clock;

    /** Signs with one key and one algorithm. */
    public sealed interface Signer {
        TokenKey verifier();

        record Secret(TokenKey.Shared verifier) implements Signer {}

        /** A key pair of our own. */
        record KeyPair(EllipticCurveJsonWebKey pair) implements Signer {
            /** A new pair for ES256. Takes randomness from the platform. */
            public static KeyPair generate(String keyId) {
                try {
                    EllipticCurveJsonWebKey pair = EcJwkGenerator.generateJwk(EllipticCurves.P256);
                    pair.setKeyId(keyId);
                    pair.setUse("sig");
                    pair.setAlgorithm("ES256");
                    return new KeyPair(pair);
                } catch (JoseException e) {
                    throw new IllegalStateException("every Java platform has P-256", e);
                }
            }

            /**
             * @param json as {@link #toJson} made it
             */
            static KeyPair of(String json) {
                try {
                    return new KeyPair(
                            (EllipticCurveJsonWebKey) PublicJsonWebKey.Factory.newPublicJwk(json));
                } catch (JoseException e) {
                    throw new IllegalStateException("the stored signing key is damaged", e);
                }
            }

            /** With the private half. */
            String toJson() {
                return pair.toJson(OutputControlLevel.INCLUDE_PRIVATE);
            }

            /** As others may see it. */
            String toPublicJson() {
                return pair.toJson(OutputControlLevel.PUBLIC_ONLY);
            }

            @Override
            public TokenKey verifier() {
                return new TokenKey.EllipticCurve(pair.getPublicKey());
            }

            /** Without the private half. */
            @Override
            public String toString() {
                return "KeyPair[" + pair.getKeyId() + "]";
            }
        }
    }

    public TokenIssuer(
            Signer signer,
            @Nullable String issuer,
            @Nullable String audience,
            InstantSource clock) {
        this.signer = signer;
        this.issuer = issuer == null ? DEFAULT_NAME : issuer;
        this.audience = audience == null ? DEFAULT_NAME : audience;
        this.clock = clock;
    }

    /** A token that tells who the user is and what they may do. */
    String issue(User user, UUID tokenId) {
        JwtClaims claims = claims(tokenId, clock.instant().plus(LIFETIME));
        claims.setSubject(user.id().toString());
        claims.setStringListClaim("roles", List.copyOf(Role.texts(user.roles())));
        return signed(claims);
    }

    /**
     * A token for somebody whom another issuer knows, who stays a stranger with it: whatever the
     * subject looks like, it is no account of ours.
     *
     * @param end at most {@link #LIFETIME} from now
     */
    public String issueForeign(Principal stranger, Instant end, UUID tokenId) {
        JwtClaims claims = claims(tokenId, end);
        claims.setSubject(stranger.subject());
        claims.setStringListClaim("roles", List.copyOf(stranger.roles()));
        claims.setClaim(TokenVerifier.FOREIGN, true);
        return signed(claims);
    }

    /** When a token ends that is made from another one, in whole seconds. */
    public static Instant end(Instant now, Instant endOfOther) {
        Instant usual = now.plus(LIFETIME);
        return (endOfOther.isBefore(usual) ? endOfOther : usual).truncatedTo(ChronoUnit.SECONDS);
    }

    private JwtClaims claims(UUID tokenId, Instant end) {
        var claims = new JwtClaims();
        claims.setIssuer(issuer);
        claims.setAudience(audience);
        claims.setIssuedAt(NumericDate.fromSeconds(clock.instant().getEpochSecond()));
        claims.setExpirationTime(NumericDate.fromSeconds(end.getEpochSecond()));
        claims.setJwtId(tokenId.toString());
        return claims;
    }

    private String signed(JwtClaims claims) {
        var token = new JsonWebSignature();
        token.setPayload(claims.toJson());
        token.setAlgorithmHeaderValue(signer.verifier().algorithm());
        switch (signer) {
            case Signer.Secret(var secret) -> token.setKey(secret.key());
            case Signer.KeyPair(var pair) -> {
                token.setKey(pair.getPrivateKey());
                token.setKeyIdHeaderValue(pair.getKeyId());
            }
        }
        try {
            return token.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException("a token cannot be signed", e);
        }
    }

    /** What our own tokens are checked with. */
    public TokenConfig trust(Duration leeway) {
        return new TokenConfig(signer.verifier(), issuer, audience, leeway);
    }

    /** The public keys as a JWK set (RFC 7517); empty when tokens are signed with a secret. */
    public String publicKeys() {
        return switch (signer) {
            case Signer.Secret _ -> "{\"keys\":[]}";
            case Signer.KeyPair own -> "{\"keys\":[" + own.toPublicJson() + "]}";
        };
    }
}
