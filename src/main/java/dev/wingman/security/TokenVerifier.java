package dev.wingman.security;

import dev.wingman.security.TokenVerdict.Reason;
import dev.wingman.security.TokenVerdict.Rejected;
import dev.wingman.security.TokenVerdict.Verified;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.NumericDate;
import org.jose4j.jwt.consumer.AudValidator;
import org.jose4j.jwt.consumer.ErrorCodes;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.IssValidator;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.SubValidator;
import org.jose4j.lang.InvalidAlgorithmException;
import org.jose4j.lang.UnresolvableKeyException;
import org.jspecify.annotations.Nullable;

/**
 * Checks JSON Web Tokens. Nothing in a token chooses how it is checked: other algorithms are
 * refused before a key is used.
 *
 * <p>Thread-safe. Tokens and what the library says of them (it quotes them) are never logged.
 */
public final class TokenVerifier {
    /** Real tokens have a few hundred; more is not worth decoding. */
    static final int MAX_TOKEN_CHARS = 16 * 1024;

    /**
     * RFC 7515, 2: base64url without padding. The library drops other characters, so that one token
     * would have many forms.
     */
    private static final Pattern COMPACT = Pattern.compile("[A-Za-z0-9._-]+");

    private final List<Trust> trusted;
    private final InstantSource clock;

    /** A key and what its tokens must say. */
    private record Trust(JwtConsumer consumer, Duration leeway, boolean foreign) {}

    public TokenVerifier(TokenConfig config, InstantSource clock) {
        this(List.of(config), clock);
    }

    /**
     * @param trusted one or more, tried in this order
     */
    public TokenVerifier(List<TokenConfig> trusted, InstantSource clock) {
        this.trusted =
                trusted.stream()
                        .map(each -> new Trust(consumer(each), each.leeway(), each.foreign()))
                        .toList();
        this.clock = clock;
    }

    /**
     * The library checks signature and names; times are ours, because it has a clock of its own.
     */
    private static JwtConsumer consumer(TokenConfig config) {
        var builder =
                new JwtConsumerBuilder()
                        .setSkipAllDefaultValidators()
                        .registerValidator(new SubValidator(true));
        switch (config.keys()) {
            case TokenKey one ->
                    builder.setVerificationKey(one.key())
                            .setJwsAlgorithmConstraints(ConstraintType.PERMIT, one.algorithm());
            case PublishedKeys published ->
                    builder.setVerificationKeyResolver((token, _) -> key(published, token))
                            .setJwsAlgorithmConstraints(
                                    ConstraintType.PERMIT,
                                    AlgorithmIdentifiers.RSA_USING_SHA256,
                                    AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);
        }
        if (config.issuer() != null) {
            builder.registerValidator(new IssValidator(config.issuer(), true));
        }
        if (config.audience() != null) {
            builder.registerValidator(new AudValidator(Set.of(config.audience()), true));
        }
        return builder.build();
    }

    /** Asked before the algorithm is checked: for others than these there is no key. */
    private static Key key(PublishedKeys published, JsonWebSignature token)
            throws UnresolvableKeyException {
        Key key = published.find(token.getKeyIdHeaderValue(), token.getAlgorithmHeaderValue());
        if (key == null) {
            throw new UnresolvableKeyException("none of the published keys");
        }
        return key;
    }

    public TokenVerdict verify(String token) {
        if (token.length() > MAX_TOKEN_CHARS || !COMPACT.matcher(token).matches()) {
            return new Rejected(Reason.MALFORMED);
        }
        TokenVerdict verdict = verify(token, trusted.getFirst());
        for (Trust next : trusted.subList(1, trusted.size())) {
            if (verdict instanceof Verified) {
                return verdict;
            }
            verdict = verify(token, next);
        }
        return verdict;
    }

    private TokenVerdict verify(String token, Trust trust) {
        try {
            return verify(trust.consumer().processToClaims(token), trust);
        } catch (InvalidJwtException invalid) {
            return new Rejected(reason(invalid));
        } catch (MalformedClaimException wrongType) {
            return new Rejected(Reason.CLAIMS);
        }
    }

    private TokenVerdict verify(JwtClaims claims, Trust trust) throws MalformedClaimException {
        Duration leeway = trust.leeway();
        Instant now = clock.instant();
        Instant expiry = instant(claims.getExpirationTime());
        if (expiry == null || claims.getSubject().isEmpty()) {
            return new Rejected(Reason.CLAIMS);
        }
        if (!expiry.isAfter(now.minus(leeway))) {
            return new Rejected(Reason.EXPIRED);
        }
        Instant notBefore = instant(claims.getNotBefore());
        if (notBefore != null && notBefore.isAfter(now.plus(leeway))) {
            return new Rejected(Reason.NOT_YET_VALID);
        }
        Instant latest = Instant.MAX.minus(leeway);
        Instant validUntil = expiry.isAfter(latest) ? Instant.MAX : expiry.plus(leeway);
        var principal = new Principal(claims.getSubject(), roles(claims), trust.foreign());
        return new Verified(principal, validUntil);
    }

    private static Set<String> roles(JwtClaims claims) throws MalformedClaimException {
        List<String> roles = claims.getStringListClaimValue("roles");
        if (roles == null) {
            return Set.of();
        }
        if (roles.stream().anyMatch(Objects::isNull)) {
            throw new MalformedClaimException("a role is null");
        }
        return Set.copyOf(roles);
    }

    /** A token may name any number; those beyond the calendar count as its end. */
    private static @Nullable Instant instant(@Nullable NumericDate date) {
        if (date == null) {
            return null;
        }
        long seconds = date.getValue();
        return Instant.ofEpochSecond(
                Math.clamp(seconds, Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond()));
    }

    private static Reason reason(InvalidJwtException invalid) {
        if (invalid.getCause() instanceof InvalidAlgorithmException
                || invalid.getCause() instanceof UnresolvableKeyException
                || invalid.hasErrorCode(ErrorCodes.SIGNATURE_INVALID)
                || invalid.hasErrorCode(ErrorCodes.SIGNATURE_MISSING)) {
            return Reason.SIGNATURE;
        }
        if (invalid.hasErrorCode(ErrorCodes.SUBJECT_MISSING)
                || invalid.hasErrorCode(ErrorCodes.MALFORMED_CLAIM)) {
            return Reason.CLAIMS;
        }
        if (invalid.hasErrorCode(ErrorCodes.ISSUER_MISSING)
                || invalid.hasErrorCode(ErrorCodes.ISSUER_INVALID)) {
            return Reason.ISSUER;
        }
        if (invalid.hasErrorCode(ErrorCodes.AUDIENCE_MISSING)
                || invalid.hasErrorCode(ErrorCodes.AUDIENCE_INVALID)) {
            return Reason.AUDIENCE;
        }
        return Reason.MALFORMED;
    }
}
