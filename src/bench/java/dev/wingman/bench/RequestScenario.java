package dev.wingman.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Requests with an answer each, over HTTP and over sockets: first as many as the server takes, then
 * at 70 % of that.
 */
final class RequestScenario implements Scenario {
    private static final int AT_A_TIME = 16;

    /** Those due wait for a connection, as the clients of a server with a pool would. */
    private static final int CONNECTIONS = 64;

    private static final double LOAD = 0.7;
    private static final double P50_TARGET_MILLIS = 1;
    private static final double P99_TARGET_MILLIS = 10;
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration SETTLING = Duration.ofSeconds(2);
    private static final Duration MEASURED = Duration.ofSeconds(5);

    @Override
    public String name() {
        return "requests";
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        try (ServerProcess server = workplace.openServer()) {
            rows.addAll(http(server, "GET /health", new Health()));
            rows.addAll(http(server, "POST /sync with one durable write", new Sync()));
            rows.addAll(pings(server));
        }
        return rows;
    }

    private static final class Health implements HttpLoad.Dialogue {
        private static final byte[] REQUEST =
                "GET /health HTTP/1.1\r\nHost: bench\r\n\r\n".getBytes(ISO_8859_1);

        @Override
        public byte[] request(int number) {
            return REQUEST;
        }

        @Override
        public boolean isAnswer(int number, String body) {
            return body.startsWith("{\"state\":\"ready\",");
        }
    }

    private static final class Sync implements HttpLoad.Dialogue {
        private static final int KEYS = 2_000;
        private static final String VALUE = "v".repeat(100);

        private final Requests requests = new Requests();
        private final Reply reply = new Reply();

        @Override
        public byte[] request(int number) {
            byte[] body = requests.sync("bench-sync", 1L + number, "key-" + number % KEYS, VALUE);
            var request = new ByteArrayOutputStream();
            request.writeBytes(
                    ("POST /sync HTTP/1.1\r\nHost: bench\r\nContent-Type: application/x-msgpack\r\n"
                                    + "Content-Length: "
                                    + body.length
                                    + "\r\n\r\n")
                            .getBytes(ISO_8859_1));
            request.writeBytes(body);
            return request.toByteArray();
        }

        @Override
        public boolean isAnswer(int number, String body) {
            byte[] bytes = body.getBytes(ISO_8859_1);
            try {
                return String.valueOf(1L + number)
                        .equals(reply.read(bytes, 0, bytes.length).lastId());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static List<Row> http(ServerProcess server, String what, HttpLoad.Dialogue dialogue)
            throws IOException {
        InetSocketAddress address = server.address();
        try (var load = new HttpLoad(address, dialogue, true)) {
            load.runFor(AT_A_TIME, WARM_UP);
            load.latency().reset();
            var saturated = Window.open(server);
            load.runFor(AT_A_TIME, MEASURED);
            saturated.close();
            double perSecond = saturated.perSecond(load.latency().count());
            Row first = saturation(what, saturated, load.latency());
            load.runAtRate(CONNECTIONS, LOAD * perSecond, SETTLING);
            load.latency().reset();
            var window = Window.open(server);
            load.runAtRate(CONNECTIONS, LOAD * perSecond, MEASURED);
            window.close();
            return List.of(first, atLoad(what, LOAD * perSecond, window, load.latency()));
        }
    }

    private static List<Row> pings(ServerProcess server) throws IOException {
        String what = "PING over a socket";
        try (var load = new PingLoad(server.address(), AT_A_TIME)) {
            load.keepAsking(WARM_UP);
            load.answers().reset();
            var saturated = Window.open(server);
            load.keepAsking(MEASURED);
            saturated.close();
            double perSecond = saturated.perSecond(load.answers().count());
            Row first = saturation(what, saturated, load.answers());
            load.drain();
            load.askAtRate(LOAD * perSecond, SETTLING);
            load.answers().reset();
            var window = Window.open(server);
            load.askAtRate(LOAD * perSecond, MEASURED);
            window.close();
            load.drain();
            return List.of(first, atLoad(what, LOAD * perSecond, window, load.answers()));
        }
    }

    private static Row saturation(String what, Window window, Latency latency) {
        return Row.plain(
                "%s, closed loop, %d at a time".formatted(what, AT_A_TIME),
                String.format(
                        Locale.ROOT,
                        "%,.0f/s, %s; %.0f us of the server's CPU each; %s",
                        window.perSecond(latency.count()),
                        latency,
                        window.serverMicrosEach(latency.count()),
                        window.cores()));
    }

    private static Row atLoad(String what, double perSecond, Window window, Latency latency) {
        return Row.judged(
                String.format(
                        Locale.ROOT, "%s, open loop, 70 %% of that: %,.0f/s", what, perSecond),
                latency + "; " + window.cores(),
                "p50 < 1 ms, p99 < 10 ms",
                latency.p50Millis() < P50_TARGET_MILLIS && latency.p99Millis() < P99_TARGET_MILLIS);
    }
}
