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
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * What every request passes through, from the outside in: request id, access log, security headers,
 * compression, CORS, body limit; and what turns every failure into a {@link Problem}. Time-out and
 * authentication belong to the routes that have them.
 */
public final class HttpLayers {
    private static final Logger LOG = Logger.getLogger(HttpLayers.class);

    /** Before every route of ours and of the framework. */
    private static final int FIRST = -1000;

    /** After every route of ours and of the framework. */
    private static final int LAST = 1_000_000;

    /** After the layers. */
    private static final int PERMISSIONS = FIRST + 7;

    /** After those. */
    static final int ROUTES = FIRST + 7;

    /** After those of ours that begin alike, and before the framework's. */
    private static final int HIDDEN = -400;

    private static final Set<String> COMPRESSED =
            Set.of(
                    "application/json",
                    Problem.MEDIA_TYPE,
                    "application/msgpack",
                    "application/openmetrics-text",
                    "text/plain");

    /** What pages of other origins may do, send and read. */
    private static final Set<HttpMethod> METHODS =
            Set.of(
                    HttpMethod.GET,
                    HttpMethod.POST,
                    HttpMethod.PUT,
                    HttpMethod.PATCH,
                    HttpMethod.DELETE,
                    HttpMethod.OPTIONS);

    private static final Set<String> HEADERS =
            Set.of(
                    "Authorization",
                    "Content-Type",
                    "Idempotency-Key",
                    "If-Match",
                    "Last-Event-ID",
                    RequestId.HEADER);

    private static final Set<String> EXPOSED =
            Set.of(
                    "ETag",
                    "Link",
                    "Location",
                    "RateLimit",
                    "RateLimit-Policy",
                    "Retry-After",
                    RequestId.HEADER);

    private HttpLayers() {}

    /**
     * What the layers are told.
     *
     * @param corsOrigins whose pages may call; {@code *} stands for all
     * @param maxBodyBytes of a request; a body that does not say its length is counted by whoever
     *     reads it
     */
    public record Settings(List<String> corsOrigins, int maxBodyBytes, AccessLog accessLog) {}

    /** Adds the layers to the router. */
    public static void install(Router router, Settings settings) {
        router.route()
                .order(FIRST)
                .handler(HttpLayers::nameRequest)
                .failureHandler(HttpLayers::failed);
        router.route().order(FIRST + 1).handler(settings.accessLog()::follow);
        router.route().order(FIRST + 2).handler(HttpLayers::addSecurityHeaders);
        router.route().order(FIRST + 3).handler(HttpLayers::permitCompression);
        if (!settings.corsOrigins().contains("*")) {
            router.route().order(FIRST + 4).handler(HttpLayers::varyByOrigin);
        }
        router.route().order(FIRST + 5).handler(cors(settings.corsOrigins()));
        router.route()
                .order(FIRST + 6)
                .handler(context -> limitBody(context, settings.maxBodyBytes()));
        router.route().order(LAST).handler(context -> context.fail(404));
    }

    /** Has other methods on the path answered with 405. */
    static void permit(Router router, String path, HttpMethod... methods) {
        List<HttpMethod> permitted = List.of(methods);
        String allow = permitted.stream().map(HttpMethod::name).collect(Collectors.joining(", "));
        router.route(path)
                .order(PERMISSIONS)
                .handler(context -> {
                    if (permitted.contains(context.request().method())) {
                        context.next();
                    } else {
                        context.response().putHeader(HttpHeaders.ALLOW, allow);
                        context.fail(ErrorCode.METHOD_NOT_ALLOWED.number());
                    }
                });
    }

    /** Answers as if nothing were at these paths. */
    public static void hide(Router router, String... paths) {
        for (String path : paths) {
            router.route(path).order(HIDDEN).handler(context -> context.fail(404));
        }
    }

    private static void nameRequest(RoutingContext context) {
        RequestId.of(context.request());
        context.next();
    }

    private static void limitBody(RoutingContext context, int maxBytes) {
        String encoding = context.request().getHeader(HttpHeaders.CONTENT_ENCODING);
        if (encoding != null && !encoding.isBlank() && !"identity".equalsIgnoreCase(encoding)) {
            context.response().putHeader(HttpHeaders.ACCEPT_ENCODING, "identity");
            context.fail(415);
            return;
        }
        String length = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        // The decoder has seen to it that it is a number.
        if (length != null && Long.parseLong(length) > maxBytes) {
            context.fail(ErrorCode.TOO_LARGE.number());
        } else {
            context.next();
        }
    }

    /** Of refusals as well, which the handler of the router leaves out. */
    private static void varyByOrigin(RoutingContext context) {
        varyBy(context.response(), "origin");
        context.next();
    }

    private static CorsHandler cors(List<String> origins) {
        CorsHandler cors = CorsHandler.create();
        if (!origins.contains("*")) {
            cors.addOrigins(origins);
        }
        return cors.allowedMethods(METHODS).allowedHeaders(HEADERS).exposedHeaders(EXPOSED);
    }

    private static void addSecurityHeaders(RoutingContext context) {
        SecurityHeaders.addTo(context.request());
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
            if (type != null && COMPRESSED.contains(withoutParameters(type))) {
                response.headers().remove(HttpHeaders.CONTENT_ENCODING);
                varyBy(response, "accept-encoding");
            }
        });
        context.next();
    }

    /** Caches keep one answer for each form of the header. */
    private static void varyBy(HttpServerResponse response, String header) {
        String others = response.headers().get(HttpHeaders.VARY);
        response.putHeader(HttpHeaders.VARY, others == null ? header : others + ", " + header);
    }

    private static String withoutParameters(String mediaType) {
        int semicolon = mediaType.indexOf(';');
        return semicolon < 0 ? mediaType : mediaType.substring(0, semicolon).strip();
    }

    private static void failed(RoutingContext context) {
        if (context.response().closed()) {
            return; // the client has left; nobody is there to be told
        }
        Throwable cause = context.failure();
        int status = context.statusCode();
        if (status < 400) {
            status = ErrorCode.INTERNAL.number();
        }
        if (status >= 500) {
            LOG.errorf(
                    cause,
                    "request failed method=%s path=%s request=%s",
                    context.request().method(),
                    context.request().path(),
                    RequestId.of(context.request()));
        }
        Problem.ofStatus(status).send(context);
    }
}
