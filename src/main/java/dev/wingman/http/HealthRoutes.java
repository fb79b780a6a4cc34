package dev.wingman.http;

import dev.wingman.lifecycle.ShutdownController;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.List;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * {@code GET /health} for people and {@code /healthz} as another name of readiness. Liveness and
 * readiness themselves are answered by the framework from the checks of the root package.
 */
public final class HealthRoutes {
    private static final String LIVE = "/health/live";
    private static final String READY = "/health/ready";
    private static final String STARTED = "/health/started";

    private final ShutdownController lifecycle;
    private final IntSupplier connections;
    private final LongSupplier uptimeSeconds;

    public HealthRoutes(
            ShutdownController lifecycle, IntSupplier connections, LongSupplier uptimeSeconds) {
        this.lifecycle = lifecycle;
        this.connections = connections;
        this.uptimeSeconds = uptimeSeconds;
    }

    public void install(Router router) {
        for (String path : List.of("/health", "/healthz", LIVE, READY, STARTED, "/metrics")) {
            HttpLayers.permit(router, path, HttpMethod.GET, HttpMethod.HEAD);
        }
        router.route("/health").handler(this::health);
        router.route("/healthz").handler(context -> context.reroute(READY));
    }

    private void health(RoutingContext context) {
        context.response()
                .putHeader("Content-Type", "application/json")
                .end(
                        new JsonObject()
                                .put("state", lifecycle.healthState().text())
                                .put("connections", connections.getAsInt())
                                .put("in_flight", lifecycle.inFlightCount())
                                .put("uptime_secs", uptimeSeconds.getAsLong())
                                .toBuffer());
    }
}
