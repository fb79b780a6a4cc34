package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.RawSocket;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand clients write while the server is asked to stop. */
class DrainIT {
    private static final int CLIENTS = 1000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final WireClient.Close RESTART =
            new WireClient.Close(1012, "server restarts, reconnect");

    @TempDir private Path folder;

    private ServerProcess.Setup open() {
        return ServerProcess.in(folder);
    }

    private static void awaitLoad(WriterFleet fleet) {
        await().atMost(PATIENCE).until(() -> fleet.leastAcknowledged() >= 3);
    }

    @Test
    void everybodyIsAskedToLeaveAtThePaceAndNothingAcknowledgedIsLost() {
        try (ServerProcess server =
                        open().with("wingman.lifecycle.drain-delay", "1500ms")
                                .with("wingman.lifecycle.close-rate", 800)
                                .start();
                WebClient web = WebClient.http1(server.url());
                WriterFleet fleet = WriterFleet.connect(server.url(), CLIENTS, true)) {
            awaitLoad(fleet);

            server.terminate();

            await().until(() -> web.get("/health/ready").statusCode() == 503);
            assertThat(fleet.ends()).as("readiness comes first").isEmpty();
            await().atMost(PATIENCE).until(() -> !fleet.ends().isEmpty());
            assertRefused(server);
            assertThat(server.awaitExit()).isZero();
            await().atMost(PATIENCE).until(fleet::isGone);
            assertEverybodyWasTold(fleet);
            assertThat(Duration.ofNanos(fleet.closingNanos()))
                    .as("1,000 at 800 a second take 1.25 s, seen from here a little less")
                    .isGreaterThan(Duration.ofMillis(900));
            assertThat(server.log())
                    .noneMatch(line -> line.contains("drain time-out"))
                    .last()
                    .asString()
                    .contains("stopped", "connections_cut=0");
            server.restart();
            assertThat(lost(server, fleet)).isEmpty();
        }
    }

    /** Before Vert.x, which waits five seconds for the answer to a close, would cut them. */
    @Test
    void whoNeverAnswersTheCloseIsToldAndCutWhenTheTimeIsUp() {
        try (ServerProcess server =
                        open().with("wingman.lifecycle.drain-delay", "0s")
                                .with("wingman.lifecycle.drain-timeout", "4s")
                                .start();
                WriterFleet fleet = WriterFleet.connect(server.url(), CLIENTS, false)) {
            awaitLoad(fleet);

            server.terminate();

            assertThat(server.awaitExit()).isZero();
            await().atMost(PATIENCE).until(fleet::isGone);
            assertEverybodyWasTold(fleet);
            assertThat(server.log())
                    .anyMatch(line -> line.contains("drain time-out"))
                    .last()
                    .asString()
                    .contains("stopped", "connections_cut=" + CLIENTS, "requests_cut=0");
            assertThat(timeToStop(server)).isLessThan(Duration.ofSeconds(8));
            server.restart();
            assertThat(lost(server, fleet)).isEmpty();
        }
    }

    /** It gets its close at the pace, and the answer is found behind all that it has sent. */
    @Test
    void whoIsInTheMiddleOfSendingLeavesInOrderToo() {
        try (ServerProcess server = open().with("wingman.lifecycle.drain-delay", "0s").start();
                WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
            client.untakenAfterPing();
            var sending = new CountDownLatch(1000);
            Thread.ofVirtual()
                    .start(() -> {
                        String text = "t".repeat(10_000);
                        while (!client.isClosed()) {
                            client.sendText(text);
                            sending.countDown();
                        }
                    });
            await().until(() -> sending.getCount() == 0);

            server.terminate();

            assertThat(client.awaitClose(PATIENCE)).isEqualTo(RESTART);
            assertThat(server.awaitExit()).isZero();
            assertThat(server.log()).last().asString().contains("stopped", "connections_cut=0");
        }
    }

    private static Duration timeToStop(ServerProcess server) {
        var took = Pattern.compile("stopped took_ms=(\\d+)").matcher(server.log().getLast());
        assertThat(took.find()).isTrue();
        return Duration.ofMillis(Long.parseLong(took.group(1)));
    }

    private static void assertEverybodyWasTold(WriterFleet fleet) {
        assertThat(fleet.troubles()).isEmpty();
        assertThat(fleet.ends())
                .hasSize(CLIENTS)
                .allSatisfy(end -> assertThat(end.close()).isEqualTo(RESTART));
    }

    private static void assertRefused(ServerProcess server) {
        try (RawSocket late = RawSocket.connect(server.url())) {
            RawSocket.Answer answer = late.send(RawSocket.UPGRADE).answer();

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.headers()).containsEntry("retry-after", "1");
        }
    }

    /** The maps that do not have what was acknowledged, nor anything that was sent after it. */
    private static List<String> lost(ServerProcess server, WriterFleet fleet) {
        List<String> lost = new ArrayList<>();
        try (WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
            for (WriterFleet.Writer writer : fleet.writers()) {
                long found = stored(client, writer.map);
                if (!writer.accepts(found)) {
                    lost.add(writer.map + ": " + writer.acknowledged() + ", found " + found);
                }
            }
        }
        return lost;
    }

    private static long stored(WireClient client, String map) {
        client.send(
                """
                {"type":"QUERY_SUB","payload":{"queryId":"q","mapName":"%s","query":{}}}\
                """
                        .formatted(map));
        var rows = client.next("QUERY_RESP").getJsonObject("payload").getJsonArray("results");
        client.send("{\"type\":\"QUERY_UNSUB\",\"payload\":{\"queryId\":\"q\"}}");
        return rows.isEmpty() ? 0 : ((JsonObject) rows.getValue(0)).getLong("value");
    }
}
