package dev.wingman.http;

import dev.wingman.protocol.ErrorCode;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.CorsHandler;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * What every request passes through, from the outside in: request id, security headers,
 * compression, CORS; and what turns every failure into a {@link Problem}. Body limit, time-out and
 * authentication belong to the routes that have them.
 */
public final class HttpLayers {
    private static final Logger LOG = Logger.getLogger(HttpLayers.class);

    /** Before every route of ours and of the framework. */
    private static final int FIRST = -1000;

    /** After every route of ours and of the framework. */
    private static final int LAST = 1_000_000;

    private static final Set<String> COMPRESSED =
            Set.of("application/json", "application/problem+json", "application/msgpack");

    private HttpLayers() {}

    /**
     * Adds the layers to the router.
     *
     * @param corsOrigins whose pages may call; {@code *} stands for all
     */
    public static void install(Router router, List<String> corsOrigins) {
        var requestId = new RequestId(() -> UUID.randomUUID().toString());
        router.route().order(FIRST).handler(requestId::handle).failureHandler(HttpLayers::failed);
        router.route().order(FIRST + 1).handler(HttpLayers::addSecurityHeaders);
        router.route().order(FIRST + 2).handler(HttpLayers::permitCompression);
        router.route().order(FIRST + 3).handler(cors(corsOrigins));
        router.route().order(LAST).handler(context -> context.fail(404));
    }

    private static CorsHandler cors(List<String> origins) {
        CorsHandler cors = CorsHandler.create();
        if (!origins.contains("*")) {
            cors.addOrigins(origins);
        }
        return cors.allowedMethods(Set.of(HttpMethod.GET, HttpMethod.POST, HttpMethod.OPTIONS))
                .allowedHeaders(Set.of("Authorization", "Content-Type", RequestId.HEADER))
                .exposedHeader(RequestId.HEADER);
    }

    private static void addSecurityHeaders(RoutingContext context) {
        context.response()
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Content-Security-Policy", "default-src 'self'")
                .putHeader("Referrer-Policy", "no-referrer");
        context.next();
    }

    /**
     * The framework marks answers as not to be compressed until a handler says otherwise; ours are
     * worth it.
     */
    private static void permitCompression(RoutingContext context) {
        HttpServerResponse response = context.response();
        context.addHeadersEndHandler(_ -> {
            String type = response.headers().get(HttpHeaders.CONTENT_TYPE);
            if (type != null && COMPRESSED.contains(type)) {
                response.headers().remove(HttpHeaders.CONTENT_ENCODING);
            }
        });
        context.next();
    }

    private static void failed(RoutingContext context) {
        Throwable cause = context.failure();
        int status = context.statusCode();
        if (status < 400) {
            status = ErrorCode.INTERNAL.number();
        }
        if (cause != null && status >= 500) {
            LOG.errorf(
                    cause,
                    "request failed method=%s path=%s request=%s",
                    context.request().method(),
                    context.request().path(),
                    context.response().headers().get(RequestId.HEADER));
        }
        Problem.ofStatus(status).send(context);
    }
}
