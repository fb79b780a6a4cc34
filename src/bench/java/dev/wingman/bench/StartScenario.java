package dev.wingman.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** How long an empty server takes to be ready, and what it weighs when nobody is there. */
final class StartScenario implements Scenario {
    private static final int STARTS = 5;
    private static final Duration IDLE = Duration.ofSeconds(3);
    private static final int RECORDS = 1_000_000;
    private static final int WRITERS = 50;
    private static final int OPS_PER_MESSAGE = 50;
    private static final int MESSAGES_UNDER_WAY = 4;
    private static final double MORE_SECONDS_TARGET = 2;

    /** What the kind of server is held to. */
    private enum Target {
        JVM("JVM", 1.5, 200),
        AOT_CACHE("JVM with AOT cache", 1.0, 200),
        NATIVE("native", 0.1, 80);

        final String title;
        final double seconds;
        final long rssMb;

        Target(String title, double seconds, long rssMb) {
            this.title = title;
            this.seconds = seconds;
            this.rssMb = rssMb;
        }

        static Target of(ServerProcess server, Workplace workplace) {
            if (server.isNative()) {
                return NATIVE;
            }
            return workplace.hasFlag("-XX:AOTCache=") ? AOT_CACHE : JVM;
        }
    }

    @Override
    public String name() {
        return "start";
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        List<Duration> starts = new ArrayList<>();
        long rssKib = 0;
        Target target = Target.JVM;
        for (int i = 1; i <= STARTS; i++) {
            try (ServerProcess server = workplace.openServer()) {
                starts.add(server.timeToReady());
                target = Target.of(server, workplace);
                if (i == STARTS) {
                    Thread.sleep(IDLE);
                    rssKib = server.rssKib();
                }
            }
        }
        double median = median(starts);
        return List.of(
                Row.judged(
                        "start to ready, empty store",
                        String.format(
                                Locale.ROOT,
                                "%.2f s (median of %d; %.2f to %.2f)",
                                median,
                                STARTS,
                                seconds(Collections.min(starts)),
                                seconds(Collections.max(starts))),
                        "<= %s s (%s)".formatted(target.seconds, target.title),
                        median <= target.seconds),
                Row.judged(
                        "RSS, idle, no connection",
                        rssKib * 1024 / 1_000_000 + " MB",
                        "<= %d MB (%s)".formatted(target.rssMb, target.title),
                        rssKib * 1024 <= target.rssMb * 1_000_000),
                withRecords(workplace, median));
    }

    private static Row withRecords(Workplace workplace, double emptySeconds)
            throws IOException, InterruptedException {
        Path data = workplace.directory().resolve("records");
        String[] options = {"-Dquarkus.profile=local", "-Dwingman.storage.directory=" + data};
        try (ServerProcess server = workplace.server(options);
                var load = new WriteLoad(server.address(), WRITERS, OPS_PER_MESSAGE)) {
            load.fill(RECORDS, MESSAGES_UNDER_WAY);
        }
        List<Duration> starts = new ArrayList<>();
        for (int i = 0; i < STARTS; i++) {
            try (ServerProcess server = workplace.server(options)) {
                starts.add(server.timeToReady());
            }
        }
        double median = median(starts);
        return Row.judged(
                String.format(Locale.ROOT, "start to ready, %,d records", RECORDS),
                String.format(
                        Locale.ROOT,
                        "%.2f s (median of %d): %.2f s more",
                        median,
                        STARTS,
                        median - emptySeconds),
                "+%.0f s".formatted(MORE_SECONDS_TARGET),
                median - emptySeconds <= MORE_SECONDS_TARGET);
    }

    private static double median(List<Duration> times) {
        return seconds(times.stream().sorted().toList().get(times.size() / 2));
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }
}
