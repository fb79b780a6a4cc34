package dev.wingman;

import static dev.wingman.testing.WebClient.header;
import static dev.wingman.testing.WebClient.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.connection.Admission;
import dev.wingman.connection.ConnectionConfig;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.http.AccessLog;
import dev.wingman.http.HealthRoutes;
import dev.wingman.http.HttpLayers;
import dev.wingman.http.Refusal;
import dev.wingman.http.SyncRoute;
import dev.wingman.http.UpgradeRoute;
import dev.wingman.lifecycle.ShutdownController;
import dev.wingman.sync.SyncServer;
import dev.wingman.testing.LocalHttp;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.WebClient;
import dev.wingman.websocket.ClientEndpoint;
import dev.wingman.websocket.WriteBuffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The port is open before the store is: nothing here may ask for the server behind it. */
class StartingServerTest {

    private final ShutdownController lifecycle = new ShutdownController();
    private final ConnectionRegistry registry =
            new ConnectionRegistry(
                    ConnectionConfig.DEFAULTS,
                    lifecycle::healthState,
                    InstantSource.system(),
                    System::nanoTime);
    private final LocalHttp http = new LocalHttp(this::routes, new HttpServerOptions());
    private final WebClient client = WebClient.http1(http.url("/"));

    private static SyncServer noServer() {
        throw new AssertionError("the store is not open");
    }

    private void routes(Router router) {
        HttpLayers.install(
                router,
                new HttpLayers.Settings(
                        List.of("*"), 1000, new AccessLog(false, System::nanoTime)));
        new HealthRoutes(lifecycle, registry::count, () -> 7).install(router);
        new SyncRoute(
                        new SyncRoute.Gate(Admission::starting, lifecycle::inFlightGuard),
                        StartingServerTest::noServer,
                        new SyncRoute.Limits(1000, Duration.ofSeconds(5)))
                .install(router);
        var endpoint =
                new ClientEndpoint(
                        StartingServerTest::noServer,
                        registry,
                        Admission::starting,
                        Refusal::send,
                        new ClientEndpoint.Settings(
                                1000, new WriteBuffer(1, 1), ClientEndpoint.Writer.CHANNEL));
        UpgradeRoute.install(router, endpoint::upgrade);
    }

    @AfterEach
    void stop() {
        client.close();
        http.close();
    }

    @Test
    void healthSaysSo() {
        assertThat(json(client.get("/health")))
                .isEqualTo(
                        new JsonObject(
                                """
                                {"state":"starting","connections":0,"in_flight":0,
                                 "uptime_secs":7}\
                                """));
    }

    @Test
    void socketsAreToldToComeBack() {
        try (RawSocket raw = RawSocket.connect(http.url("/"))) {
            RawSocket.Answer answer = raw.send(RawSocket.UPGRADE).answer();

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.headers()).containsEntry("retry-after", "1");
            assertThat(new JsonObject(answer.body()).getString("detail")).contains("starting");
        }
    }

    @Test
    void syncIsToldToComeBack() {
        HttpResponse<byte[]> answer = client.send(client.post("/sync", new byte[0]));

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(header(answer, "Retry-After")).isEqualTo("1");
        assertThat(json(answer).getString("code")).isEqualTo("unavailable");
        assertThat(json(client.get("/health")).getInteger("in_flight")).isZero();
    }
}
