package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The names are contract: dashboards and alerts are built on them. */
class MetricsIT {
    /** Samples of ours by name and tags, as Prometheus reads them. */
    private static Map<String, Double> scrape(WebClient client) {
        var samples = new TreeMap<String, Double>();
        new String(client.get("/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith("wingman_"))
                .forEach(line -> {
                    int space = line.lastIndexOf(' ');
                    samples.put(
                            line.substring(0, space), Double.valueOf(line.substring(space + 1)));
                });
        return samples;
    }

    @Test
    void everythingThatIsCountedCanBeScraped(@TempDir Path folder) {
        try (ServerProcess server = ServerProcess.in(folder).start();
                WebClient web = WebClient.http1(server.url());
                WireClient writer = WireClient.connect(server.webSocketUrl("/ws"));
                WireClient reader = WireClient.connect(server.webSocketUrl("/ws"))) {
            reader.send("{\"type\":\"SYNC_INIT\",\"mapName\":\"m\",\"lastSyncTimestamp\":0}");
            reader.next("SYNC_RESP_ROOT");
            writer.send(
                    """
                    {"type":"CLIENT_OP","payload":{"id":"1","mapName":"m","key":"k","record":
                     {"value":1,"timestamp":{"millis":1,"counter":0,"nodeId":"n"}}}}\
                    """);
            writer.next("OP_ACK");
            reader.next("SERVER_EVENT");
            writer.send(new byte[] {1});
            writer.send("{\"type\":\"NEVER_HEARD_OF\"}");
            writer.untakenAfterPing();

            Map<String, Double> samples = scrape(web);

            assertThat(samples)
                    .containsEntry("wingman_connections{kind=\"client\"}", 2.0)
                    .containsEntry("wingman_connections{kind=\"cluster_peer\"}", 0.0)
                    .containsEntry("wingman_connections_opened_total", 2.0)
                    .containsEntry("wingman_connections_closed_total{code=\"1013\"}", 0.0)
                    .containsEntry("wingman_connections_left_total", 0.0)
                    .containsEntry("wingman_connections_refused_total{reason=\"full\"}", 0.0)
                    .containsEntry("wingman_messages_dropped_total", 0.0)
                    .containsEntry("wingman_events_coalesced_total", 0.0)
                    .containsEntry("wingman_queries_stale_total", 0.0)
                    .containsEntry("wingman_requests_in_flight", 0.0)
                    .containsEntry("wingman_frames_malformed_total", 1.0)
                    .containsEntry("wingman_frames_unknown_total", 1.0)
                    .containsEntry("wingman_deliveries_total", 1.0)
                    .containsEntry("wingman_tokens_refused_total", 0.0)
                    .containsEntry("wingman_requests_failed_total", 0.0)
                    .containsEntry("wingman_store_changes_total", 1.0)
                    .containsEntry("wingman_recovery_records", 0.0)
                    .containsKeys(
                            "wingman_store_queued_bytes",
                            "wingman_maps",
                            "wingman_queries_watched",
                            "wingman_subjects_followed",
                            "wingman_store_tables_bytes",
                            "wingman_store_commit_time_max_seconds");
            assertThat(samples.get("wingman_store_commits_total")).isPositive();
            assertThat(samples.get("wingman_store_wal_syncs_total")).isPositive();
            assertThat(samples.get("wingman_store_commit_time_seconds_total")).isPositive();
            assertThat(samples.get("wingman_recovery_time_seconds")).isPositive();

            reader.leave();
            await().untilAsserted(() ->
                    assertThat(scrape(web)).containsEntry("wingman_connections_left_total", 1.0));
        }
    }
}
