package dev.wingman;

import dev.wingman.http.ServerCertificates;
import io.quarkus.tls.runtime.KeyStoreAndKeyCertOptions;
import io.quarkus.tls.runtime.TrustStoreAndTrustOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509KeyManager;
import org.jspecify.annotations.Nullable;

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
        KeyStore store = load(options);
        if (!belongTogether(identity(options))) {
            throw new IllegalArgumentException(
                    PREFIX + "key is not the private key of " + PREFIX + "certificate");
        }
        return new KeyStoreAndKeyCertOptions(store, options);
    }

    /** Whose certificates clients must show. */
    static TrustStoreAndTrustOptions authorities(Path ca) {
        Buffer pem = read("ca", ca);
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            int number = 0;
            for (Certificate each :
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(pem.getBytes()))) {
                store.setCertificateEntry("ca-" + ++number, each);
            }
            if (number > 0) {
                return new TrustStoreAndTrustOptions(
                        store, new PemTrustOptions().addCertValue(pem));
            }
        } catch (GeneralSecurityException | IOException e) {
            throw unusable("ca", "certificates", e);
        }
        throw unusable("ca", "certificates", null);
    }

    /** Null trusts nobody and asks nobody. */
    static @Nullable X509ExtendedTrustManager trusting(@Nullable KeyStore authorities) {
        if (authorities == null) {
            return null;
        }
        try {
            var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authorities);
            return (X509ExtendedTrustManager) trust.getTrustManagers()[0];
        } catch (GeneralSecurityException e) {
            throw unusable("ca", "certificates", e);
        }
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

    private static IllegalArgumentException unusable(
            String keys, String expected, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "%s%s must be PEM with %s".formatted(PREFIX, keys, expected), cause);
    }

    @SuppressWarnings("IllegalCatch") // the library throws whatever it meets in the files
    private static KeyStore load(PemKeyCertOptions options) {
        try {
            return options.loadKeyStore(null); // needed only where there are paths to resolve
        } catch (Exception e) {
            throw unusable(
                    "certificate and " + PREFIX + "key",
                    "a certificate chain and an unencrypted private key",
                    e);
        }
    }

    /** The parts of what {@link #certificate} has read. */
    @SuppressWarnings("IllegalCatch") // Vert.x declares Exception
    static ServerCertificates.Identity identity(KeyCertOptions options) {
        try {
            var keys = (X509KeyManager) options.getKeyManagerFactory(null).getKeyManagers()[0];
            for (String kind : List.of("RSA", "EC", "EdDSA")) {
                String[] aliases = keys.getServerAliases(kind, null);
                if (aliases != null) {
                    return new ServerCertificates.Identity(
                            keys.getPrivateKey(aliases[0]),
                            List.of(keys.getCertificateChain(aliases[0])));
                }
            }
        } catch (Exception e) {
            throw unusable("key", "an RSA or EC key", e);
        }
        throw unusable("key", "an RSA or EC key", null);
    }

    /** Signs with the one and checks with the other: the same for every kind of key. */
    private static boolean belongTogether(ServerCertificates.Identity identity) {
        try {
            return signs(identity.key(), identity.chain().getFirst().getPublicKey());
        } catch (GeneralSecurityException e) {
            return false; // such as keys of two kinds
        }
    }

    private static boolean signs(PrivateKey secret, PublicKey key) throws GeneralSecurityException {
        String algorithm =
                switch (secret.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> secret.getAlgorithm(); // EdDSA is its own
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
