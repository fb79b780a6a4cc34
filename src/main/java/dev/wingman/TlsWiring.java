package dev.wingman;

import dev.wingman.http.Listener;
import dev.wingman.http.ServerCertificates;
import io.quarkus.tls.CertificateUpdatedEvent;
import io.quarkus.tls.TlsConfiguration;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.tls.runtime.KeyStoreProvider;
import io.quarkus.tls.runtime.TrustStoreProvider;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Gives the files of {@code wingman.network.tls.*} to the framework's registry of TLS
 * configurations, which reads them again at intervals ({@code quarkus.tls.wingman.reload-period}).
 */
@Singleton
class TlsWiring {
    static final String NAME = "wingman";

    private static final Logger LOG = Logger.getLogger("dev.wingman");

    private final @Nullable Path certificate;
    private final @Nullable Path key;
    private final @Nullable Path ca;

    TlsWiring(WingmanConfig config) {
        WingmanConfig.Tls files = config.network().tls();
        certificate = files.certificate().orElse(null);
        key = files.key().orElse(null);
        ca = files.ca().orElse(null);
    }

    @Produces
    @Singleton
    @Identifier(NAME)
    KeyStoreProvider certificate() {
        var files = new Rereading();
        return _ ->
                certificate == null || key == null
                        ? null
                        : files.read(() -> PemFiles.certificate(certificate, key));
    }

    @Produces
    @Singleton
    @Identifier(NAME)
    TrustStoreProvider authorities() {
        var files = new Rereading();
        return _ -> ca == null ? null : files.read(() -> PemFiles.authorities(ca));
    }

    /** Null when the port is to be in the clear. */
    static @Nullable ServerCertificates certificates(TlsConfigurationRegistry registry) {
        TlsConfiguration read = registry.get(NAME).orElse(null);
        return read == null || read.getKeyStore() == null
                ? null
                : new ServerCertificates(
                        PemFiles.identity(read.getKeyStoreOptions()),
                        PemFiles.trusting(read.getTrustStore()));
    }

    void readAgain(@Observes CertificateUpdatedEvent event, Listener listener) {
        ServerCertificates shown = listener.certificates();
        TlsConfiguration read = event.tlsConfiguration();
        if (shown != null
                && event.name().equals(NAME)
                && shown.replace(
                        PemFiles.identity(read.getKeyStoreOptions()),
                        PemFiles.trusting(read.getTrustStore()))) {
            LOG.info("certificates reloaded");
        }
    }

    /**
     * Complains of files that will not do once, not at each reading. They may be half written: what
     * was read before stays until they are sound.
     */
    private static final class Rereading {
        private boolean wasRead;
        private @Nullable String complaint;

        synchronized <T> @Nullable T read(Supplier<T> files) {
            try {
                T read = files.get();
                wasRead = true;
                complaint = null;
                return read;
            } catch (IllegalArgumentException e) {
                if (!wasRead) {
                    return null; // the check of all settings refuses the start with the reason
                }
                if (!String.valueOf(e.getMessage()).equals(complaint)) {
                    complaint = String.valueOf(e.getMessage());
                    LOG.warnf(
                            "certificates kept, the files changed and will not do: %s", complaint);
                }
                throw e;
            }
        }
    }
}
