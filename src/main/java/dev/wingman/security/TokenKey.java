package dev.wingman.security;

import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.PublicKey;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.keys.HmacKey;

/** What tokens are checked with. Each key goes with one algorithm: no token can choose another. */
public sealed interface TokenKey {
    /** The name in the header of the token (RFC 7518, section 3.1). */
    String algorithm();

    Key key();

    /** A secret that issuer and server share. */
    record Shared(String secret) implements TokenKey {
        /** A key shorter than the hash weakens the signature (RFC 7518, section 3.2). */
        public static final int MIN_BYTES = 32;

        public Shared {
            // Everybody knows a public key: as an HMAC secret it would let everybody sign.
            if (secret.strip().startsWith("-----BEGIN")) {
                throw new IllegalArgumentException(
                        "wingman.security.jwt.secret is a PEM key, but HS256 needs a shared"
                                + " secret");
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
}
