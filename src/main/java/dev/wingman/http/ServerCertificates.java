package dev.wingman.http;

import io.vertx.core.net.KeyCertOptions;
import io.vertx.core.net.TrustOptions;
import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What the port shows of itself and asks of clients. Each handshake looks here, so that new
 * certificates count from the next one on. (An update of the options of the listening server would
 * break the connections that come in while it works.)
 *
 * <p>Thread-safe: the present certificates are one value, replaced as a whole.
 */
public final class ServerCertificates {
    /** A private key and the certificates that speak for it, the server's own first. */
    public record Identity(PrivateKey key, List<X509Certificate> chain) {
        public Identity {
            chain = List.copyOf(chain);
        }
    }

    /** An identity under the name by which a handshake asks for its parts, one after the other. */
    private record Named(String alias, Identity identity) {}

    /**
     * @param before for handshakes that were half way when it was replaced
     */
    private record Shown(Named now, @Nullable Named before) {
        @Nullable Identity find(String alias) {
            return Stream.of(now, before == null ? now : before)
                    .filter(each -> each.alias().equals(alias))
                    .map(Named::identity)
                    .findFirst()
                    .orElse(null);
        }
    }

    private volatile Shown shown;
    private volatile @Nullable X509ExtendedTrustManager authorities;

    /**
     * @param authorities who clients' certificates must come from; null asks for none, and stays so
     */
    public ServerCertificates(Identity identity, @Nullable X509ExtendedTrustManager authorities) {
        this.shown = new Shown(new Named("0", identity), null);
        this.authorities = authorities;
    }

    /**
     * Takes over what was read again.
     *
     * @return whether it is other than before
     */
    public synchronized boolean replace(
            Identity identity, @Nullable X509ExtendedTrustManager trusted) {
        X509ExtendedTrustManager old = authorities;
        Named now = shown.now();
        boolean otherAuthorities =
                old != null
                        && trusted != null
                        && !Arrays.equals(old.getAcceptedIssuers(), trusted.getAcceptedIssuers());
        if (otherAuthorities) {
            authorities = trusted;
        }
        boolean otherIdentity = !identity.equals(now.identity());
        if (otherIdentity) {
            String alias = String.valueOf(Integer.parseInt(now.alias()) + 1);
            shown = new Shown(new Named(alias, identity), now);
        }
        return otherAuthorities || otherIdentity;
    }

    boolean asksClients() {
        return authorities != null;
    }

    KeyCertOptions keyOptions() {
        return KeyCertOptions.wrap(new Keys());
    }

    TrustOptions trustOptions() {
        return TrustOptions.wrap(new Authorities());
    }

    private final class Keys extends X509ExtendedKeyManager {
        @Override
        public @Nullable String chooseEngineServerAlias(
                String keyType, Principal @Nullable [] issuers, SSLEngine engine) {
            Named now = shown.now();
            return now.identity().key().getAlgorithm().equals(keyType) ? now.alias() : null;
        }

        @Override
        public @Nullable PrivateKey getPrivateKey(String alias) {
            Identity identity = shown.find(alias);
            return identity == null ? null : identity.key();
        }

        @Override
        public X509Certificate @Nullable [] getCertificateChain(String alias) {
            Identity identity = shown.find(alias);
            return identity == null ? null : identity.chain().toArray(X509Certificate[]::new);
        }

        // Of plain sockets and of clients, neither of which there are.

        @Override
        public @Nullable String chooseServerAlias(
                String keyType, Principal @Nullable [] issuers, Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getServerAliases(
                String keyType, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseClientAlias(
                String[] keyTypes, Principal @Nullable [] issuers, Socket socket) {
            return null;
        }

        @Override
        public String @Nullable [] getClientAliases(
                String keyType, Principal @Nullable [] issuers) {
            return null;
        }
    }

    private final class Authorities extends X509ExtendedTrustManager {
        private X509ExtendedTrustManager now() {
            return Objects.requireNonNull(authorities);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            now().checkClientTrusted(chain, type, engine);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            now().checkClientTrusted(chain, type, socket);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            now().checkClientTrusted(chain, type);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw notAClient();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw notAClient();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            throw notAClient();
        }

        private static CertificateException notAClient() {
            return new CertificateException("the server's certificates are for its clients");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return now().getAcceptedIssuers();
        }
    }
}
