package dev.wingman.testing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** JSON Web Tokens as an issuer would make them. */
public final class Tokens {
    public static final String SECRET = "0123456789abcdef0123456789abcdef";

    private Tokens() {}

    /** Good for an hour. */
    public static String of(String subject) {
        return of(subject, Instant.now().plusSeconds(3600), "");
    }

    /**
     * @param claims further ones, such as {@code ,"aud":"wingman"}
     */
    public static String of(String subject, Instant expiry, String claims) {
        return sign(
                SECRET,
                "{\"sub\":\"%s\",\"exp\":%d%s}"
                        .formatted(subject, expiry.getEpochSecond(), claims));
    }

    public static String sign(String secret, String payload) {
        return sign("HS256", "HmacSHA256", secret, payload);
    }

    /** As the token of an issuer that has another idea of the algorithm. */
    public static String sign(String algorithm, String macName, String secret, String payload) {
        String content = unsigned(algorithm, payload);
        try {
            Mac mac = Mac.getInstance(macName);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), macName));
            byte[] signature = mac.doFinal(content.getBytes(StandardCharsets.US_ASCII));
            return content
                    + "."
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Header and payload alone. */
    public static String unsigned(String algorithm, String payload) {
        return base64("{\"alg\":\"" + algorithm + "\"}") + "." + base64(payload);
    }

    private static String base64(String json) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
