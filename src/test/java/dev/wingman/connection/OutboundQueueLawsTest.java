package dev.wingman.connection;

import static dev.wingman.connection.Connections.frame;
import static dev.wingman.connection.Connections.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.CloseCode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Laws of the queue over random mixes of messages and a reader that stops and goes. */
class OutboundQueueLawsTest {
    /** What was accepted, and what may be said of what is written. */
    private static final class Run {
        final FakeSocket socket = new FakeSocket();
        final Connections server;
        final ConnectionHandle handle;
        final SplittableRandom random;

        /** All that was accepted and is no event, in order. */
        final List<String> accepted = new ArrayList<>();

        final Map<String, Integer> newest = new HashMap<>();
        int events;
        private int number;

        Run(long seed) {
            random = new SplittableRandom(seed);
            // Tiny on purpose: the rules matter where the queue is full.
            int capacity = random.nextInt(1, 6);
            int bytes = random.nextInt(10, 3_000);
            server = new Connections(Connections.config(capacity, bytes));
            handle = server.open(socket);
        }

        void step() {
            switch (random.nextInt(8)) {
                case 0 -> {
                    String text = next("reply");
                    handle.reply(frame(text));
                    note(handle.isConnected(), text);
                }
                case 1 -> {
                    String text = next("message");
                    note(handle.trySend(message(text)), text);
                }
                case 2 -> {
                    String text = next("topic");
                    note(handle.topic(frame(text)), text);
                }
                case 3 -> {
                    String text = next("update");
                    note(handle.update(frame(text)), text);
                }
                case 4 -> socket.read(handle, random.nextInt(4));
                default -> event();
            }
        }

        private void event() {
            String key = "k" + random.nextInt(5);
            int version = ++number;
            String padding = "x".repeat(random.nextInt(20));
            handle.event(SlowConsumerTest.key(key), frame(key + ":" + version + ":" + padding));
            if (handle.isConnected()) {
                newest.put(key, version);
                events++;
            }
        }

        private String next(String kind) {
            return kind + ":" + ++number + ":" + "x".repeat(random.nextInt(40));
        }

        private void note(boolean taken, String text) {
            if (taken) {
                accepted.add(text);
            }
        }

        List<String> writtenWithoutEvents() {
            return socket.written.stream().filter(text -> !text.startsWith("k")).toList();
        }

        List<Integer> writtenVersions(String key) {
            return socket.written.stream()
                    .filter(text -> text.startsWith(key + ":"))
                    .map(text -> Integer.valueOf(text.split(":", -1)[1]))
                    .toList();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void whatWasAcceptedIsWrittenInOrderOrTheConnectionIsClosed(long seed) {
        var run = new Run(seed);
        for (int step = 0; step < 400 && run.handle.isConnected(); step++) {
            run.step();
        }
        boolean open = run.handle.isConnected();

        run.socket.readAll(run.handle);

        if (open) {
            assertThat(run.writtenWithoutEvents()).isEqualTo(run.accepted);
        } else {
            List<String> written = run.writtenWithoutEvents();
            assertThat(run.accepted.subList(0, written.size())).isEqualTo(written);
            assertThat(run.socket.closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
        }
        assertThat(run.handle.holdsStorage()).isFalse();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void theNewestEventOfEachEntryIsWrittenLastAndNoneIsLost(long seed) {
        var run = new Run(seed);
        int step = 0;
        while (step < 400 && run.handle.isConnected()) {
            run.step();
            step++;
        }
        boolean open = run.handle.isConnected();

        run.socket.readAll(run.handle);

        run.newest.forEach((key, version) -> {
            List<Integer> versions = run.writtenVersions(key);
            assertThat(versions).isSorted().doesNotHaveDuplicates();
            if (open) {
                assertThat(versions).endsWith(version);
            }
        });
        if (open) {
            long written = run.socket.written.stream().filter(t -> t.startsWith("k")).count();
            long coalesced = run.server.registry.counters().coalescedEvents();
            assertThat(written + coalesced).isEqualTo(run.events);
        }
    }
}
