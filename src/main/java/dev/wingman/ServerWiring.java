package dev.wingman;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.wingman.connection.Admission;
import dev.wingman.http.BodyGate;
import dev.wingman.http.HealthRoutes;
import dev.wingman.http.HttpLayers;
import dev.wingman.http.Problem;
import dev.wingman.http.SyncRoute;
import dev.wingman.http.UpgradeRoute;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.websocket.ClientEndpoint;
import dev.wingman.websocket.WriteBuffer;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.lang.management.ManagementFactory;
import java.util.Locale;
import org.jboss.logging.Logger;

/** Where the server meets the container: its routes, its listener and its events. */
@ApplicationScoped
class ServerWiring implements HttpServerOptionsCustomizer {
    private static final Logger LOG = Logger.getLogger("dev.wingman");

    /** A peer that does not answer the close frame is cut after this (seconds). */
    private static final int CLOSING_TIMEOUT_SECONDS = 5;

    private final WingmanConfig config;

    ServerWiring(WingmanConfig config) {
        this.config = config;
    }

    @Produces
    @Singleton
    Settings settings() {
        return Settings.of(config, UnknownVariables.here());
    }

    @Produces
    @Singleton
    Node node(Settings settings, Instance<MissionControl> missions) {
        return new Node(settings, settings.rest() == null ? null : missions.get());
    }

    @Produces
    @Singleton
    ClientEndpoint clientEndpoint(Node node) {
        var connection = node.settings().connection();
        return new ClientEndpoint(
                node::server,
                node.registry(),
                node::admit,
                ServerWiring::refuse,
                new ClientEndpoint.Settings(
                        connection.maxMessageSize(),
                        new WriteBuffer(connection.writeBuffer(), connection.maxWriteBuffer()),
                        ClientEndpoint.Writer.CHANNEL));
    }

    static void refuse(RoutingContext context, Admission.Refused refused) {
        context.response()
                .putHeader("Retry-After", String.valueOf(refused.retryAfter().toSeconds()));
        String why = refused.reason().name().toLowerCase(Locale.ROOT);
        Problem.of(ErrorCode.UNAVAILABLE, "the server takes no connection now: " + why)
                .send(context);
    }

    @Override
    public void customizeHttpServer(HttpServerOptions options) {
        customize(options);
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        customize(options);
    }

    private void customize(HttpServerOptions options) {
        int maxMessage = (int) config.connection().maxMessageSize().asLongValue();
        options.setMaxWebSocketFrameSize(maxMessage)
                .setMaxWebSocketMessageSize(maxMessage)
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setWebSocketClosingTimeout(CLOSING_TIMEOUT_SECONDS);
    }

    void routes(@Observes Router router, Node node, ClientEndpoint endpoint) {
        int maxBodyBytes = node.settings().connection().maxMessageSize();
        HttpLayers.install(router, config.network().corsOrigins(), maxBodyBytes);
        new HealthRoutes(node.lifecycle(), node.registry()::count, () -> node.uptime().toSeconds())
                .install(router);
        new SyncRoute(
                        node.lifecycle(),
                        node::server,
                        new SyncRoute.Limits(maxBodyBytes, config.network().requestTimeout()))
                .install(router);
        if (node.settings().rest() == null) {
            HttpLayers.hide(router, "/api/*", "/.well-known/jwks.json");
        } else {
            new BodyGate(node.lifecycle(), maxBodyBytes, config.network().requestTimeout())
                    .install(router, "/api/v1/*", "/api/v1/events");
        }
        UpgradeRoute.install(router, endpoint::upgrade);
    }

    /** Before the port opens: a configuration that will not do refuses the start. */
    void check(@Observes @Priority(1) StartupEvent event, Node node) {
        if (node.settings().access().open()) {
            LOG.warnf(
                    "authentication is off: whoever reaches %s:%d may read and write everything",
                    config.network().host(), config.network().port());
        }
        warnOfFileLimit(config.connection().maxConnections());
    }

    private static void warnOfFileLimit(int maxConnections) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                && system.getMaxFileDescriptorCount() < maxConnections) {
            LOG.warnf(
                    "the process may open %d files, fewer than max-connections=%d: raise its limit"
                            + " (ulimit -n)",
                    system.getMaxFileDescriptorCount(), maxConnections);
        }
    }

    void drain(@Observes ShutdownDelayInitiatedEvent event, Node node) {
        new Drain(node).run();
    }
}
