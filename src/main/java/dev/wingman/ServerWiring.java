package dev.wingman;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.connection.NetworkConfig;
import dev.wingman.http.AccessLog;
import dev.wingman.http.BodyGate;
import dev.wingman.http.HealthRoutes;
import dev.wingman.http.HttpLayers;
import dev.wingman.http.Listener;
import dev.wingman.http.Refusal;
import dev.wingman.http.RequestCounters;
import dev.wingman.http.SyncRoute;
import dev.wingman.http.UpgradeRoute;
import dev.wingman.websocket.ClientEndpoint;
import dev.wingman.websocket.WriteBuffer;
import io.prometheus.client.CollectorRegistry;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.tls.TlsConfigurationRegistry;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.ext.web.Router;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Where the server meets the container: its routes, its listener and its events. */
@ApplicationScoped
class ServerWiring {
    private static final Logger LOG = Logger.getLogger("dev.wingman");

    /** Of the store, of requests without a socket and of the virtual machine, about. */
    private static final int OTHER_FILES = 1000;

    /** After which the connection is cut that should have been closed in order. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

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
    ConnectionRegistry connections(Node node) {
        return node.registry();
    }

    @Produces
    @Singleton
    ClientEndpoint clientEndpoint(Node node) {
        var connection = node.settings().connection();
        return new ClientEndpoint(
                node::server,
                node.registry(),
                node::admit,
                Refusal::send,
                new ClientEndpoint.Settings(
                        connection.maxMessageSize(),
                        new WriteBuffer(connection.writeBuffer(), connection.maxWriteBuffer()),
                        config.connection().writer()));
    }

    /** One for all: the framework would make another for everybody who asks. */
    @Produces
    @Singleton
    CollectorRegistry scraped() {
        return new CollectorRegistry();
    }

    @Produces
    @Singleton
    AccessLog accessLog() {
        return new AccessLog(config.network().accessLog(), System::nanoTime);
    }

    @Produces
    @Singleton
    RequestCounters requestCounters() {
        return new RequestCounters();
    }

    @Produces
    @Singleton
    Listener listener(
            Node node,
            AccessLog accessLog,
            RequestCounters counters,
            TlsConfigurationRegistry certificates) {
        NetworkConfig network = node.settings().network();
        return new Listener(
                new Listener.Settings(
                        network.host(),
                        network.port(),
                        Runtime.getRuntime().availableProcessors(),
                        network.connection().maxMessageSize(),
                        config.network().headTimeout(),
                        network.requestTimeout(),
                        network.longestSilence().plus(MARGIN),
                        TlsWiring.certificates(certificates)),
                VertxHttpRecorder.getRootHandler(),
                accessLog,
                counters);
    }

    void stopped(@Observes ShutdownEvent event, Listener listener) {
        listener.close();
    }

    void routes(@Observes Router router, Node node, ClientEndpoint endpoint, AccessLog accessLog) {
        int maxBodyBytes = node.settings().connection().maxMessageSize();
        HttpLayers.install(
                router,
                new HttpLayers.Settings(config.network().corsOrigins(), maxBodyBytes, accessLog));
        new HealthRoutes(node.lifecycle(), node.registry()::count, () -> node.uptime().toSeconds())
                .install(router);
        new SyncRoute(
                        new SyncRoute.Gate(node::admitRequest, node.lifecycle()::inFlightGuard),
                        node::server,
                        new SyncRoute.Limits(maxBodyBytes, config.network().requestTimeout()))
                .install(router);
        if (node.settings().rest() == null) {
            HttpLayers.hide(router, "/api/*", "/.well-known/jwks.json");
        } else {
            var gate =
                    new BodyGate(
                            new SyncRoute.Gate(node::admitRequest, node.lifecycle()::inFlightGuard),
                            new SyncRoute.Limits(maxBodyBytes, config.network().requestTimeout()));
            gate.install(router, "/api/v1/*", "/api/v1/events");
            gate.install(router, "/api/auth/*", "");
            gate.install(router, "/api/admin/*", "");
        }
        if (config.features().websocket()) {
            UpgradeRoute.install(router, endpoint::upgrade);
        }
        if (!config.features().metrics()) {
            HttpLayers.hide(router, "/metrics");
        }
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
        long needed = (long) maxConnections + OTHER_FILES;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                && system.getMaxFileDescriptorCount() < needed) {
            LOG.warnf(
                    "the process may open %d files, and max-connections=%d needs %d: raise its limit"
                            + " (ulimit -n)",
                    system.getMaxFileDescriptorCount(), maxConnections, needed);
        }
    }

    void drain(@Observes ShutdownDelayInitiatedEvent event, Node node, RecorderWiring recorder) {
        new Drain(node, recorder.recorder()).run();
    }
}
