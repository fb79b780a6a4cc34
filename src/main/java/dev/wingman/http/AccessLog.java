package dev.wingman.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * One line for each request that was answered or broken off. Queries and headers are left out: they
 * may hold tokens. Probes and scrapes are left out as well: they say nothing and are most of all.
 *
 * <p>Thread-safe.
 */
public final class AccessLog {
    private static final Logger LOG = Logger.getLogger(AccessLog.class);

    private final boolean on;
    private final LongSupplier nanoClock;

    public AccessLog(boolean on, LongSupplier nanoClock) {
        this.on = on;
        this.nanoClock = nanoClock;
    }

    /** Logs the request of the context when it has ended. */
    void follow(RoutingContext context) {
        HttpServerRequest request = context.request();
        String path = String.valueOf(request.path());
        if (on && !isProbe(path)) {
            long begunNanos = nanoClock.getAsLong();
            context.addEndHandler(_ -> write(request, path, nanoClock.getAsLong() - begunNanos));
        }
        context.next();
    }

    /** Logs a request that no route has seen. */
    void broken(HttpServerRequest request) {
        if (on) {
            write(request, "-", 0);
        }
    }

    private static boolean isProbe(String path) {
        return path.startsWith("/health") || path.equals("/metrics");
    }

    private static void write(HttpServerRequest request, String path, long tookNanos) {
        boolean answered = request.response().ended();
        LOG.infof(
                "request method=%s path=%s status=%s bytes=%d took_ms=%d client=%s request=%s",
                request.method(),
                path,
                answered ? request.response().getStatusCode() : "left",
                request.response().bytesWritten(),
                TimeUnit.NANOSECONDS.toMillis(tookNanos),
                host(request.remoteAddress()),
                RequestId.of(request));
    }

    private static String host(SocketAddress client) {
        return client == null ? "-" : String.valueOf(client.hostAddress());
    }
}
