package dev.wingman.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One publisher, a thousand subscribers: by topic, which is not kept, and by map, which is. */
final class FanOutScenario implements Scenario {
    private static final int SUBSCRIBERS = 1_000;
    private static final int WINDOW = 16;
    private static final int DURABLE_PER_SECOND = 100;
    private static final int TARGET_PER_CORE = 300_000;
    private static final double TARGET_P99_MILLIS = 10;
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration SETTLING = Duration.ofSeconds(2);
    private static final Duration MEASURED = Duration.ofSeconds(6);

    @Override
    public String name() {
        return "fanout";
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        try (ServerProcess server = workplace.openServer()) {
            var topic = new Feed.Topic("bench");
            try (var load = new FanOutLoad(server.address(), topic, SUBSCRIBERS)) {
                rows.add(saturate(server, load));
                load.drain();
                rows.add(atTargetRate(server, load));
            }
            var map = new Feed.Map("bench");
            try (var load = new FanOutLoad(server.address(), map, SUBSCRIBERS)) {
                load.keepUnderWay(WINDOW, WARM_UP.dividedBy(2));
                load.drain();
                rows.add(durable(server, load));
            }
        }
        return rows;
    }

    private static Row saturate(ServerProcess server, FanOutLoad load) throws IOException {
        load.keepUnderWay(WINDOW, WARM_UP);
        load.deliveries().reset();
        var window = Window.open(server);
        load.keepUnderWay(WINDOW, MEASURED);
        window.close();
        long count = load.deliveries().count();
        double perCore = window.perServerCore(count);
        return Row.judged(
                "fan-out of a topic, closed loop, 1 to 1,000, 128 B, %d messages under way"
                        .formatted(WINDOW),
                String.format(
                        Locale.ROOT,
                        "%,.0f deliveries/s, %,.0f per server core, %s; %s",
                        window.perSecond(count),
                        perCore,
                        load.deliveries(),
                        window.cores()),
                ">= 300,000 deliveries/s per core",
                perCore >= TARGET_PER_CORE);
    }

    private static Row atTargetRate(ServerProcess server, FanOutLoad load) throws IOException {
        String cores = sendAtRate(server, load, (double) TARGET_PER_CORE / SUBSCRIBERS);
        return Row.judged(
                "fan-out of a topic, open loop, %,d deliveries/s".formatted(TARGET_PER_CORE),
                load.deliveries() + "; " + cores,
                "p99 <= 10 ms",
                load.deliveries().p99Millis() <= TARGET_P99_MILLIS);
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
