package dev.wingman.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.ApiClient;
import dev.wingman.testing.EventListener;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Listeners to events that stop reading, and one that does not. */
final class StalledListeners implements AutoCloseable {
    private static final int STALLED = 4;
    private static final int SPECS = 100;

    /** Each makes an event for the mission and for every spec; a few fill what sockets hold. */
    private static final int MOST_COPIES = 300;

    private final ApiClient ann;
    private final WebClient metrics;
    private final EventListener reader;
    private final List<RawSocket> stalled = new ArrayList<>();

    StalledListeners(ServerProcess server) {
        this.ann = ApiClient.user(server.url(), "stalled@example.org");
        this.metrics = WebClient.http1(server.url());
        this.reader = EventListener.open(server.url("/api/v1/events"), ann.token(), null);
        for (int i = 0; i < STALLED; i++) {
            stalled.add(
                    RawSocket.connectWithRoomFor(4_096, server.url())
                            .send(
                                    "GET /api/v1/events HTTP/1.1\nHost: localhost\nAuthorization: Bearer "
                                            + ann.token()
                                            + "\n\n"));
        }
    }

    /** Has the server tell more than their sockets hold. */
    void cutForNotReading() {
        double before = listenersCut();
        String mission = ann.mission("much").getString("id");
        for (int number = 1; number <= SPECS; number++) {
            ann.post(
                    "/missions/" + mission + "/specs",
                    new JsonObject().put("number", number).put("title", "much"));
        }
        for (int i = 0; i < MOST_COPIES && listenersCut() < before + STALLED; i++) {
            ann.post("/missions/" + mission + "/duplicate", new JsonObject());
        }
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(listenersCut()).isEqualTo(before + STALLED));
        assertThat(stalled).allMatch(RawSocket::isClosedByServer);
    }

    private double listenersCut() {
        byte[] text =
                metrics.send(metrics.request("/metrics").header("Accept", "text/plain")).body();
        return new String(text, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("wingman_rest_listeners_cut_total"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** The one that reads hears of what happens next; once more, if it was behind. */
    void othersHearEverything() {
        String last = ann.mission("last").getString("id");
        while (!reader.hearsOf(last)) {
            last = ann.mission("last").getString("id");
        }
    }

    @Override
    public void close() {
        stalled.forEach(RawSocket::close);
        reader.close();
        metrics.close();
        ann.close();
    }
}
