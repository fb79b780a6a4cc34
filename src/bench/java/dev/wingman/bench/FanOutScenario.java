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
    private static final double SHARE_OF_SATURATION = 0.7;
    private static final int DURABLE_PER_SECOND = 100;
    private static final double TARGET_PER_CORE = 300_000;
    private static final double TARGET_P99_MILLIS = 10;
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration MEASURED = Duration.ofSeconds(6);

    @Override
    public String name() {
        return "fanout";
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        try (ServerProcess server = workplace.openServer()) {
            try (var load =
                    new FanOutLoad(server.address(), new Feed.Topic("bench"), SUBSCRIBERS)) {
                double deliveries = saturate(server, load, rows);
                rows.add(atRate(load, deliveries * SHARE_OF_SATURATION));
            }
            try (var load = new FanOutLoad(server.address(), new Feed.Map("bench"), SUBSCRIBERS)) {
                rows.add(durable(load));
            }
        }
        return rows;
    }

    private static double saturate(ServerProcess server, FanOutLoad load, List<Row> rows)
            throws IOException {
        load.keepUnderWay(WINDOW, WARM_UP);
        load.deliveries().reset();
        var window = Window.open(server);
        load.keepUnderWay(WINDOW, MEASURED);
        window.close();
        long count = load.deliveries().count();
        double perSecond = window.perSecond(count);
        double perCore = window.perCpuSecond(count);
        rows.add(
                Row.judged(
                        "fan-out of a topic, 1 to 1,000, 128 B, closed loop, %d messages under way"
                                .formatted(WINDOW),
                        String.format(
                                Locale.ROOT,
                                "%,.0f deliveries/s on %.2f server cores: %,.0f/s per core; %s",
                                perSecond,
                                window.cores(),
                                perCore,
                                load.deliveries()),
                        ">= 300,000 deliveries/s per core",
                        perCore >= TARGET_PER_CORE));
        return perSecond;
    }

    private static Row atRate(FanOutLoad load, double deliveriesPerSecond) throws IOException {
        double messages = deliveriesPerSecond / SUBSCRIBERS;
        load.sendAtRate(messages, WARM_UP.dividedBy(4));
        load.deliveries().reset();
        load.sendAtRate(messages, MEASURED);
        load.drain();
        return Row.judged(
                String.format(
                        Locale.ROOT,
                        "the same at 70 %% of that, open loop, %,.0f deliveries/s",
                        deliveriesPerSecond),
                load.deliveries().toString(),
                "p99 <= 10 ms",
                load.deliveries().p99Millis() <= TARGET_P99_MILLIS);
    }

    private static Row durable(FanOutLoad load) throws IOException {
        load.sendAtRate(DURABLE_PER_SECOND, WARM_UP.dividedBy(4));
        load.deliveries().reset();
        load.sendAtRate(DURABLE_PER_SECOND, MEASURED);
        load.drain();
        return Row.plain(
                "fan-out of durable map writes, 1 to 1,000, 128 B, open loop, %d writes/s"
                        .formatted(DURABLE_PER_SECOND),
                load.deliveries().toString());
    }
}
