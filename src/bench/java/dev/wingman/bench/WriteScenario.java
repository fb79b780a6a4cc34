package dev.wingman.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

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
    private static final double HEADROOM = 1.2;

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
    private static final Shape WAITING = new Shape(64, 1, 1);
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
                rows.add(row(BATCHED, saturate(server, load, BATCHED), load));
            }
            try (var load = new WriteLoad(server.address(), SINGLE.connections(), 1)) {
                rows.add(row(WAITING, saturate(server, load, WAITING), load));
                Saturated saturated = saturate(server, load, SINGLE);
                rows.add(row(SINGLE, saturated, load));
                double most = saturated.window().perSecond(load.acks().count());
                load.drain(LIMIT);
                Latency disk = Disk.fdatasync(workplace.directory(), DISK);
                rows.add(atRate(server, load, most / 2, disk));
                if (most > TARGET_OPS / 2.0 * HEADROOM) { // else it would only fall behind
                    rows.add(atRate(server, load, TARGET_OPS / 2.0, disk));
                }
                rows.add(atRate(server, load, LONE_OPS, disk));
            }
        }
        return rows;
    }

    /**
     * As many writes as the server takes.
     *
     * @param allocatedBytes of its heap meanwhile, if it counts them
     */
    private record Saturated(Window window, OptionalDouble allocatedBytes) {
        String perOp(long ops) {
            return allocatedBytes.isEmpty()
                    ? ""
                    : String.format(
                            Locale.ROOT,
                            ", %,.0f bytes allocated for each",
                            allocatedBytes.getAsDouble() / ops);
        }
    }

    private static Saturated saturate(ServerProcess server, WriteLoad load, Shape shape)
            throws IOException, InterruptedException {
        load.keepUnderWay(shape.window(), WARM_UP);
        load.drain(LIMIT);
        OptionalDouble before = server.allocatedBytes();
        load.acks().reset();
        var window = Window.open(server);
        load.keepUnderWay(shape.window(), MEASURED);
        window.close();
        OptionalDouble after = server.allocatedBytes();
        return new Saturated(
                window,
                before.isEmpty() || after.isEmpty()
                        ? OptionalDouble.empty()
                        : OptionalDouble.of(after.getAsDouble() - before.getAsDouble()));
    }

    private static Row row(Shape shape, Saturated saturated, WriteLoad load) {
        long count = load.acks().count() * shape.opsPerMessage();
        double ops = saturated.window().perSecond(count);
        String what = "acked durable writes, closed loop, " + shape;
        String measured =
                String.format(
                        Locale.ROOT,
                        "%,.0f ops/s, %s%s; %s",
                        ops,
                        load.acks(),
                        saturated.perOp(count),
                        saturated.window().cores());
        return shape.equals(WAITING)
                ? Row.plain(what, measured)
                : Row.judged(what, measured, ">= 60,000 ops/s", ops >= TARGET_OPS);
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
