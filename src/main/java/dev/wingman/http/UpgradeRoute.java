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
    /** The second is what quick starts of clients use. */
    private static final List<String> PATHS = List.of("/ws", "/");

    private static final String VERSION_HEADER = "Sec-WebSocket-Version";
    private static final String VERSION = "13";

    /** Of 16 random bytes in base 64. */
    private static final int KEY_CHARS = 24;

    private static final Problem OTHER_VERSION =
            new Problem(
                    426,
                    "Upgrade required",
                    "upgrade_required",
                    "the WebSocket version is " + VERSION);
    private static final Problem MALFORMED =
            Problem.of(
                    ErrorCode.BAD_REQUEST,
                    "a WebSocket is asked for with HTTP/1.1, 'Connection: Upgrade' and a"
                            + " Sec-WebSocket-Key");

    private UpgradeRoute() {}

    public static void install(Router router, Handler<RoutingContext> endpoint) {
        for (String path : PATHS) {
            HttpLayers.permit(router, path, HttpMethod.GET);
            router.get(path).handler(context -> route(context, endpoint));
        }
    }

    private static void route(RoutingContext context, Handler<RoutingContext> endpoint) {
        HttpServerRequest request = context.request();
        if (!"websocket".equalsIgnoreCase(request.getHeader(HttpHeaders.UPGRADE))) {
            context.next();
        } else if (!VERSION.equals(request.getHeader(VERSION_HEADER))) {
            context.response().putHeader(VERSION_HEADER, VERSION);
            OTHER_VERSION.send(context);
        } else if (isSound(request)) {
            endpoint.handle(context);
        } else {
            MALFORMED.send(context);
        }
    }

    private static boolean isSound(HttpServerRequest request) {
        String key = request.getHeader("Sec-WebSocket-Key");
        String connection = request.getHeader(HttpHeaders.CONNECTION);
        return request.version() == HttpVersion.HTTP_1_1
                && key != null
                && key.length() == KEY_CHARS
                && connection != null
                && connection.toLowerCase(Locale.ROOT).contains("upgrade");
    }
}
