package dev.wingman.testing;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/**
 * Somebody else who makes tokens, by hand and with the platform alone: the library under test must
 * not judge its own work.
 */
public record ForeignIssuer(String keyId, KeyPair pair) {
    public static ForeignIssuer rsa(String keyId, int bits) {
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(bits);
            return new ForeignIssuer(keyId, generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * @param curve such as secp256r1
     */
    public static ForeignIssuer curve(String keyId, String curve) {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(curve));
            return new ForeignIssuer(keyId, generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** RS256 or ES256, as the key is. */
    public String token(String claims) {
        boolean isRsa = pair.getPublic() instanceof RSAPublicKey;
        return isRsa
                ? sign("RS256", "SHA256withRSA", claims)
                : sign("ES256", "SHA256withECDSAinP1363Format", claims);
    }

    /** Whatever the header says. */
    public String sign(String header, String algorithm, String claims) {
        String content =
                base64(
                                "{\"alg\":\"%s\",\"kid\":\"%s\"}"
                                        .formatted(header, keyId)
                                        .getBytes(StandardCharsets.UTF_8))
                        + "."
                        + base64(claims.getBytes(StandardCharsets.UTF_8));
        try {
            var signature = Signature.getInstance(algorithm);
            signature.initSign(pair.getPrivate());
            signature.update(content.getBytes(StandardCharsets.US_ASCII));
            return content + "." + base64(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The public key. */
    public String pem() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    /** The public key as one of a JWK set. */
    public String jwk() {
        return switch (pair.getPublic()) {
            case RSAPublicKey rsa ->
                    "{\"kty\":\"RSA\",\"kid\":\"%s\",\"n\":\"%s\",\"e\":\"%s\"}"
                            .formatted(
                                    keyId,
                                    base64(unsigned(rsa.getModulus().toByteArray(), 0)),
                                    base64(rsa.getPublicExponent().toByteArray()));
            case ECPublicKey curve ->
                    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"%s\",\"x\":\"%s\",\"y\":\"%s\"}"
                            .formatted(
                                    keyId,
                                    base64(unsigned(curve.getW().getAffineX().toByteArray(), 32)),
                                    base64(unsigned(curve.getW().getAffineY().toByteArray(), 32)));
            default -> throw new IllegalStateException("a kind that is not made here");
        };
    }

    /** Without the sign, and filled up to the length. */
    private static byte[] unsigned(byte[] number, int length) {
        int start = number[0] == 0 ? 1 : 0;
        int digits = number.length - start;
        var bytes = new byte[Math.max(length, digits)];
        System.arraycopy(number, start, bytes, bytes.length - digits, digits);
        return bytes;
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
