package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.RawSocket;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The names are contract: dashboards and alerts are built on them. */
class MetricsIT {
    /** Not in the format of OpenMetrics, which has other names for counters. */
    private static String text(WebClient client) {
        byte[] body = client.send(client.request("/metrics").header("Accept", "text/plain")).body();
        return new String(body, StandardCharsets.UTF_8).replace(",}", "}");
    }

    /** Samples of ours by name and tags, as Prometheus reads them. */
    private static Map<String, Double> scrape(WebClient client) {
        var samples = new TreeMap<String, Double>();
        text(client)
                .lines()
                .filter(line -> line.startsWith("wingman_"))
                .forEach(line -> {
                    int space = line.lastIndexOf(' ');
                    samples.put(
                            line.substring(0, space), Double.valueOf(line.substring(space + 1)));
                });
        return samples;
    }

    /**
     * One metric, as the table and the scrape both have it.
     *
     * @param labels each with its values, in their order
     */
    private record Metric(String name, String type, String labels, String meaning) {}

    private static final Pattern ROW =
            Pattern.compile(
                    "^\\| `(wingman_\\w+)` \\| (\\w+) \\| (\\w+) \\| (.*?) ?\\| (.+) \\|$",
                    Pattern.MULTILINE);

    private static List<Metric> documented() throws IOException {
        List<Metric> documented = new ArrayList<>();
        ROW.matcher(Files.readString(Path.of("src/docs/metrics.md")))
                .results()
                .forEach(row -> {
                    assertThat(row.group(1)).matches(nameFor(row.group(3), row.group(2)));
                    documented.add(
                            new Metric(row.group(1), row.group(2), row.group(4), row.group(5)));
                });
        return documented;
    }

    /** Units that Prometheus has a word for stand in the name. */
    private static String nameFor(String unit, String type) {
        String counted = type.equals("counter") ? "_total" : "";
        return switch (unit) {
            case "seconds", "bytes" -> "\\w+_" + unit + counted;
            default -> "\\w+" + counted;
        };
    }

    private static List<Metric> scraped(WebClient client) {
        List<String> lines = text(client).lines().toList();
        var help = new HashMap<String, String>();
        List<Metric> scraped = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split(" ", 4);
            if (line.startsWith("# HELP wingman_")) {
                help.put(words[2], words[3].strip());
            } else if (line.startsWith("# TYPE wingman_")) {
                scraped.add(
                        new Metric(
                                words[2],
                                words[3],
                                labels(words[2], lines),
                                help.getOrDefault(words[2], "")));
            }
        }
        return scraped;
    }

    private static String labels(String name, List<String> lines) {
        var values = new TreeMap<String, Set<String>>();
        Pattern sample = Pattern.compile("^" + name + "\\{(\\w+)=\"(\\w+)\",?} .*");
        for (String line : lines) {
            Matcher matcher = sample.matcher(line);
            if (matcher.matches()) {
                values.computeIfAbsent(matcher.group(1), _ -> new TreeSet<>())
                        .add(matcher.group(2));
            }
        }
        return values.entrySet().stream()
                .map(label -> "`" + label.getKey() + "`: " + String.join(", ", label.getValue()))
                .collect(Collectors.joining("; "));
    }

    @Test
    void theTableHasWhatTheServerHas(@TempDir Path folder) throws IOException {
        String endpoint = "wingman.recorder.endpoints.api.";
        ServerProcess.Setup everything =
                ServerProcess.in(folder)
                        .with("wingman.recorder.mode", "replay")
                        .with(endpoint + "source-port", 0)
                        .with(endpoint + "target-host", "127.0.0.1")
                        .with(endpoint + "target-port", 1);
        try (ServerProcess server = everything.start();
                WebClient web = WebClient.http1(server.url())) {
            assertThat(documented()).containsExactlyInAnyOrderElementsOf(scraped(web));
        }
    }

    @Test
    void aRecorderThatIsOffCountsNothing(@TempDir Path folder) throws IOException {
        try (ServerProcess server = ServerProcess.in(folder).start();
                WebClient web = WebClient.http1(server.url())) {
            List<Metric> without =
                    documented().stream()
                            .filter(metric -> !metric.name().startsWith("wingman_recorder_"))
                            .toList();

            assertThat(scraped(web)).containsExactlyInAnyOrderElementsOf(without);
        }
    }

    /** Lines of names and values, as the scrape has them. */
    private static Map<String, Double> values(String lines) {
        var values = new TreeMap<String, Double>();
        lines.lines()
                .forEach(line -> {
                    int space = line.lastIndexOf(' ');
                    values.put(line.substring(0, space), Double.valueOf(line.substring(space + 1)));
                });
        return values;
    }

    @Test
    void whatClientsSayIsCounted(@TempDir Path folder) {
        try (ServerProcess server = ServerProcess.in(folder).start();
                WebClient web = WebClient.http1(server.url());
                WireClient writer = WireClient.connect(server.webSocketUrl("/ws"));
                WireClient reader = WireClient.connect(server.webSocketUrl("/ws"))) {
            reader.send("{\"type\":\"SYNC_INIT\",\"mapName\":\"m\",\"lastSyncTimestamp\":0}");
            reader.next("SYNC_RESP_ROOT");
            write(writer);
            reader.next("SERVER_EVENT");
            writer.send(new byte[] {1});
            writer.send("{\"type\":\"NEVER_HEARD_OF\"}");
            writer.untakenAfterPing();

            assertThat(scrape(web))
                    .containsAllEntriesOf(
                            values(
                                    """
                                    wingman_connections{kind="client"} 2
                                    wingman_connections_opened_total 2
                                    wingman_connections_left_total 0
                                    wingman_queues_waiting 0
                                    wingman_queues_frames 0
                                    wingman_queues_size_bytes 0
                                    wingman_messages_received_total{type="OP_BATCH"} 1
                                    wingman_messages_received_total{type="SYNC_INIT"} 1
                                    wingman_messages_received_total{type="PING"} 1
                                    wingman_messages_received_total{type="AUTH"} 0
                                    wingman_messages_sent_total{type="OP_ACK"} 1
                                    wingman_messages_sent_total{type="SYNC_RESP_ROOT"} 1
                                    wingman_messages_sent_total{type="SERVER_EVENT"} 1
                                    wingman_messages_sent_total{type="PONG"} 1
                                    wingman_messages_sent_total{type="TOPIC_MESSAGE"} 0
                                    wingman_frames_malformed_total 1
                                    wingman_frames_unknown_total 1
                                    wingman_deliveries_total 1
                                    wingman_subjects_followed 1
                                    wingman_requests_in_flight 0\
                                    """));

            reader.leave();
            await().untilAsserted(() ->
                    assertThat(scrape(web)).containsEntry("wingman_connections_left_total", 1.0));
        }
    }

    /** One operation that is stored and, in the same batch, one that is refused. */
    private static void write(WireClient client) {
        client.send(
                """
                {"type":"OP_BATCH","payload":{"ops":[
                 {"id":"1","mapName":"m","key":"k","record":
                  {"value":1,"timestamp":{"millis":1,"counter":0,"nodeId":"n"}}},
                 {"id":"2","mapName":"m","key":"k","opType":"PUT"}]}}\
                """);
        client.next("OP_ACK");
    }

    @Test
    void whatBecomesOfItIsCounted(@TempDir Path folder) {
        try (ServerProcess server = ServerProcess.in(folder).start();
                WebClient web = WebClient.http1(server.url());
                WireClient writer = WireClient.connect(server.webSocketUrl("/ws"))) {
            write(writer);

            Map<String, Double> samples = scrape(web);

            assertThat(samples)
                    .containsAllEntriesOf(
                            values(
                                    """
                                    wingman_operations_total{outcome="acknowledged"} 1
                                    wingman_operations_total{outcome="refused"} 1
                                    wingman_operations_total{outcome="failed"} 0
                                    wingman_operations_duration_seconds_count 1
                                    wingman_operations_duration_seconds_bucket{le="10.0"} 1
                                    wingman_maps 1
                                    wingman_store_changes_total 1
                                    wingman_store_group_changes_sum 1
                                    wingman_store_writable 1
                                    wingman_recovery_records 0\
                                    """));
            assertThat(samples.get("wingman_store_commit_duration_seconds_count"))
                    .isEqualTo(samples.get("wingman_store_commits_total"))
                    .isPositive();
            for (String name :
                    List.of(
                            "wingman_operations_duration_seconds_sum",
                            "wingman_store_commit_duration_seconds_sum",
                            "wingman_store_commit_duration_max_seconds",
                            "wingman_store_wal_syncs_total",
                            "wingman_store_files_bytes",
                            "wingman_recovery_time_seconds")) {
                assertThat(samples.get(name)).as(name).isPositive();
            }
        }
    }

    @Test
    void whoIsClosedOrRefusedIsCountedByTheReason(@TempDir Path folder) {
        try (ServerProcess server =
                        ServerProcess.in(folder)
                                .with("wingman.connection.max-connections", 1)
                                .with("wingman.connection.idle-timeout", "2s")
                                .start();
                WebClient web = WebClient.http1(server.url());
                WireClient silent = WireClient.connect(server.webSocketUrl("/ws"));
                RawSocket second = RawSocket.connect(server.url())) {
            assertThat(silent.untakenAfterPing()).isEmpty(); // it is served, so it counts
            assertThat(second.send(RawSocket.UPGRADE).answer().status()).isEqualTo(503);
            silent.awaitClose();

            assertThat(scrape(web))
                    .containsAllEntriesOf(
                            values(
                                    """
                                    wingman_connections_refused_total{reason="full"} 1
                                    wingman_connections_closed_total{code="1000"} 1
                                    wingman_connections_closed_total{code="1013"} 0
                                    wingman_connections_slow_total 0
                                    wingman_connections_left_total 0\
                                    """));
        }
    }
}
