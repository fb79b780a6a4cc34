package dev.wingman.testing;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.net.URI;
import java.util.function.Consumer;

/** Routes on a free port of 127.0.0.1 in the process of the test, on one event loop. */
public final class LocalHttp implements AutoCloseable {
    private final Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(1));
    private final HttpServer server;

    public LocalHttp(Consumer<Router> routes, HttpServerOptions options) {
        Router router = Router.router(vertx);
        routes.accept(router);
        server = vertx.createHttpServer(options).requestHandler(router);
        server.listen(0, "127.0.0.1").toCompletionStage().toCompletableFuture().join();
    }

    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + server.actualPort()).resolve(path);
    }

    public URI webSocketUrl(String path) {
        return URI.create(url(path).toString().replaceFirst("^http", "ws"));
    }

    @Override
    public void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
