package dev.wingman.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wingman.testing.WebClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Mixed work for a long time, and whether the server takes more and more for it: clients that
 * write, a topic with followers, clients that come, write and are reset, and requests over HTTP.
 * Every answer is checked. Ends with 1 when a figure has grown beyond its bound.
 *
 * <p>Arguments: the packaged server, its flags in one word, and the time in minutes.
 */
final class Soak {
    private static final Path DIRECTORY = Path.of("target", "bench");
    private static final int SAMPLES = 60;
    private static final Duration SHIFT = Duration.ofSeconds(2);
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final Duration VISIT = Duration.ofMillis(500);
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final int WRITERS = 16;
    private static final double WRITES_PER_SECOND = 1_000;
    private static final int FOLLOWERS = 50;
    private static final double NEWS_PER_SECOND = 50;
    private static final int VISITORS = 8;
    private static final int OPS_OF_VISITORS = 10;
    private static final double MIB = 1 << 20;
    private static final double KIB_PER_MIB = 1 << 10;

    /** A heap of one size from the start: what grows then is something else. */
    private static final List<String> JVM_FLAGS =
            List.of("-Xms256m", "-Xmx256m", "-XX:+AlwaysPreTouch");

    private static final List<String> BINARY_FLAGS = List.of("-Xmx128m", "-Xmn32m");

    private final Trend resident = new Trend("resident memory", "MiB", 0.03, 4);
    private final Trend heap = new Trend("Java heap in use", "MiB", 0.05, 4);
    private final Trend direct = new Trend("direct buffers", "MiB", 0.05, 1);
    private final Trend netty = new Trend("direct memory of Netty", "MiB", 0.05, 1);
    private final Trend threads = new Trend("threads", "threads", 0, 2);
    private final Trend files = new Trend("open files", "files", 0.1, 12);

    private final ServerProcess server;
    private final long endNanos;
    private final LongAdder writes = new LongAdder();
    private final LongAdder deliveries = new LongAdder();
    private final LongAdder visits = new LongAdder();
    private final LongAdder requests = new LongAdder();

    private Soak(ServerProcess server, Duration time) {
        this.server = server;
        this.endNanos = System.nanoTime() + time.toNanos();
    }

    public static void main(String... args)
            throws IOException, InterruptedException, ExecutionException {
        Path executable = Path.of(args[0]).toAbsolutePath();
        boolean isJar = args[0].endsWith(".jar");
        List<String> flags = isJar ? JVM_FLAGS : BINARY_FLAGS;
        if (!args[1].isBlank()) {
            flags = List.of(args[1].strip().split("\\s+"));
        }
        Duration time = Duration.ofMinutes(Long.parseLong(args[2]));
        Files.createDirectories(DIRECTORY);
        Path directory = Files.createTempDirectory(DIRECTORY, "soak-");
        List<Row> rows;
        try (ServerProcess server =
                new Workplace(executable, directory.resolve("servers"), flags)
                        .server(
                                "-Dquarkus.profile=local",
                                // Followers only listen.
                                "-Dwingman.connection.idle-timeout="
                                        + 2 * time.toSeconds()
                                        + "s")) {
            rows = new Soak(server, time).run(time.dividedBy(SAMPLES));
        }
        System.out.printf(
                "%n%s%nserver flags: %s%n%n%s", Machine.describe(), flags, Table.of(rows));
        Disk.delete(directory);
        if (rows.stream().anyMatch(row -> row.verdict() == Row.Verdict.MISSED)) {
            System.exit(1);
        }
    }

    private List<Row> run(Duration pause)
            throws IOException, InterruptedException, ExecutionException {
        List<Future<?>> work = new ArrayList<>();
        try (ExecutorService workers = Executors.newCachedThreadPool()) {
            work.add(workers.submit(this::write));
            work.add(workers.submit(this::publish));
            work.add(workers.submit(this::visit));
            work.add(workers.submit(this::request));
            while (System.nanoTime() < endNanos && work.stream().noneMatch(Future::isDone)) {
                Thread.sleep(pause);
                sample();
            }
        }
        for (Future<?> each : work) {
            each.get(); // a worker that failed says so here
        }
        return rows();
    }

    private void sample() throws IOException {
        server.settle();
        heap.add(server.heapKib() / KIB_PER_MIB);
        resident.add(server.rssKib() / KIB_PER_MIB);
        threads.add(server.threads());
        files.add(server.openFiles());
        Figures figures = Figures.of(server.address());
        direct.add(figures.sum("jvm_buffer_memory_used_bytes", "id=\"direct\"") / MIB);
        netty.add(figures.sum("netty_allocator_memory_used", "memory_type=\"direct\"") / MIB);
    }

    private List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        rows.add(
                Row.plain(
                        "soak: work done",
                        String.format(
                                Locale.ROOT,
                                "%,d acknowledged writes, %,d deliveries, %,d visits, %,d requests",
                                writes.sum(),
                                deliveries.sum(),
                                visits.sum(),
                                requests.sum())));
        rows.add(resident.row());
        if (!server.isNative()) {
            rows.add(heap.row());
            rows.add(direct.row());
        }
        rows.add(netty.row());
        rows.add(threads.row());
        rows.add(files.row());
        return rows;
    }

    private boolean isOver() {
        return System.nanoTime() >= endNanos;
    }

    private @Nullable Void write() throws IOException {
        try (var load = new WriteLoad(server.address(), WRITERS, 1)) {
            while (!isOver()) {
                load.sendAtRate(WRITES_PER_SECOND, SHIFT);
                writes.add(load.acks().count());
                load.acks().reset();
            }
            load.drain(LIMIT);
        }
        return null;
    }

    private @Nullable Void publish() throws IOException {
        try (var load = new FanOutLoad(server.address(), new Feed.Topic("soak"), FOLLOWERS)) {
            while (!isOver()) {
                load.sendAtRate(NEWS_PER_SECOND, SHIFT);
                deliveries.add(load.deliveries().count());
                load.deliveries().reset();
            }
            load.drain();
        }
        return null;
    }

    private @Nullable Void visit() throws IOException {
        while (!isOver()) {
            try (var load = new WriteLoad(server.address(), VISITORS, OPS_OF_VISITORS)) {
                load.keepUnderWay(1, VISIT);
                load.drain(LIMIT);
                writes.add(load.acks().count() * OPS_OF_VISITORS);
                visits.add(VISITORS);
            }
        }
        return null;
    }

    private @Nullable Void request() throws InterruptedException {
        InetSocketAddress address = server.address();
        URI url = URI.create("http://127.0.0.1:" + address.getPort());
        String ask =
                "{\"clientId\":\"soak\",\"syncMaps\":"
                        + "[{\"mapName\":\"bench-1-0\",\"lastSyncTimestamp\":{}}]}";
        try (WebClient client = WebClient.http1(url)) {
            while (!isOver()) {
                expect(client.sync(ask));
                expect(client.get("/health"));
                requests.add(2);
                Thread.sleep(PAUSE);
            }
        }
        return null;
    }

    private static void expect(HttpResponse<byte[]> answer) {
        if (answer.statusCode() != 200) {
            throw new IllegalStateException(answer + " " + new String(answer.body(), UTF_8));
        }
    }
}
