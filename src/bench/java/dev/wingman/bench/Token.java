package dev.wingman.bench;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;

/** Bearer tokens that the guarded server accepts. */
final class Token {
    static final String SECRET = "a secret that only this run of the benchmark knows";

    private static final Duration LIFE = Duration.ofHours(1);

    private Token() {}

    static String of(String subject) {
        var claims = new JwtClaims();
        claims.setSubject(subject);
        claims.setExpirationTime(
                NumericDate.fromSeconds(Instant.now().plus(LIFE).getEpochSecond()));
        var token = new JsonWebSignature();
        token.setPayload(claims.toJson());
        token.setAlgorithmHeaderValue(AlgorithmIdentifiers.HMAC_SHA256);
        token.setKey(new HmacKey(SECRET.getBytes(StandardCharsets.UTF_8)));
        try {
            return token.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException("HS256 with a long secret always works", e);
        }
    }
}
