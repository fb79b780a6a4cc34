package dev.wingman.security;

import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.KeyFactory;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.keys.HmacKey;
import org.jspecify.annotations.Nullable;

/** What tokens are checked with. Each key goes with one algorithm: no token can choose another. */
public sealed interface TokenKey extends TokenKeys {
    /** Shorter ones are no longer safe (NIST SP 800-131A). */
    int MIN_RSA_BITS = 2048;

    String BEGIN = "-----BEGIN PUBLIC KEY-----";
    String END = "-----END PUBLIC KEY-----";

    /** The name in the header of the token (RFC 7518, section 3.1). */
    String algorithm();

    Key key();

    @Override
    default Object present() {
        return this;
    }

    /** A secret that issuer and server share. */
    record Shared(String secret) implements TokenKey {
        /** A key shorter than the hash weakens the signature (RFC 7518, section 3.2). */
        public static final int MIN_BYTES = 32;

        public Shared {
            // Everybody knows a public key: as an HMAC secret it would let everybody sign.
            if (secret.strip().startsWith("-----BEGIN")) {
                throw new IllegalArgumentException(
                        "wingman.security.jwt.secret is a PEM key, but HS256 needs a shared"
                                + " secret: set wingman.security.jwt.public-key instead");
            }
            int bytes = secret.getBytes(StandardCharsets.UTF_8).length;
            if (bytes < MIN_BYTES) {
                throw new IllegalArgumentException(
                        "wingman.security.jwt.secret must have at least "
                                + MIN_BYTES
                                + " bytes, has "
                                + bytes);
            }
        }

        @Override
        public String algorithm() {
            return AlgorithmIdentifiers.HMAC_SHA256;
        }

        @Override
        public Key key() {
            return new HmacKey(secret.getBytes(StandardCharsets.UTF_8));
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "Shared[]";
        }
    }

    /** The public half of the issuer's key pair, on the curve P-256. */
    record EllipticCurve(PublicKey key) implements TokenKey {
        @Override
        public String algorithm() {
            return AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256;
        }
    }

    /** The public half of the issuer's key pair. */
    record Rsa(PublicKey key) implements TokenKey {
        @Override
        public String algorithm() {
            return AlgorithmIdentifiers.RSA_USING_SHA256;
        }
    }

    /**
     * What goes with a public key: RS256 or ES256.
     *
     * @throws IllegalArgumentException for keys of other kinds
     */
    static String algorithmOf(PublicKey key) {
        return of(key).algorithm();
    }

    private static TokenKey of(PublicKey key) {
        return switch (key) {
            case RSAPublicKey _ -> new Rsa(key);
            case ECPublicKey _ -> new EllipticCurve(key);
            default -> throw new IllegalArgumentException("a key for " + key.getAlgorithm());
        };
    }

    /**
     * Reads a public key: PEM (X.509), where {@code \\n} may stand for the end of a line.
     *
     * @throws IllegalArgumentException for anything but RSA of 2048 bits or more, or P-256
     */
    static TokenKey ofPem(String pem) {
        String text = pem.replace("\\n", "\n").strip();
        if (!text.startsWith(BEGIN) || !text.endsWith(END)) {
            throw unusable(null);
        }
        String base64 = text.substring(BEGIN.length(), text.length() - END.length());
        var encoded = new X509EncodedKeySpec(decoded(base64.replaceAll("\\s", "")));
        PublicKey rsa = decoded("RSA", encoded);
        PublicKey key = rsa == null ? decoded("EC", encoded) : rsa;
        if (key == null || !isStrong(key)) {
            throw unusable(null);
        }
        return of(key);
    }

    /** Null when it is of another kind. */
    private static @Nullable PublicKey decoded(String kind, X509EncodedKeySpec encoded) {
        try {
            return KeyFactory.getInstance(kind).generatePublic(encoded);
        } catch (InvalidKeySpecException otherKind) {
            return null;
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has " + kind, missing);
        }
    }

    private static byte[] decoded(String base64) {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw unusable(e);
        }
    }

    private static boolean isStrong(PublicKey key) {
        return switch (key) {
            case RSAPublicKey rsa -> rsa.getModulus().bitLength() >= MIN_RSA_BITS;
            case ECPublicKey curve ->
                    curve.getParams().getOrder().equals(EllipticCurves.P256.getOrder());
            default -> false; // a type of the platform
        };
    }

    private static IllegalArgumentException unusable(@Nullable Throwable cause) {
        return new IllegalArgumentException(
                "wingman.security.jwt.public-key must be a public key in PEM (-----BEGIN PUBLIC"
                        + " KEY-----), RSA of 2048 bits or more for RS256 or P-256 for ES256",
                cause);
    }
}
