package dev.wingman.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * One publisher, a thousand subscribers: by topic, which is not kept, and by map, which is; then
 * one subscriber and ten thousand, some that stall, and the other way of writing frames.
 */
final class FanOutScenario implements Scenario {
    private static final int SUBSCRIBERS = 1_000;
    private static final int MANY_SUBSCRIBERS = 10_000;
    private static final int WINDOW = 16;
    private static final int WINDOW_OF_MANY = 16;
    private static final int STALLED = 50;

    /** So few that those of a pause of the generator fit a queue: it drops what does not. */
    private static final int LONE_PER_SECOND = 2_000;

    private static final double MAX_SLOWER = 1.1;
    private static final int DURABLE_PER_SECOND = 100;
    private static final int TARGET_PER_CORE = 300_000;
    private static final double TARGET_P99_MILLIS = 10;
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration SETTLING = Duration.ofSeconds(2);

    /** The closed loop fills the queues of those who do not read in a few of these. */
    private static final Duration FILLING = Duration.ofSeconds(1);

    private static final int FILLINGS = 20;

    private static final Duration MEASURED = Duration.ofSeconds(6);

    @Override
    public String name() {
        return "fanout";
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        var topic = new Feed.Topic("bench");
        try (ServerProcess server = workplace.openServer()) {
            try (var load = new FanOutLoad(server.address(), topic, SUBSCRIBERS)) {
                rows.add(saturate(server, load, SUBSCRIBERS, WINDOW, ""));
                load.drain();
                rows.add(atTargetRate(server, load));
                rows.addAll(withStalled(server, load));
            }
            var map = new Feed.Map("bench");
            try (var load = new FanOutLoad(server.address(), map, SUBSCRIBERS)) {
                load.keepUnderWay(WINDOW, WARM_UP.dividedBy(2));
                load.drain();
                rows.add(durable(server, load));
            }
            try (var load = new FanOutLoad(server.address(), topic, 1)) {
                String cores = sendAtRate(server, load, LONE_PER_SECOND);
                rows.add(
                        Row.plain(
                                String.format(
                                        Locale.ROOT,
                                        "fan-out of a topic, open loop, 1 to 1, %,d messages/s",
                                        LONE_PER_SECOND),
                                load.deliveries() + "; " + cores));
            }
            try (var load = new FanOutLoad(server.address(), topic, MANY_SUBSCRIBERS)) {
                rows.add(saturate(server, load, MANY_SUBSCRIBERS, WINDOW_OF_MANY, ""));
            }
        }
        String publicApi = "-Dwingman.connection.writer=public-api";
        try (ServerProcess server = workplace.server("-Dquarkus.profile=local", publicApi);
                var load = new FanOutLoad(server.address(), topic, SUBSCRIBERS)) {
            rows.add(saturate(server, load, SUBSCRIBERS, WINDOW, ", public API of Vert.x"));
        }
        return rows;
    }

    private static Row saturate(
            ServerProcess server, FanOutLoad load, int subscribers, int window, String remark)
            throws IOException {
        load.keepUnderWay(window, WARM_UP);
        load.deliveries().reset();
        var measured = Window.open(server);
        load.keepUnderWay(window, MEASURED);
        measured.close();
        long count = load.deliveries().count();
        double perCore = measured.perServerCore(count);
        String what =
                String.format(
                        Locale.ROOT,
                        "fan-out of a topic, closed loop, 1 to %,d, 128 B, %d messages under way%s",
                        subscribers,
                        window,
                        remark);
        String result =
                String.format(
                        Locale.ROOT,
                        "%,.0f deliveries/s, %,.0f per server core, %s; %s",
                        measured.perSecond(count),
                        perCore,
                        load.deliveries(),
                        measured.cores());
        return subscribers == SUBSCRIBERS && remark.isEmpty()
                ? Row.judged(
                        what,
                        result,
                        ">= 300,000 deliveries/s per core",
                        perCore >= TARGET_PER_CORE)
                : Row.plain(what, result);
    }

    private static Row atTargetRate(ServerProcess server, FanOutLoad load) throws IOException {
        String cores = sendAtRate(server, load, (double) TARGET_PER_CORE / SUBSCRIBERS);
        return Row.judged(
                "fan-out of a topic, open loop, %,d deliveries/s".formatted(TARGET_PER_CORE),
                load.deliveries() + "; " + cores,
                "p99 <= 10 ms",
                load.deliveries().p99Millis() <= TARGET_P99_MILLIS);
    }

    private static List<Row> withStalled(ServerProcess server, FanOutLoad load) throws IOException {
        String what =
                "fan-out of a topic, open loop, %,d deliveries/s"
                        .formatted(DURABLE_PER_SECOND * SUBSCRIBERS);
        String cores = sendAtRate(server, load, DURABLE_PER_SECOND);
        double healthy = load.deliveries().p99Millis();
        final Row without = Row.plain(what, load.deliveries() + "; " + cores);
        final var memoryWithout = Memory.settled(server);
        load.addStalled(STALLED);
        for (int i = 0; i < FILLINGS && dropped(server) < STALLED; i++) {
            load.keepUnderWay(WINDOW, FILLING);
        }
        load.drain();
        requireFullQueues(server);
        var memoryWith = Memory.settled(server);
        cores = sendAtRate(server, load, DURABLE_PER_SECOND);
        requireFullQueues(server);
        double beside = load.deliveries().p99Millis();
        return List.of(
                without,
                Row.judged(
                        "the same, and %d more take nothing: the healthy".formatted(STALLED),
                        "%s; %s for each stalled; %s"
                                .formatted(
                                        load.deliveries(),
                                        memoryWith.each(memoryWithout, STALLED),
                                        cores),
                        "p99 <= 1.1 times that without",
                        beside <= MAX_SLOWER * healthy));
    }

    /** What the stalled do not take fills their queues, and not only the buffers on the way. */
    private static void requireFullQueues(ServerProcess server) throws IOException {
        Figures figures = Figures.of(server.address());
        double dropped = dropped(server);
        double open = figures.sum("wingman_connections", "kind=\"client\"");
        if (dropped == 0 || open < SUBSCRIBERS + STALLED) {
            throw new IllegalStateException(
                    "the stalled have missed %.0f messages, and %.0f are connected"
                            .formatted(dropped, open));
        }
    }

    private static double dropped(ServerProcess server) throws IOException {
        return Figures.of(server.address()).sum("wingman_messages_dropped_total", "");
    }

    private static Row durable(ServerProcess server, FanOutLoad load) throws IOException {
        String cores = sendAtRate(server, load, DURABLE_PER_SECOND);
        return Row.plain(
                "fan-out of durable writes to a map, open loop, %,d deliveries/s"
                        .formatted(DURABLE_PER_SECOND * SUBSCRIBERS),
                load.deliveries() + "; " + cores);
    }

    private static String sendAtRate(ServerProcess server, FanOutLoad load, double perSecond)
            throws IOException {
        load.sendAtRate(perSecond, SETTLING);
        load.deliveries().reset();
        var window = Window.open(server);
        load.sendAtRate(perSecond, MEASURED);
        window.close();
        load.drain();
        return window.cores();
    }
}
