package dev.wingman.recorder;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The pooled connections of one event loop to one target. Confined to that event loop.
 *
 * <p>A plain target is spoken to in the version of the client; a target with TLS chooses.
 */
final class Upstream {
    /** Shorter than common servers keep theirs, so that we rarely write to one that is closing. */
    private static final int KEEP_ALIVE_SECONDS = 4;

    private static final int CONNECT_TIMEOUT_MILLIS = 10_000;
    private static final int HTTP2_CONNECTIONS = 8;
    static final int MAX_HEADER_BYTES = 64 << 10;
    static final int MAX_CHUNK_BYTES = 64 << 10;

    private final RecorderOptions.Target target;
    private final HttpClient http1;
    private final HttpClient http2;

    Upstream(Vertx vertx, RecorderOptions.Target target, RecorderOptions.Limits limits) {
        this.target = target;
        boolean tls = target.scheme() == RecorderOptions.Scheme.HTTPS;
        var pool =
                new PoolOptions()
                        .setHttp1MaxSize(limits.maxInFlight())
                        .setHttp2MaxSize(HTTP2_CONNECTIONS);
        this.http1 = client(vertx, options(limits, tls), pool, limits);
        HttpClientOptions second =
                options(limits, tls)
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setHttp2ClearTextUpgrade(false);
        if (tls) {
            second.setUseAlpn(true)
                    .setAlpnVersions(List.of(HttpVersion.HTTP_2, HttpVersion.HTTP_1_1));
        }
        this.http2 = client(vertx, second, pool, limits);
    }

    private static HttpClient client(
            Vertx vertx,
            HttpClientOptions options,
            PoolOptions pool,
            RecorderOptions.Limits limits) {
        return vertx.httpClientBuilder()
                .with(options)
                .with(pool)
                .withConnectHandler(connection -> {
                    GatedServer.boundReceiving(connection, limits.socketBuffer());
                    GatedServer.widen(connection, limits.maxInFlight());
                })
                .build();
    }

    private HttpClientOptions options(RecorderOptions.Limits limits, boolean tls) {
        var options =
                new HttpClientOptions()
                        .setDefaultHost(target.host())
                        .setDefaultPort(target.port())
                        .setSsl(tls)
                        .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                        .setKeepAliveTimeout(KEEP_ALIVE_SECONDS)
                        .setHttp2KeepAliveTimeout(KEEP_ALIVE_SECONDS)
                        .setMaxHeaderSize(MAX_HEADER_BYTES)
                        .setMaxChunkSize(MAX_CHUNK_BYTES)
                        .setTcpNoDelay(true);
        options.getInitialSettings().setMaxHeaderListSize(MAX_HEADER_BYTES);
        options.setSendBufferSize(limits.socketBuffer());
        if (target.authorities() != null) {
            options.setTrustOptions(
                    new PemTrustOptions().addCertPath(target.authorities().toString()));
        }
        return options;
    }

    /** A request to the target, to be filled and sent. */
    Future<HttpClientRequest> request(HttpMethod method, String uri, HttpVersion clientVersion) {
        boolean second =
                clientVersion == HttpVersion.HTTP_2
                        || target.scheme() == RecorderOptions.Scheme.HTTPS;
        return (second ? http2 : http1).request(options(method, uri));
    }

    /** A request that may become a WebSocket, which only HTTP/1.1 has here. */
    Future<HttpClientRequest> upgrade(String uri) {
        return http1.request(options(HttpMethod.GET, uri));
    }

    private static RequestOptions options(HttpMethod method, String uri) {
        return new RequestOptions().setMethod(method).setURI(uri).setFollowRedirects(false);
    }

    /** What the failure of a request means. */
    static Failure failure(Throwable cause) {
        return switch (cause) {
            case TimeoutException _ ->
                    new Failure.Timeout(Duration.ofMillis(CONNECT_TIMEOUT_MILLIS));
            case ConnectException _ when String.valueOf(cause.getMessage()).contains("timed out") ->
                    new Failure.Timeout(Duration.ofMillis(CONNECT_TIMEOUT_MILLIS));
            case HttpClosedException _ -> new Failure.ChannelClosed();
            case IOException _ -> new Failure.Io(cause);
            default -> new Failure.Http(cause);
        };
    }

    static long millis(Duration duration) {
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(duration.toNanos()));
    }

    Future<Void> close() {
        return http1.close().compose(_ -> http2.close());
    }
}
