package dev.wingman.http;

import dev.wingman.protocol.ErrorCode;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The port: HTTP/1.1, HTTP/2 and WebSocket, in the clear or with TLS. Requests go to the routes;
 * what is no request is answered here, so that this answer has an id and a problem as well.
 *
 * <p>Our own and not the framework's, which answers such requests with a bare status and would have
 * TLS on a second port: decision 0009.
 *
 * <p>Thread-safe.
 */
public final class Listener {
    /** Leaves room for the longest token beside the other headers. */
    static final int MAX_HEADER_BYTES = 20 * 1024;

    static final int MAX_LINE_BYTES = 4 * 1024;

    /**
     * Of one connection, in the system. By itself it grows to megabytes for a client that does not
     * read, which count as memory of the container. Enough for 4 MB a second at a distance of 100
     * ms.
     */
    private static final int SEND_BUFFER_BYTES = 256 << 10;

    /** A peer that does not answer the close frame is cut after this (seconds). */
    private static final int CLOSING_TIMEOUT_SECONDS = 5;

    private static final Problem BROKEN_BODY =
            Problem.of(ErrorCode.BAD_REQUEST, "the body of the request breaks off in the middle");

    private static final Problem NO_HOST =
            Problem.of(ErrorCode.BAD_REQUEST, "a request in HTTP/1.1 names its Host");

    /** Servers that ask for the same negative port share one that the system chooses. */
    private static final int ANY_PORT = -1;

    /**
     * Where and how to listen.
     *
     * @param port 0 lets the system choose
     * @param loops event loops that take connections
     * @param maxMessageBytes of a WebSocket frame and message
     * @param headTimeout to send the head of a request in
     * @param restTimeout to send the rest of a body in that was answered before its end
     * @param idle silence after which a connection is cut whatever it is used for; longer than what
     *     requests and sockets are closed for in order
     * @param tls null listens in the clear
     */
    public record Settings(
            String host,
            int port,
            int loops,
            int maxMessageBytes,
            Duration headTimeout,
            Duration restTimeout,
            Duration idle,
            @Nullable ServerCertificates tls) {}

    private final Settings settings;
    private final Handler<HttpServerRequest> routes;
    private final AccessLog accessLog;
    private final RequestWatch watch;

    /** One for each loop; they share the port. */
    private final List<HttpServer> servers = new CopyOnWriteArrayList<>();

    public Listener(
            Settings settings,
            Handler<HttpServerRequest> routes,
            AccessLog accessLog,
            RequestCounters counters) {
        this.settings = settings;
        this.routes = routes;
        this.accessLog = accessLog;
        this.watch =
                new RequestWatch(
                        new RequestWatch.Patience(settings.headTimeout(), settings.restTimeout()),
                        counters,
                        request -> BROKEN_BODY.giveUp(request, request.path()));
    }

    /** Completes with the port, or fails with what the system says of it. */
    public Future<Integer> open(Vertx vertx) {
        return vertx.deployVerticle(
                        Loop::new, new DeploymentOptions().setInstances(settings.loops()))
                .map(_ -> servers.getFirst().actualPort());
    }

    /** Null when the port is in the clear. */
    public @Nullable ServerCertificates certificates() {
        return settings.tls();
    }

    /**
     * Ends an answer that its client does not read, and its connection where that has one request
     * at a time. An orderly end would wait for the client. Any thread may call it.
     */
    public static void cut(HttpServerRequest request) {
        RequestWatch.cut(request);
    }

    /** No more connections; those that are open are cut. */
    public void close() {
        servers.forEach(HttpServer::close);
    }

    private final class Loop extends AbstractVerticle {
        @Override
        public void start(Promise<Void> started) {
            HttpServer server =
                    watch.server(vertx, options())
                            .requestHandler(Listener.this::route)
                            .invalidRequestHandler(Listener.this::refuse);
            server.listen()
                    .onSuccess(_ -> servers.add(server))
                    .<Void>mapEmpty()
                    .onComplete(started);
        }
    }

    private HttpServerOptions options() {
        ServerCertificates tls = settings.tls();
        HttpServerOptions options = tls == null ? new HttpServerOptions() : secured(tls);
        return options.setHost(settings.host())
                .setPort(settings.port() == 0 ? ANY_PORT : settings.port())
                .setSendBufferSize(SEND_BUFFER_BYTES)
                .setMaxHeaderSize(MAX_HEADER_BYTES)
                .setMaxInitialLineLength(MAX_LINE_BYTES)
                .setCompressionSupported(true)
                .setIdleTimeout((int) settings.idle().toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setMaxWebSocketFrameSize(settings.maxMessageBytes())
                .setMaxWebSocketMessageSize(settings.maxMessageBytes())
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setWebSocketClosingTimeout(CLOSING_TIMEOUT_SECONDS);
    }

    private static HttpServerOptions secured(ServerCertificates tls) {
        HttpServerOptions options =
                new HttpServerOptions()
                        .setSsl(true)
                        .setUseAlpn(true)
                        .setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"))
                        .setKeyCertOptions(tls.keyOptions());
        return tls.asksClients()
                ? options.setClientAuth(ClientAuth.REQUIRED).setTrustOptions(tls.trustOptions())
                : options;
    }

    private void route(HttpServerRequest request) {
        RequestWatch.arrived(request);
        if (request.version() == null) {
            answer(request, Problem.ofStatus(505), null);
        } else if (!isSound(request.uri())) {
            answer(request, Problem.ofStatus(ErrorCode.BAD_REQUEST.number()), request.path());
        } else if (request.version() == HttpVersion.HTTP_1_1
                && request.getHeader(HttpHeaders.HOST) == null) {
            answer(request, NO_HOST, request.path());
        } else {
            routes.handle(request);
        }
    }

    private static boolean isSound(@Nullable String uri) {
        if (uri == null) {
            return false;
        }
        try {
            var _ = new URI(uri);
            return true;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private void refuse(HttpServerRequest request) {
        RequestWatch.arrived(request);
        answer(request, Problem.ofStatus(status(request.decoderResult().cause())), null);
    }

    private static int status(Throwable cause) {
        return switch (cause) {
            case RequestWatch.TooSlow _ -> ErrorCode.TIMEOUT.number();
            case TooLongHttpLineException _ -> 414;
            case TooLongHttpHeaderException _ -> 431;
            default -> 400;
        };
    }

    /** What follows on the connection cannot be told from the request, so it ends here. */
    private void answer(HttpServerRequest request, Problem problem, @Nullable String instance) {
        SecurityHeaders.addTo(request);
        problem.giveUp(request, instance);
        accessLog.broken(request);
    }
}
