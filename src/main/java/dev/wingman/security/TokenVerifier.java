package dev.wingman.security;

import dev.wingman.security.TokenVerdict.Reason;
import dev.wingman.security.TokenVerdict.Rejected;
import dev.wingman.security.TokenVerdict.Undecided;
import dev.wingman.security.TokenVerdict.Verified;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
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
    /** The claim of tokens of ours that were traded for those of another issuer. */
    public static final String FOREIGN = "foreign";

    /** Real tokens have a few hundred; more is not worth decoding. */
    static final int MAX_TOKEN_CHARS = 16 * 1024;

    /**
     * RFC 7515, 2: base64url without padding. The library drops other characters, so that one token
     * would have many forms.
     */
    private static final Pattern COMPACT = Pattern.compile("[A-Za-z0-9._-]+");

    private static final List<String> PUBLISHED_ALGORITHMS =
            List.of(
                    AlgorithmIdentifiers.RSA_USING_SHA256,
                    AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);

    private final List<Trust> trusted;
    private final InstantSource clock;
    private final Predicate<Principal> revoked;
    private final VerifiedTokens verified = new VerifiedTokens();

    /**
     * Keys and what their tokens must say.
     *
     * @param unsigned checks all but the signature
     */
    private record Trust(TokenConfig config, JwtConsumer signed, JwtConsumer unsigned) {
        static Trust of(TokenConfig config) {
            var unsigned =
                    claims(config)
                            .setSkipSignatureVerification()
                            .setDisableRequireSignature()
                            .build();
            return new Trust(config, signatureAndClaims(config), unsigned);
        }
    }

    /** The issuer may have published it since its keys were read. */
    private static final class UnknownKeyException extends UnresolvableKeyException {
        private static final long serialVersionUID = 1;

        UnknownKeyException() {
            super("none of the published keys");
        }
    }

    public TokenVerifier(TokenConfig config, InstantSource clock) {
        this(List.of(config), clock);
    }

    /**
     * @param trusted one or more, tried in this order
     */
    public TokenVerifier(List<TokenConfig> trusted, InstantSource clock) {
        this(trusted, clock, _ -> false);
    }

    /**
     * @param trusted one or more, tried in this order
     * @param revoked whose tokens do not count, good as they are; asked for each, must not block
     */
    public TokenVerifier(
            List<TokenConfig> trusted, InstantSource clock, Predicate<Principal> revoked) {
        this.trusted = trusted.stream().map(Trust::of).toList();
        this.clock = clock;
        this.revoked = revoked;
    }

    private static JwtConsumer signatureAndClaims(TokenConfig config) {
        JwtConsumerBuilder builder = claims(config);
        switch (config.keys()) {
            case TokenKey one ->
                    builder.setVerificationKey(one.key())
                            .setJwsAlgorithmConstraints(ConstraintType.PERMIT, one.algorithm());
            case PublishedKeys published ->
                    builder.setVerificationKeyResolver((token, _) -> key(published, token))
                            .setJwsAlgorithmConstraints(
                                    ConstraintType.PERMIT,
                                    PUBLISHED_ALGORITHMS.toArray(String[]::new));
        }
        return builder.build();
    }

    /**
     * The library checks signature and names; times are ours, because it has a clock of its own.
     */
    private static JwtConsumerBuilder claims(TokenConfig config) {
        var builder =
                new JwtConsumerBuilder()
                        .setSkipAllDefaultValidators()
                        .registerValidator(new SubValidator(true));
        if (config.issuer() != null) {
            builder.registerValidator(new IssValidator(config.issuer(), true));
        }
        if (config.audience() != null) {
            builder.registerValidator(new AudValidator(Set.of(config.audience()), true));
        }
        return builder;
    }

    /** Asked before the algorithm is checked: for others than these there is no key. */
    private static Key key(PublishedKeys published, JsonWebSignature token)
            throws UnresolvableKeyException {
        String algorithm = token.getAlgorithmHeaderValue();
        if (!PUBLISHED_ALGORITHMS.contains(String.valueOf(algorithm))) {
            throw new UnresolvableKeyException("no algorithm of published keys");
        }
        Key key = published.find(token.getKeyIdHeaderValue(), algorithm);
        if (key == null) {
            throw new UnknownKeyException();
        }
        return key;
    }

    /**
     * Checks a token, and waits some seconds for the keys of its issuer if it has to. It is
     * undecided only when these cannot be read.
     *
     * @return completed, or completes on a thread that must not be blocked
     */
    public CompletionStage<TokenVerdict> decide(String token) {
        TokenVerdict verdict = verify(token);
        return verdict instanceof Undecided(var unread)
                ? unread.readAgain()
                        .thenApply(succeeded -> {
                            TokenVerdict second = verify(token);
                            return second instanceof Undecided && succeeded
                                    ? new Rejected(Reason.UNKNOWN_KEY)
                                    : second;
                        })
                : CompletableFuture.completedFuture(verdict);
    }

    /**
     * What can be said at once. The most telling verdict counts when several issuers are trusted.
     */
    TokenVerdict verify(String token) {
        TokenVerdict verdict = byItself(token);
        return verdict instanceof Verified(var who, _) && revoked.test(who)
                ? new Rejected(Reason.REVOKED)
                : verdict;
    }

    private TokenVerdict byItself(String token) {
        Verified known = verified.find(token, clock.instant());
        if (known != null) {
            return known;
        }
        if (token.length() > MAX_TOKEN_CHARS || !COMPACT.matcher(token).matches()) {
            return new Rejected(Reason.MALFORMED);
        }
        TokenVerdict best = new Rejected(Reason.MALFORMED);
        for (Trust trust : trusted) {
            TokenKeys source = trust.config().keys();
            Object keys = source.present();
            TokenVerdict next = verify(token, trust);
            if (next instanceof Verified good) {
                verified.add(token, good, source, keys, clock.instant());
                return good;
            }
            best = weight(next) > weight(best) ? next : best;
        }
        return best;
    }

    /** How much it tells: whose key fits knows best. */
    private static int weight(TokenVerdict verdict) {
        return switch (verdict) {
            case Verified _ -> 6;
            case Undecided _ -> 4;
            case Rejected(var reason) ->
                    switch (reason) {
                        case MALFORMED -> 0;
                        case ISSUER -> 1;
                        case SIGNATURE -> 2;
                        case UNKNOWN_KEY -> 3;
                        case EXPIRED, NOT_YET_VALID, AUDIENCE, REVOKED, CLAIMS -> 5;
                    };
        };
    }

    private TokenVerdict verify(String token, Trust trust) {
        try {
            return verify(trust.signed().processToClaims(token), trust);
        } catch (InvalidJwtException invalid) {
            return invalid.getCause() instanceof UnknownKeyException
                            && trust.config().keys() instanceof PublishedKeys published
                    ? withoutKey(token, trust, published)
                    : new Rejected(reason(invalid));
        } catch (MalformedClaimException wrongType) {
            return new Rejected(Reason.CLAIMS);
        }
    }

    /** The issuer is asked only for tokens that would count if the signature were right. */
    private TokenVerdict withoutKey(String token, Trust trust, PublishedKeys published) {
        try {
            TokenVerdict rest = verify(trust.unsigned().processToClaims(token), trust);
            return rest instanceof Rejected ? rest : new Undecided(published);
        } catch (InvalidJwtException invalid) {
            return new Rejected(reason(invalid));
        } catch (MalformedClaimException wrongType) {
            return new Rejected(Reason.CLAIMS);
        }
    }

    private TokenVerdict verify(JwtClaims claims, Trust trust) throws MalformedClaimException {
        Duration leeway = trust.config().leeway();
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
        boolean foreign =
                trust.config().foreign() || Boolean.TRUE.equals(claims.getClaimValue(FOREIGN));
        var principal = new Principal(claims.getSubject(), roles(claims), foreign);
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
