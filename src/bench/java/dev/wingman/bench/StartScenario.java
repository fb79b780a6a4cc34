package dev.wingman.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** How long an empty server takes to be ready, and what it weighs when nobody is there. */
final class StartScenario implements Scenario {
    private static final int STARTS = 5;
    private static final double TARGET_SECONDS = 1.5;
    private static final long TARGET_RSS_MIB = 200;
    private static final Duration IDLE = Duration.ofSeconds(3);

    @Override
    public String name() {
        return "start";
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        List<Duration> starts = new ArrayList<>();
        long rssKib = 0;
        for (int i = 1; i <= STARTS; i++) {
            try (ServerProcess server = workplace.openServer()) {
                starts.add(server.timeToReady());
                if (i == STARTS) {
                    Thread.sleep(IDLE);
                    rssKib = server.rssKib();
                }
            }
        }
        Collections.sort(starts);
        double median = seconds(starts.get(STARTS / 2));
        return List.of(
                Row.judged(
                        "start to ready, empty store",
                        String.format(
                                Locale.ROOT,
                                "%.2f s (median of %d; %.2f to %.2f)",
                                median,
                                STARTS,
                                seconds(starts.getFirst()),
                                seconds(starts.getLast())),
                        "<= 1.5 s (JVM)",
                        median <= TARGET_SECONDS),
                Row.judged(
                        "RSS, idle, no connection",
                        rssKib / 1024 + " MiB",
                        "<= 200 MB (JVM)",
                        rssKib / 1024 <= TARGET_RSS_MIB));
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }
}
