package dev.wingman.websocket;

import static dev.wingman.testing.WebClient.header;
import static dev.wingman.testing.WebClient.json;
import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wingman.protocol.Json;
import dev.wingman.testing.Cable;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bounds the clients of one server, and how they part from it. */
class LimitsIT {
    private static final int FLOODS = 32;

    @TempDir private Path folder;

    private ServerProcess.Setup open() {
        return ServerProcess.in(folder);
    }

    private static int openConnections(WebClient web) {
        return json(web.get("/health")).getInteger("connections");
    }

    @Test
    void oneMoreThanTheLimitIsToldToComeBackHoweverManyComeTogether() {
        int limit = 5;
        try (ServerProcess server =
                        open().with("wingman.connection.max-connections", limit).start();
                WebClient web = WebClient.http1(server.url())) {
            List<WireClient> clients =
                    Stream.generate(() -> WireClient.connect(server.webSocketUrl("/ws")))
                            .limit(limit)
                            .toList();
            assertThat(clients).allMatch(client -> client.untakenAfterPing().isEmpty());

            assertRefused(server, "full");

            clients.getFirst().leave();
            await().until(() -> openConnections(web) == limit - 1);
            try (WireClient another = WireClient.connect(server.webSocketUrl("/ws"))) {
                assertThat(another.untakenAfterPing()).isEmpty();
            }
            clients.forEach(WireClient::leave);
            await().until(() -> openConnections(web) == 0);
            assertTheLimitHoldsForACrowd(server, web, limit);
        }
    }

    /** None of the loops knows what the others are about to let in. */
    private static void assertTheLimitHoldsForACrowd(
            ServerProcess server, WebClient web, int limit) {
        for (int round = 0; round < 10; round++) {
            List<RawSocket> crowd =
                    Stream.generate(() -> RawSocket.connect(server.url())).limit(40).toList();

            crowd.parallelStream().forEach(each -> each.send(RawSocket.UPGRADE));

            Map<Integer, Long> answers =
                    crowd.stream()
                            .map(each -> each.answer().status())
                            .collect(groupingBy(status -> status, counting()));
            assertThat(answers).isEqualTo(Map.of(101, 5L, 503, 35L));
            assertThat(openConnections(web)).isEqualTo(limit);
            crowd.forEach(RawSocket::close);
            await().until(() -> openConnections(web) == 0);
        }
    }

    private static void assertRefused(ServerProcess server, String reason) {
        try (RawSocket raw = RawSocket.connect(server.url())) {
            RawSocket.Answer answer = raw.send(RawSocket.UPGRADE).answer();

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.headers()).containsKey("x-request-id");
            assertThat(Integer.parseInt(answer.headers().get("retry-after"))).isPositive();
            JsonObject problem = new JsonObject(answer.body());
            assertThat(problem.getString("code")).isEqualTo("unavailable");
            assertThat(problem.getString("detail")).contains(reason);
        }
    }

    /** One that is silent, and one that is written to until no buffer takes more. */
    @Test
    void whoVanishesWithoutAWordIsLetGo() throws IOException {
        Cable cable = Cable.plug();
        assumeTrue(cable != null, "needs to make a network namespace");
        String subscribe = "{\"type\":\"TOPIC_SUB\",\"payload\":{\"topic\":\"news\"}}";
        try (cable;
                ServerProcess server =
                        open().with("wingman.network.host", "0.0.0.0")
                                .with("wingman.security.allow-open-network", true)
                                .with("wingman.connection.idle-timeout", "3s")
                                .start();
                WebClient web = WebClient.http1(server.url());
                WireClient publisher = WireClient.connect(server.webSocketUrl("/ws"))) {
            Process silent = connectThere(cable, server, new byte[0]);
            Process subscriber = connectThere(cable, server, masked(Json.frame(subscribe)));
            await().until(() -> openConnections(web) == 3);
            await().until(() -> metric(web, "wingman_subjects_followed") == 1);

            cable.pull();
            // Who dies now can say so to nobody.
            silent.destroyForcibly();
            subscriber.destroyForcibly();
            String news = "n".repeat(16_000);
            for (int i = 0; i < 1000; i++) {
                publisher.send(
                        """
                        {"type":"TOPIC_PUB","payload":{"topic":"news","data":"%s"}}\
                        """
                                .formatted(news));
            }
            publisher.untakenAfterPing();

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> {
                        publisher.untakenAfterPing();
                        return openConnections(web) == 1;
                    });
            assertThat(server.log())
                    .anyMatch(line -> line.contains("topics are not read"))
                    .anyMatch(line -> line.contains("idle timeout"));
        }
    }

    /** A WebSocket whose client reads nothing. */
    private static Process connectThere(Cable cable, ServerProcess server, byte[] frame)
            throws IOException {
        String connect =
                "exec 3<>/dev/tcp/%s/%d; cat >&3".formatted(cable.address(), server.port());
        Process client = cable.runThere(List.of("bash", "-c", connect));
        OutputStream out = client.getOutputStream();
        out.write(RawSocket.UPGRADE.replace("\n", "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(frame);
        out.flush();
        return client;
    }

    /** With a mask of zeros. */
    private static byte[] masked(byte[] message) {
        return ByteBuffer.allocate(6 + message.length)
                .put((byte) 0x82)
                .put((byte) (0x80 | message.length))
                .putInt(0)
                .put(message)
                .array();
    }

    @Test
    void aSilentClientIsClosed() {
        try (ServerProcess server =
                        open().with("wingman.connection.idle-timeout", "700ms").start();
                WireClient silent = WireClient.connect(server.webSocketUrl("/ws"));
                WireClient alive = WireClient.connect(server.webSocketUrl("/ws"))) {
            await().untilAsserted(() -> {
                alive.untakenAfterPing();
                assertThat(silent.isClosed()).isTrue();
            });

            assertThat(silent.awaitClose()).isEqualTo(new WireClient.Close(1000, "idle timeout"));
            assertThat(alive.isClosed()).isFalse();
        }
    }

    /** They share what a heap of 64 MiB may grow by: each must do with less than 2 MiB. */
    @Test
    void clientsThatFloodAndNeverReadCostLittleMemoryAndDisturbNobody() {
        List<RawSocket> floods = new ArrayList<>();
        try (ServerProcess server =
                        open().withOption("-Xmx64m")
                                .with("wingman.connection.rate", 1_000_000_000)
                                .with("wingman.connection.burst", 1_000_000_000)
                                .with("wingman.connection.idle-timeout", "10m")
                                .start();
                WebClient web = WebClient.http1(server.url());
                WireClient other = WireClient.connect(server.webSocketUrl("/ws"))) {
            for (int i = 0; i < FLOODS; i++) {
                floods.add(RawSocket.connectWithRoomFor(4096, server.url()));
                floods.getLast().send(RawSocket.UPGRADE).answer();
            }
            other.untakenAfterPing();
            long before = server.residentKib();

            // Far more than all buffers on the way hold: the server has stopped reading.
            List<CompletableFuture<Boolean>> stuck =
                    floods.stream()
                            .map(flood ->
                                    CompletableFuture.supplyAsync(
                                            () -> flood.floodUntilStuck(pings(1000), 256 << 20),
                                            task -> Thread.ofPlatform().start(task)))
                            .toList();
            Duration slowest = Duration.ZERO;
            while (!stuck.stream().allMatch(CompletableFuture::isDone)) {
                Duration answer = timeOf(() -> assertThat(other.untakenAfterPing()).isEmpty());
                slowest = answer.compareTo(slowest) > 0 ? answer : slowest;
            }

            assertThat(stuck).allMatch(CompletableFuture::join);
            assertThat(slowest).isLessThan(Duration.ofSeconds(5));
            assertThat(queuedBytes(web)).isBetween(1L, FLOODS * (2L << 20));
            assertThat(server.residentKib() - before).isLessThan(FLOODS * (2 << 10));
            assertThat(server.log()).noneMatch(line -> line.contains("OutOfMemory"));
        } finally {
            floods.forEach(RawSocket::close);
        }
    }

    private static Duration timeOf(Runnable work) {
        long start = System.nanoTime();
        work.run();
        return Duration.ofNanos(System.nanoTime() - start);
    }

    /** Masked with zeros, which is allowed. */
    private static byte[] pings(int count) {
        byte[] message = Json.frame("{\"type\":\"PING\",\"timestamp\":1}");
        byte[] frames = new byte[count * (6 + message.length)];
        for (int i = 0; i < frames.length; i += 6 + message.length) {
            frames[i] = (byte) 0x82;
            frames[i + 1] = (byte) (0x80 | message.length);
            System.arraycopy(message, 0, frames, i + 6, message.length);
        }
        return frames;
    }

    /** Of all clients; those that flood are the only ones with a queue. */
    private static long queuedBytes(WebClient web) {
        return metric(web, "wingman_queues_size_bytes");
    }

    private static long metric(WebClient web, String name) {
        return new String(web.get("/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
    }

    @Test
    void clientsAreAskedToComeBackWhenTheServerStops() {
        try (ServerProcess server = open().start();
                WebClient web = WebClient.http1(server.url());
                RawSocket mute = RawSocket.connect(server.url());
                WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
            mute.send(RawSocket.UPGRADE).answer();
            client.untakenAfterPing();

            server.terminate();

            await().untilAsserted(() -> {
                assertThat(web.get("/health/ready").statusCode()).isEqualTo(503);
                assertThat(web.get("/healthz").statusCode()).isEqualTo(503);
            });
            assertThat(web.get("/health/live").statusCode()).isEqualTo(200);
            assertThat(json(web.get("/health")).getString("state")).isEqualTo("draining");
            assertThat(client.untakenAfterPing()).as("served until the delay is over").isEmpty();
            assertThat(client.awaitClose())
                    .isEqualTo(new WireClient.Close(1012, "server restarts, reconnect"));
            assertRefused(server, "draining");
            HttpResponse<byte[]> sync = web.sync("{}");
            assertThat(sync.statusCode()).isEqualTo(503);
            assertThat(header(sync, "Retry-After")).isEqualTo("1");
            assertThat(json(sync).getString("code")).isEqualTo("unavailable");
            // The other one never answers its close frame, and is cut.
            assertThat(mute.read(4)).startsWith(0x88).endsWith(1012 >> 8, 1012 & 0xff);
            assertThat(mute.isClosedByServer()).isTrue();
            assertThat(server.awaitExit()).isZero();
            assertThat(server.log())
                    .noneMatch(line -> line.contains("drain time-out"))
                    .last()
                    .asString()
                    .contains("stopped", "connections_cut=1");
        }
    }
}
