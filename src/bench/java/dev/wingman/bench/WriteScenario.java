package dev.wingman.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Acknowledged durable writes: first as many as the server takes from clients that wait for their
 * acknowledgements, then half of that at a fixed rate, half of the target, and next to nothing.
 *
 * <p>Each connection writes a map of its own, since the server tells writers of a map of each
 * other's changes, and that is fan-out.
 */
final class WriteScenario implements Scenario {
    private static final int TARGET_OPS = 60_000;
    private static final double TARGET_SYNCS = 2;

    /** Few enough that a write finds the server idle: what the way itself takes. */
    private static final double LONE_OPS = 1_000;

    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration SETTLING = Duration.ofSeconds(2);
    private static final Duration MEASURED = Duration.ofSeconds(7);
    private static final Duration DISK = Duration.ofSeconds(2);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** How clients write. */
    private record Shape(int connections, int window, int opsPerMessage) {
        @Override
        public String toString() {
            return "%d connections x %d messages of %d ops"
                    .formatted(connections, window, opsPerMessage);
        }
    }

    private static final Shape SINGLE = new Shape(64, 16, 1);
    private static final Shape BATCHED = new Shape(64, 4, 10);

    @Override
    public String name() {
        return "writes";
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        try (ServerProcess server = workplace.openServer()) {
            try (var load = new WriteLoad(server.address(), BATCHED.connections(), 10)) {
                Window window = saturate(server, load, BATCHED);
                rows.add(row(BATCHED, window, load));
            }
            try (var load = new WriteLoad(server.address(), SINGLE.connections(), 1)) {
                Window window = saturate(server, load, SINGLE);
                rows.add(row(SINGLE, window, load));
                double half = window.perSecond(load.acks().count()) / 2;
                load.drain(LIMIT);
                Latency disk = Disk.fdatasync(workplace.directory(), DISK);
                rows.add(atRate(server, load, half, disk));
                rows.add(atRate(server, load, TARGET_OPS / 2.0, disk));
                rows.add(atRate(server, load, LONE_OPS, disk));
            }
        }
        return rows;
    }

    private static Window saturate(ServerProcess server, WriteLoad load, Shape shape)
            throws IOException {
        load.keepUnderWay(shape.window(), WARM_UP);
        load.acks().reset();
        var window = Window.open(server);
        load.keepUnderWay(shape.window(), MEASURED);
        return window.close();
    }

    private static Row row(Shape shape, Window window, WriteLoad load) {
        double ops = window.perSecond(load.acks().count() * shape.opsPerMessage());
        return Row.judged(
                "acked durable writes, closed loop, " + shape,
                String.format(Locale.ROOT, "%,.0f ops/s, %s; %s", ops, load.acks(), window.cores()),
                ">= 60,000 ops/s",
                ops >= TARGET_OPS);
    }

    private static Row atRate(ServerProcess server, WriteLoad load, double rate, Latency disk)
            throws IOException {
        load.sendAtRate(rate, SETTLING);
        load.acks().reset();
        var window = Window.open(server);
        load.sendAtRate(rate, MEASURED);
        window.close();
        load.drain(LIMIT);
        double syncs = load.acks().p50Millis() / disk.p50Millis();
        return Row.judged(
                String.format(
                        Locale.ROOT,
                        "acked durable writes, open loop, 1 op per message, %,.0f ops/s",
                        rate),
                String.format(
                        Locale.ROOT,
                        "%s; p50 is %.1f fdatasyncs; %s",
                        load.acks(),
                        syncs,
                        window.cores()),
                String.format(Locale.ROOT, "p50 <= %.2f ms (2 fdatasyncs)", 2 * disk.p50Millis()),
                syncs <= TARGET_SYNCS);
    }
}
