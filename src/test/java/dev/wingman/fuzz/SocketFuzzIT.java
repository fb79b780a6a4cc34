package dev.wingman.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Fixtures;
import dev.wingman.protocol.Value;
import dev.wingman.testing.RawSocket;
import dev.wingman.testing.Seeds;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Frames that are almost right, through a whole server with little memory: it answers on, nothing
 * fails inside and it does not grow.
 */
class SocketFuzzIT {
    private static final int PER_SEED = 500;

    /** One in so many of the inputs of the codec. */
    private static final int SHARE = 20;

    /** For each seed. */
    private static final int RAW_SOCKETS = 20;

    /** Heap of 64 MiB, code and native memory; without any input half of it. */
    private static final long MOST_KIB = 400 << 10;

    private static final List<String> HELD_FOR_CLIENTS =
            List.of(
                    "wingman_queues_size_bytes",
                    "wingman_queries_watched",
                    "wingman_subjects_followed");

    @TempDir private static Path folder;
    private static ServerProcess server;
    private static WebClient web;

    @BeforeAll
    static void start() {
        server =
                ServerProcess.in(folder)
                        .withOption("-Xmx64m")
                        .with("wingman.connection.rate", 1_000_000)
                        .with("wingman.connection.burst", 1_000_000)
                        .start();
        web = WebClient.http1(server.url());
    }

    @AfterAll
    static void stop() {
        web.close();
        server.close();
    }

    static LongStream seeds() {
        int inputs = Integer.getInteger("fuzz.inputs", 50_000) / SHARE;
        return Seeds.some(Math.max(1, inputs / PER_SEED));
    }

    private static double metric(String name) {
        return new String(web.get("/metrics").body(), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' '))))
                .sum();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mutatedMessagesLeaveTheServerSound(long seed) {
        var random = new SplittableRandom(seed);
        try (WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
            for (int i = 1; i <= PER_SEED; i++) {
                client.send(Mutations.ofFixture(random));
                if (i % 50 == 0) {
                    assertSound(client);
                }
            }
        }
        assertNothingIsLeft();
    }

    /** Before the upgrade and behind it, so that they are neither requests nor frames. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void bytesThatMeanNothingHarmNothing(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < RAW_SOCKETS; i++) {
            byte[] bytes = new byte[random.nextInt(1, 4_000)];
            random.nextBytes(bytes);
            try (RawSocket raw = RawSocket.connect(server.url())) {
                if (i % 2 == 0) {
                    raw.send(RawSocket.UPGRADE).answer();
                }
                raw.send(bytes);
            }
        }
        try (WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
            assertSound(client);
        }
        assertNothingIsLeft();
    }

    /** Of what the client asked for and of what was made on the way. */
    private static void assertNothingIsLeft() {
        await().untilAsserted(() -> {
            assertThat(WebClient.json(web.get("/health")).getInteger("connections")).isZero();
            for (String name : HELD_FOR_CLIENTS) {
                assertThat(metric(name)).as(name).isZero();
            }
        });
        assertThat(server.residentKib()).isLessThan(MOST_KIB);
    }

    /** Each field of each message with a value of every other type. */
    @Test
    void aWrongTypeInAnyFieldHarmsNothing() {
        int sent = 0;
        try (WireClient client = WireClient.connect(server.webSocketUrl("/ws"))) {
            for (String name : Fixtures.NAMES) {
                Datum message = Datum.of(Value.ofEncoded(Fixtures.frame(name)));
                for (Datum variant : variants(message)) {
                    client.send(variant);
                    sent++;
                    if (sent % 50 == 0) {
                        assertSound(client);
                    }
                }
            }
            assertSound(client);
        }
        assertThat(sent).isGreaterThan(1_000);
        assertNothingIsLeft();
    }

    private static void assertSound(WireClient client) {
        client.untakenAfterPing();
        client.forget();
        assertThat(client.isClosed()).isFalse();
        assertThat(metric("wingman_requests_failed_total")).isZero();
        assertThat(server.log())
                .noneMatch(line -> line.contains("Exception") || line.contains("OutOfMemory"));
    }

    /** The message with one place changed to one other type, for every place and type. */
    private static List<Datum> variants(Datum of) {
        List<Datum> variants = new ArrayList<>();
        if (of instanceof Datum.Dictionary(var fields)) {
            fields.forEach((name, field) ->
                    others(field)
                            .forEach(other -> {
                                Map<String, Datum> changed = new LinkedHashMap<>(fields);
                                changed.put(name, other);
                                variants.add(new Datum.Dictionary(changed));
                            }));
        } else if (of instanceof Datum.Sequence(var items)) {
            for (int i = 0; i < items.size(); i++) {
                for (Datum other : others(items.get(i))) {
                    List<Datum> changed = new ArrayList<>(items);
                    changed.set(i, other);
                    variants.add(new Datum.Sequence(changed));
                }
            }
        }
        return variants;
    }

    private static List<Datum> others(Datum field) {
        List<Datum> others = new ArrayList<>(Mutations.OF_EVERY_TYPE);
        others.addAll(variants(field));
        return others;
    }
}
