package dev.wingman;

import io.quarkus.tls.runtime.KeyStoreAndKeyCertOptions;
import io.quarkus.tls.runtime.TrustStoreAndTrustOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Collections;

/**
 * The files of {@code wingman.network.tls.*}, read and understood. Problems are {@link
 * IllegalArgumentException}s of one sentence that names the key.
 */
final class PemFiles {
    private static final String PREFIX = "wingman.network.tls.";

    private PemFiles() {}

    /** A private key and the certificates that speak for it. */
    static KeyStoreAndKeyCertOptions certificate(Path certificate, Path key) {
        PemKeyCertOptions options =
                new PemKeyCertOptions()
                        .setCertValue(read("certificate", certificate))
                        .setKeyValue(read("key", key));
        KeyStore store =
                parsed(
                        PREFIX + "certificate and " + PREFIX + "key",
                        "a certificate chain and an unencrypted private key",
                        () -> options.loadKeyStore(null)); // asked only where there are paths
        if (!belongTogether(store)) {
            throw new IllegalArgumentException(
                    PREFIX + "key is not the private key of " + PREFIX + "certificate");
        }
        return new KeyStoreAndKeyCertOptions(store, options);
    }

    /** Whose certificates clients must show. */
    static TrustStoreAndTrustOptions authorities(Path ca) {
        PemTrustOptions options = new PemTrustOptions().addCertValue(read("ca", ca));
        KeyStore store = parsed(PREFIX + "ca", "certificates", () -> options.loadKeyStore(null));
        return new TrustStoreAndTrustOptions(store, options);
    }

    private static Buffer read(String key, Path file) {
        try {
            return Buffer.buffer(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    "%s%s: the file %s cannot be read (%s)"
                            .formatted(PREFIX, key, file, e.getClass().getSimpleName()),
                    e);
        }
    }

    private interface Parser {
        @SuppressWarnings("checkstyle:IllegalThrows")
        KeyStore parse() throws Exception;
    }

    /**
     * The library throws whatever it meets; all of it means that the file is not what it should be.
     */
    @SuppressWarnings("IllegalCatch")
    private static KeyStore parsed(String keys, String expected, Parser parser) {
        try {
            KeyStore store = parser.parse();
            if (store.size() > 0) {
                return store;
            }
            throw new IllegalArgumentException(keys + " must be PEM files with " + expected);
        } catch (Exception e) {
            throw new IllegalArgumentException(
                    "%s must be PEM files with %s".formatted(keys, expected), e);
        }
    }

    /** Signs with the one and checks with the other: the same for every kind of key. */
    private static boolean belongTogether(KeyStore store) {
        try {
            for (String alias : Collections.list(store.aliases())) {
                Key key = store.getKey(alias, new char[0]);
                if (key instanceof PrivateKey secret
                        && !signs(secret, store.getCertificate(alias).getPublicKey())) {
                    return false;
                }
            }
            return true;
        } catch (GeneralSecurityException e) {
            return false; // such as keys of two kinds
        }
    }

    private static boolean signs(PrivateKey secret, PublicKey key) throws GeneralSecurityException {
        String algorithm =
                switch (secret.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> secret.getAlgorithm();
                };
        byte[] text = key.getEncoded();
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(secret);
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(key);
        signature.update(text);
        return signature.verify(signed);
    }
}
