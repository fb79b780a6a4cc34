package dev.wingman.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The recorder beside the target itself and a plain pass-through, each in a process of its own:
 * short connections, one client alone, many idle connections, and replay.
 */
final class RecorderScenario implements Scenario {
    private static final int SHORT_AT_A_TIME = 8;
    private static final int KEPT_AT_A_TIME = 32;
    private static final int CONNECTIONS = 4_096;
    private static final int WARM_UPS = 2_000;
    private static final int RECORDED = 60_000;
    private static final Duration WARM_UP = Duration.ofSeconds(8);

    /** The recorder's way is longer, and its compilers need more of it. */
    private static final Duration RECORDER_WARM_UP = Duration.ofSeconds(14);

    private static final Duration MEASURED = Duration.ofSeconds(5);
    private static final Duration ALONE_WARM_UP = Duration.ofSeconds(3);

    private static final String SHORT_TARGET = ">= 10,000/s, p50 < 1 ms, p99 < 10 ms";
    private static final int CONNECTS_TARGET = 10_000;
    private static final int P50_TARGET_MILLIS = 1;
    private static final int P99_TARGET_MILLIS = 10;
    private static final int CPU_TARGET_MICROS = 100;
    private static final int ADDED_TARGET_MICROS = 200;
    private static final int MEMORY_TARGET_KIB = 32;
    private static final int REPLAY_TARGET = 20_000;
    private static final double MICROS_PER_MILLI = 1e3;

    private final List<Row> rows = new ArrayList<>();

    @Override
    public String name() {
        return "recorder";
    }

    /** Whom clients talk to. */
    private record Server(String name, InetSocketAddress address, Supplier<Duration> cpu) {
        static Server of(String name, Companion companion) {
            return new Server(name, companion.address(), companion::cpu);
        }
    }

    /** What was done in a time. */
    private record Outcome(Window window, Latency latency) {
        double perSecond() {
            return window.perSecond(latency.count());
        }

        double cpuMicros() {
            return window.serverMicrosEach(latency.count());
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%,.0f/s, %s; %s; %.0f us of the server's CPU each",
                    perSecond(),
                    latency,
                    window.cores(),
                    cpuMicros());
        }
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        try (var echo = Companion.start(EchoTarget.class);
                var passing = Companion.start(PassThrough.class, portOf(echo))) {
            Server target = Server.of("the target itself", echo);
            Server plain = Server.of("a plain pass-through", passing);
            int port = freePort();
            var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            int targetPort = target.address().getPort();
            try (ServerProcess process = workplace.recorder("record", port, targetPort)) {
                var recorder = new Server("the recorder", address, process::cpu);
                record(recorder);
                shortConnections(target, plain, recorder);
                alone(target, plain, recorder);
                memory(process, recorder);
            }
            try (ServerProcess process = workplace.recorder("replay", port, targetPort)) {
                replay(process, new Server("the recorder", address, process::cpu));
            }
        }
        return rows;
    }

    private static String portOf(Companion companion) {
        return String.valueOf(companion.address().getPort());
    }

    private static int freePort() throws IOException {
        try (var any = new ServerSocket(0)) {
            return any.getLocalPort();
        }
    }

    /** What is replayed later. */
    private static void record(Server recorder) throws IOException {
        try (var load = new HttpLoad(recorder.address(), new EchoTarget.Dialogue("kept"), true)) {
            load.runThrough(KEPT_AT_A_TIME, RECORDED);
        }
    }

    private static Outcome measured(
            Server server, String recording, boolean keeps, int atATime, Duration warmUp)
            throws IOException {
        try (var load = new HttpLoad(server.address(), new EchoTarget.Dialogue(recording), keeps)) {
            load.runFor(atATime, warmUp);
            load.latency().reset();
            Window window = Window.open(server.cpu());
            load.runFor(atATime, MEASURED);
            return new Outcome(window.close(), load.latency());
        }
    }

    private void shortConnections(Server target, Server plain, Server recorder) throws IOException {
        String what = "a connection for one request, 8 at a time, ";
        for (Server server : List.of(target, plain)) {
            Outcome each = measured(server, "short", false, SHORT_AT_A_TIME, WARM_UP);
            rows.add(Row.plain(what + server.name(), each.toString()));
        }
        Outcome connections = measured(recorder, "short", false, SHORT_AT_A_TIME, RECORDER_WARM_UP);
        rows.add(
                Row.judged(
                        what + "the recorder",
                        connections.toString(),
                        SHORT_TARGET,
                        connections.perSecond() >= CONNECTS_TARGET
                                && connections.latency().p50Millis() < P50_TARGET_MILLIS
                                && connections.latency().p99Millis() < P99_TARGET_MILLIS));
        Outcome kept = measured(recorder, "long", true, SHORT_AT_A_TIME, ALONE_WARM_UP);
        rows.add(Row.plain("8 kept connections, the recorder", kept.toString()));
        double micros = connections.cpuMicros() - kept.cpuMicros();
        rows.add(
                Row.judged(
                        "recorder CPU for the begin and end of a connection: the difference",
                        String.format(Locale.ROOT, "%.0f us", micros),
                        "< 100 us",
                        micros < CPU_TARGET_MICROS));
    }

    private void alone(Server target, Server plain, Server recorder) throws IOException {
        Latency direct = measured(target, "alone", true, 1, ALONE_WARM_UP).latency();
        Latency passed = measured(plain, "alone", true, 1, ALONE_WARM_UP).latency();
        Latency recorded = measured(recorder, "alone", true, 1, ALONE_WARM_UP).latency();
        String what = "one client, one kept connection, ";
        rows.add(Row.plain(what + "the target itself", text(direct)));
        rows.add(Row.plain(what + "a plain pass-through", text(passed) + added(passed, direct)));
        rows.add(
                Row.judged(
                        what + "the recorder",
                        text(recorded) + added(recorded, direct),
                        "p99 at most 200 us added",
                        addedMicros(recorded, direct) <= ADDED_TARGET_MICROS));
    }

    private static String text(Latency latency) {
        return String.format(
                Locale.ROOT,
                "p50 %.0f us, p99 %.0f us",
                latency.p50Millis() * MICROS_PER_MILLI,
                latency.p99Millis() * MICROS_PER_MILLI);
    }

    private static double addedMicros(Latency latency, Latency direct) {
        return (latency.p99Millis() - direct.p99Millis()) * MICROS_PER_MILLI;
    }

    private static String added(Latency latency, Latency direct) {
        return String.format(Locale.ROOT, ", p99 %.0f us added", addedMicros(latency, direct));
    }

    private void memory(ServerProcess process, Server recorder) throws IOException {
        try (var load = new HttpLoad(recorder.address(), new EchoTarget.Dialogue("crowd"), true)) {
            load.grow(KEPT_AT_A_TIME, WARM_UPS);
        }
        var without = Memory.settled(process);
        try (var load = new HttpLoad(recorder.address(), new EchoTarget.Dialogue("crowd"), true)) {
            load.grow(KEPT_AT_A_TIME, CONNECTIONS);
            var with = Memory.settled(process);
            rows.add(
                    Row.judged(
                            "4,096 connections after one exchange on each, memory of each",
                            with.each(without, CONNECTIONS),
                            "< 32 KiB RSS",
                            with.eachKib(without, CONNECTIONS) < MEMORY_TARGET_KIB));
        }
    }

    private void replay(ServerProcess process, Server recorder)
            throws IOException, InterruptedException {
        try (var load = new HttpLoad(recorder.address(), new EchoTarget.Dialogue("kept"), true);
                HttpClient control = HttpClient.newHttpClient()) {
            long warm = System.nanoTime() + WARM_UP.toNanos();
            while (System.nanoTime() < warm) {
                load.runThrough(KEPT_AT_A_TIME, RECORDED);
                rewind(control, process);
            }
            load.latency().reset();
            Window window = Window.open(recorder.cpu());
            load.runThrough(KEPT_AT_A_TIME, RECORDED);
            var replayed = new Outcome(window.close(), load.latency());
            rows.add(
                    Row.judged(
                            String.format(
                                    Locale.ROOT,
                                    "replay of %,d exchanges, %d kept connections",
                                    RECORDED,
                                    KEPT_AT_A_TIME),
                            replayed.toString(),
                            ">= 20,000/s",
                            replayed.perSecond() >= REPLAY_TARGET));
        }
    }

    private static void rewind(HttpClient control, ServerProcess server)
            throws IOException, InterruptedException {
        String url =
                "http://127.0.0.1:%d/api/v1/recordings/kept/rewind"
                        .formatted(server.address().getPort());
        var answer =
                control.send(
                        HttpRequest.newBuilder(URI.create(url))
                                .POST(HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.discarding());
        if (answer.statusCode() != 200) {
            throw new IllegalStateException("rewind was answered by " + answer.statusCode());
        }
    }
}
