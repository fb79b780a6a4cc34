package dev.wingman.recorder;

import dev.wingman.lifecycle.HealthState;
import dev.wingman.lifecycle.ShutdownController;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One endpoint on one event loop: takes requests, refuses those that will not do, and hands on the
 * others. Confined to that event loop.
 */
final class Listener extends AbstractVerticle {
    private static final int MAX_LINE_BYTES = 8 << 10;

    /** A connection on which nothing moves is somebody's who has gone. */
    private static final int IDLE_SECONDS = 600;

    private static final String DRAINING = "the recorder is stopping";

    /** What all listeners have in common. */
    record Common(
            RecorderOptions options,
            Shelf shelf,
            Memory memory,
            Permits connections,
            Permits inFlight,
            RecorderCounters counters,
            ShutdownController lifecycle,
            LongSupplier nanoClock) {}

    private final Common common;
    private final RecorderOptions.Endpoint endpoint;
    private final RecorderOptions.Limits limits;
    private final int port;
    private final Set<Runnable> openSockets = new HashSet<>();
    private @Nullable HttpServer server;
    private @Nullable Upstream upstream;
    private @Nullable WorkerExecutor worker;

    /**
     * @param port to listen on; negative for a free one that all listeners of the endpoint share
     */
    Listener(Common common, RecorderOptions.Endpoint endpoint, int port) {
        this.common = common;
        this.endpoint = endpoint;
        this.limits = common.options().limits();
        this.port = port;
    }

    @Override
    public void start(Promise<Void> started) {
        var backend = new Upstream(vertx, endpoint.target(), limits);
        upstream = backend;
        int cores = Runtime.getRuntime().availableProcessors();
        worker = vertx.createSharedWorkerExecutor("recorder-bodies", cores);
        var intake = new Intake(vertx, common, endpoint, backend, worker, this);
        var listening =
                new GatedServer(
                        vertx, serverOptions(), limits, common.connections(), common.counters());
        listening
                .invalidRequestHandler(Listener::refuseInvalid)
                .requestHandler(request -> handle(request, listening, intake));
        server = listening;
        listening.listen(port, common.options().host()).<Void>mapEmpty().onComplete(started);
    }

    int actualPort() {
        return server == null ? -1 : server.actualPort();
    }

    private HttpServerOptions serverOptions() {
        var options =
                new HttpServerOptions()
                        .setTcpNoDelay(true)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setPerFrameWebSocketCompressionSupported(false)
                        .setIdleTimeout(IDLE_SECONDS)
                        .setMaxInitialLineLength(MAX_LINE_BYTES)
                        .setMaxHeaderSize(Upstream.MAX_HEADER_BYTES)
                        .setMaxChunkSize(Upstream.MAX_CHUNK_BYTES);
        options.getInitialSettings().setMaxHeaderListSize(Upstream.MAX_HEADER_BYTES);
        options.setSendBufferSize(limits.socketBuffer());
        RecorderOptions.Tls tls = endpoint.tls();
        if (tls != null) {
            options.setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(
                            new PemKeyCertOptions()
                                    .setCertPath(tls.certificate().toString())
                                    .setKeyPath(tls.key().toString()));
        }
        return options;
    }

    private void handle(HttpServerRequest request, GatedServer gate, Intake intake) {
        if (!gate.admits(request.connection())) {
            var limit = new Failure.ConnectionLimitReached(limits.maxConnections());
            limit.answer().sendAndClose(request);
        } else if (common.lifecycle().healthState().compareTo(HealthState.DRAINING) >= 0) {
            Refusal.busy(DRAINING).sendAndClose(request);
        } else if (request.path() != null && request.path().equals(endpoint.healthPath())) {
            var _ =
                    request.response()
                            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                            .end(Buffer.buffer("{\"status\":\"UP\"}"));
        } else if (request.method().equals(HttpMethod.CONNECT)) {
            new Failure.InvalidProtocol("CONNECT: this is no tunnel").answer().send(request);
        } else if (request.uri().length() > MAX_LINE_BYTES) {
            new Refusal(414, "the path is longer than " + MAX_LINE_BYTES).send(request);
        } else if (request.headers().entries().size() > limits.maxHeaders()) {
            new Refusal(431, "more than " + limits.maxHeaders() + " headers").send(request);
        } else {
            intake.take(request);
        }
    }

    private static void refuseInvalid(HttpServerRequest request) {
        Throwable cause = request.decoderResult().cause();
        Refusal refusal =
                switch (cause == null ? "" : cause.getClass().getSimpleName()) {
                    case "TooLongHttpLineException" ->
                            new Refusal(414, "the request line is longer than " + MAX_LINE_BYTES);
                    case "TooLongHttpHeaderException" ->
                            new Refusal(
                                    431,
                                    "the headers are longer than " + Upstream.MAX_HEADER_BYTES);
                    default -> new Failure.InvalidProtocol("HTTP request").answer();
                };
        refusal.sendAndClose(request);
    }

    /** Counts as open until it is removed; a stop calls it. */
    void addSocket(Runnable closer) {
        openSockets.add(closer);
    }

    void removeSocket(Runnable closer) {
        openSockets.remove(closer);
    }

    /** What may last for ever is told to end. From any thread. */
    void drain() {
        context.runOnContext(_ -> closeSockets());
    }

    private void closeSockets() {
        List.copyOf(openSockets).forEach(Runnable::run);
    }

    @Override
    public void stop(Promise<Void> stopped) {
        closeSockets();
        Upstream backend = upstream;
        HttpServer listening = server;
        WorkerExecutor bodies = worker;
        if (listening == null || backend == null || bodies == null) {
            stopped.complete();
            return;
        }
        listening
                .close()
                .eventually(() -> backend.close())
                .eventually(() -> bodies.close())
                .onComplete(stopped);
    }
}
