package dev.wingman.connection;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * PEM files that make the port speak TLS; the keys {@code wingman.network.tls.*}.
 *
 * @param ca whose certificates clients must show; null asks for none
 */
public record TlsConfig(Path certificate, Path key, @Nullable Path ca) {}
