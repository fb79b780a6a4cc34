package dev.wingman.http;

import dev.wingman.protocol.ErrorCode;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.Locale;

/**
 * Requests for a WebSocket. Sound ones go to the endpoint; others are answered here, because the
 * platform would answer them without a problem.
 */
public final class UpgradeRoute {
    private static final String SOCKETS_ONLY = "/ws";

    /** The second is what quick starts of clients use. */
    private static final List<String> PATHS = List.of(SOCKETS_ONLY, "/");

    private static final String VERSION_HEADER = "Sec-WebSocket-Version";
    private static final String VERSION = "13";

    /** Of 16 random bytes in base 64. */
    private static final int KEY_CHARS = 24;

    private static final Problem OTHER_VERSION =
            upgradeRequired("the WebSocket version is " + VERSION);
    private static final Problem NO_UPGRADE =
            upgradeRequired("this path takes WebSocket connections only");
    private static final Problem MALFORMED =
            Problem.of(
                    ErrorCode.BAD_REQUEST,
                    "a WebSocket is asked for with HTTP/1.1, 'Connection: Upgrade', a"
                            + " Sec-WebSocket-Key and no body");

    private UpgradeRoute() {}

    private static Problem upgradeRequired(String detail) {
        return new Problem(426, "Upgrade required", "upgrade_required", detail);
    }

    public static void install(Router router, Handler<RoutingContext> endpoint) {
        for (String path : PATHS) {
            HttpLayers.permit(router, path, HttpMethod.GET, HttpMethod.HEAD);
            router.route(path).handler(context -> route(context, endpoint));
        }
    }

    private static void route(RoutingContext context, Handler<RoutingContext> endpoint) {
        HttpServerRequest request = context.request();
        if (!"websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
            routePlain(context);
        } else if (!VERSION.equals(request.getHeader(VERSION_HEADER))) {
            context.response().putHeader(VERSION_HEADER, VERSION);
            OTHER_VERSION.send(context);
        } else if (isSound(request)) {
            endpoint.handle(context);
        } else {
            MALFORMED.send(context);
        }
    }

    /** At the root of the server there may be something else for who does not ask for a socket. */
    private static void routePlain(RoutingContext context) {
        if (!SOCKETS_ONLY.equals(context.request().path())) {
            context.next();
            return;
        }
        if (context.request().version() != HttpVersion.HTTP_2) {
            context.response()
                    .putHeader(HttpHeaders.UPGRADE, "websocket")
                    .putHeader(HttpHeaders.CONNECTION, HttpHeaders.UPGRADE);
        }
        NO_UPGRADE.send(context);
    }

    private static boolean isSound(HttpServerRequest request) {
        String key = request.getHeader("Sec-WebSocket-Key");
        String connection = request.getHeader(HttpHeaders.CONNECTION);
        return request.method().equals(HttpMethod.GET)
                && request.version() == HttpVersion.HTTP_1_1
                && key != null
                && key.length() == KEY_CHARS
                && connection != null
                && connection.toLowerCase(Locale.ROOT).contains("upgrade")
                && !hasBody(request);
    }

    /** The handshake would wait for it, with a place among the connections kept. */
    private static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
                || (length != null && Long.parseLong(length) > 0);
    }
}
