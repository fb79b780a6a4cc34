package dev.wingman.connection;

import static dev.wingman.connection.Connections.frame;
import static dev.wingman.connection.Connections.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.connection.SendOutcome.Accepted;
import dev.wingman.connection.SendOutcome.Failed;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.EntryKey;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What happens when a queue is full, by kind of message. The queue here takes two frames. */
class SlowConsumerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final Connections server = new Connections(Connections.config(2, 1_000));
    private final FakeSocket socket = new FakeSocket();
    private final ConnectionHandle handle = server.open(socket);

    static EntryKey key(String key) {
        return new EntryKey(new MapName("todos"), new Key(key));
    }

    private void fill() {
        assertThat(handle.trySend(message("1"))).isTrue();
        assertThat(handle.trySend(message("2"))).isTrue();
    }

    private @Nullable CloseCode closeCode() {
        socket.read(handle, 0);
        return socket.closeCode();
    }

    @Nested
    class Replies {
        @Test
        void waitForRoomInOrder() {
            fill();

            handle.reply(frame("r1"));
            handle.reply(frame("r2"));
            handle.reply(frame("r3"));
            socket.readAll(handle);

            assertThat(socket.written).containsExactly("1", "2", "r1", "r2", "r3");
        }

        @Test
        void areNotOvertakenWhileTheyWait() {
            fill();
            handle.reply(frame("x".repeat(1_000))); // fits nothing but an empty queue
            socket.read(handle, 1);

            boolean overtakes = handle.trySend(message("small"));
            socket.readAll(handle);

            assertThat(overtakes).isFalse();
            assertThat(socket.written).containsExactly("1", "2", "x".repeat(1_000));
        }

        @Test
        void costTheConnectionWhenTheyHaveWaitedForTheSendTimeout() {
            fill();
            handle.reply(frame("r"));

            server.pass(Duration.ofMillis(4_999));
            CloseCode before = closeCode();
            server.pass(Duration.ofMillis(1));

            assertThat(before).isNull();
            assertThat(closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
            assertThat(socket.written).isEmpty();
            assertThat(server.registry.counters().closed(CloseCode.TRY_AGAIN_LATER)).isEqualTo(1);
        }

        @Test
        void costNothingWhenTheyGotRoomInTime() {
            fill();
            handle.reply(frame("r"));
            socket.read(handle, 1);

            server.pass(Duration.ofSeconds(6));

            assertThat(handle.isConnected()).isTrue();
        }

        @Test
        void costTheConnectionWhenTooManyBytesWait() {
            fill();
            handle.reply(frame("x".repeat(800)));

            handle.reply(frame("x".repeat(800)));

            assertThat(closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
            assertThat(handle.holdsStorage()).isFalse();
        }

        @Test
        void thatAreEmptyDoNotWaitWithoutLimit() {
            fill();

            for (int i = 0; i < 1_000 / Backlog.ENTRY_BYTES; i++) {
                handle.reply(new byte[0]);
            }
            boolean within = handle.isConnected();
            handle.reply(new byte[0]);

            assertThat(within).isTrue();
            assertThat(handle.isConnected()).isFalse();
        }

        @Test
        void mayBeLargerThanTheWholeQueue() {
            fill();

            handle.reply(frame("x".repeat(5_000)));
            socket.readAll(handle);

            assertThat(socket.written).containsExactly("1", "2", "x".repeat(5_000));
        }
    }

    @Nested
    class Events {
        @Test
        void replaceTheQueuedEventOfTheSameEntry() {
            handle.event(key("k"), frame("old"));
            handle.trySend(message("2"));

            handle.event(key("k"), frame("new"));
            socket.readAll(handle);

            assertThat(socket.written).containsExactly("new", "2");
            assertThat(server.registry.counters().coalescedEvents()).isEqualTo(1);
        }

        @Test
        void replaceTheYoungestQueuedEventSoThatTheNewestComesLast() {
            handle.event(key("k"), frame("v1"));
            handle.event(key("k"), frame("v2"));

            handle.event(key("k"), frame("v3"));
            socket.readAll(handle);

            assertThat(socket.written).containsExactly("v1", "v3");
        }

        @Test
        void leaveEventsOfOtherEntriesAndMapsAlone() {
            handle.event(key("k"), frame("k of todos"));
            handle.event(key("other"), frame("other"));

            handle.event(new EntryKey(new MapName("users"), new Key("k")), frame("k of users"));
            socket.readAll(handle);

            assertThat(socket.written).containsExactly("k of todos", "other", "k of users");
        }

        @Test
        void areKeptOncePerEntryWhenNoneIsQueued() {
            fill();

            handle.event(key("a"), frame("a1"));
            handle.event(key("b"), frame("b1"));
            handle.event(key("a"), frame("a2"));
            socket.readAll(handle);

            assertThat(socket.written).containsExactly("1", "2", "a2", "b1");
            assertThat(server.registry.counters().coalescedEvents()).isEqualTo(1);
        }

        @Test
        void areNeverDroppedWhenManyEntriesChange() {
            fill();
            var expected = new ArrayList<String>();

            for (int round = 0; round < 50; round++) {
                for (int k = 0; k < 5; k++) {
                    handle.event(key("k" + k), frame(k + "v" + round));
                }
            }
            socket.readAll(handle);

            for (int k = 0; k < 5; k++) {
                expected.add(k + "v49");
            }
            assertThat(socket.written)
                    .startsWith("1", "2")
                    .endsWith(expected.toArray(new String[0]));
            assertThat(handle.isConnected()).isTrue();
        }

        @Test
        void thatWouldBreakTheByteLimitInPlaceGoBehindTheOlderOne() {
            handle.event(key("k"), frame("old"));
            handle.trySend(message("x".repeat(990)));

            handle.event(key("k"), frame("longer than old"));
            socket.readAll(handle);

            assertThat(socket.written).containsExactly("old", "x".repeat(990), "longer than old");
        }

        @Test
        void costTheConnectionWhenTooManyEntriesChange() {
            fill();

            for (int k = 0; k < 8; k++) {
                handle.event(key("k" + k), frame("event"));
            }

            assertThat(closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
        }
    }

    @Nested
    class Changes {
        @Test
        void costTheConnection() {
            fill();

            handle.change(frame("add"));

            assertThat(closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
        }

        @Test
        void areQueuedWhileThereIsRoom() {
            handle.change(frame("add"));
            handle.change(frame("remove"));
            socket.readAll(handle);

            assertThat(socket.written).containsExactly("add", "remove");
            assertThat(handle.isConnected()).isTrue();
        }
    }

    @Nested
    class Updates {
        @Test
        void areRefusedSoThatTheQueryBecomesStale() {
            fill();

            boolean taken = handle.update(frame("enter"));

            assertThat(taken).isFalse();
            assertThat(handle.isConnected()).isTrue();
            assertThat(server.registry.counters().staleQueries()).isEqualTo(1);
        }

        @Test
        void haveTheirResultSentAfreshOnceTheQueueHasDrained() {
            fill();
            handle.onDrained("q", () -> handle.reply(frame("result")));

            socket.read(handle, 1);
            int wakesBefore = socket.wakes;
            socket.readAll(handle);
            int wakesAfter = socket.wakes;
            socket.readAll(handle);

            assertThat(wakesAfter).isEqualTo(wakesBefore + 1);
            assertThat(socket.written).containsExactly("1", "2", "result");
        }

        @Test
        void areSentAfreshOncePerQuery() {
            var runs = new ArrayList<String>();
            fill();
            handle.onDrained("q", () -> runs.add("first"));
            handle.onDrained("q", () -> runs.add("second"));
            handle.onDrained("p", () -> runs.add("other"));

            socket.readAll(handle);
            handle.trySend(message("x"));
            socket.readAll(handle);

            assertThat(runs).containsExactlyInAnyOrder("second", "other");
        }

        @Test
        void areSentAfreshEvenIfTheQueueHasDrainedBeforeAnybodyAsked() {
            var runs = new ArrayList<String>();

            handle.onDrained("q", () -> runs.add("run"));
            boolean withinTheCall = !runs.isEmpty();
            socket.readAll(handle);

            assertThat(withinTheCall).isFalse();
            assertThat(socket.wakes).isEqualTo(1);
            assertThat(runs).containsExactly("run");
        }

        @Test
        void areNotSentAfreshToAClosedConnection() {
            var runs = new ArrayList<String>();
            fill();
            handle.onDrained("q", () -> runs.add("run"));

            handle.close(CloseCode.NORMAL, "bye");
            socket.readAll(handle);

            assertThat(runs).isEmpty();
        }

        @Test
        void costTheConnectionWhenMoreQueriesAreStaleThanItCanHave() {
            fill();
            for (int query = 0; query <= ConnectionMetadata.MAX_NAMES; query++) {
                handle.onDrained("q" + query, () -> {});
                handle.onDrained("q" + query, () -> {});
            }
            boolean within = handle.isConnected();

            handle.onDrained("one more", () -> {});

            assertThat(within).isTrue();
            assertThat(closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
        }
    }

    @Nested
    class Topics {
        @Test
        void areDroppedAndCounted() {
            fill();

            boolean taken = handle.topic(frame("news"));
            socket.readAll(handle);

            assertThat(taken).isFalse();
            assertThat(socket.written).containsExactly("1", "2");
            assertThat(server.registry.counters().droppedMessages()).isEqualTo(1);
        }

        @Test
        void costTheConnectionAfter256DropsInARow() {
            fill();
            drop(255);
            boolean within = handle.isConnected();

            drop(1);

            assertThat(within).isTrue();
            assertThat(closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
            assertThat(server.registry.counters().droppedMessages()).isEqualTo(256);
        }

        @Test
        void areCountedAfreshOnceOneGotThrough() {
            fill();
            drop(255);
            socket.read(handle, 1);
            assertThat(handle.topic(frame("through"))).isTrue();

            drop(255);

            assertThat(handle.isConnected()).isTrue();
        }

        private void drop(int times) {
            for (int i = 0; i < times; i++) {
                assertThat(handle.topic(frame("news"))).isFalse();
            }
        }
    }

    @Nested
    class Sends {
        @Test
        void completeAtOnceWhenThereIsRoom() {
            assertThat(outcome(handle.send(message("a"), SECOND))).isEqualTo(new Accepted());
        }

        @Test
        void completeWhenRoomIsMade() {
            fill();
            var send = handle.send(message("a"), SECOND);
            SendOutcome before = outcome(send);

            socket.read(handle, 1);

            assertThat(before).isNull();
            assertThat(outcome(send)).isEqualTo(new Accepted());
        }

        @Test
        void failWithTimeoutAndLeaveTheConnectionOpen() {
            fill();
            var send = handle.send(message("late"), SECOND);

            server.pass(SECOND);
            socket.readAll(handle);

            assertThat(outcome(send)).isEqualTo(new Failed(SendError.TIMEOUT));
            assertThat(socket.written).containsExactly("1", "2");
            assertThat(handle.isConnected()).isTrue();
        }

        @Test
        void makeRoomForThoseBehindThemWhenTheyTimeOut() {
            handle.trySend(message("1"));
            handle.trySend(message("y".repeat(500)));
            handle.send(message("x".repeat(600)), SECOND);
            var small = handle.send(message("small"), Duration.ofSeconds(9));
            socket.read(handle, 1);
            SendOutcome before = outcome(small);

            server.pass(SECOND);

            assertThat(before).isNull();
            assertThat(outcome(small)).isEqualTo(new Accepted());
        }

        @Test
        void failWithFullWhenTooMuchWaits() {
            fill();
            handle.send(message("x".repeat(800)), SECOND);

            var send = handle.send(message("x".repeat(800)), SECOND);

            assertThat(outcome(send)).isEqualTo(new Failed(SendError.FULL));
            assertThat(handle.isConnected()).isTrue();
        }

        @Test
        void failWithDisconnectedWhenTheSocketGoes() {
            fill();
            var send = handle.send(message("a"), SECOND);

            server.registry.remove(handle.id());

            assertThat(outcome(send)).isEqualTo(new Failed(SendError.DISCONNECTED));
            assertThat(outcome(handle.send(message("b"), SECOND)))
                    .isEqualTo(new Failed(SendError.DISCONNECTED));
        }

        @Test
        void failWithDisconnectedWhenTheClientIsTooSlowForOthers() {
            fill();
            var send = handle.send(message("a"), SECOND);

            handle.change(frame("add"));

            assertThat(outcome(send)).isEqualTo(new Failed(SendError.DISCONNECTED));
        }

        @Test
        void areStillWrittenBeforeAClose() {
            fill();
            var send = handle.send(message("a"), SECOND);

            handle.close(CloseCode.NORMAL, "bye");
            socket.readAll(handle);

            assertThat(outcome(send)).isEqualTo(new Accepted());
            assertThat(socket.written).containsExactly("1", "2", "a");
            assertThat(socket.closed).isNotNull();
        }

        private static @Nullable SendOutcome outcome(CompletionStage<SendOutcome> send) {
            return send.toCompletableFuture().getNow(null);
        }
    }

    @Nested
    class Closing {
        @Test
        void aCloseThatCannotBeWrittenOvertakesTheQueueAfterTheSendTimeout() {
            fill();
            socket.read(handle, 0); // the writer waits for the socket
            handle.close(CloseCode.NORMAL, "idle timeout");
            server.pass(Duration.ofSeconds(4));
            CloseCode before = closeCode();
            int wakesBefore = socket.wakes;

            server.pass(SECOND);

            assertThat(before).isNull();
            assertThat(socket.wakes).isGreaterThan(wakesBefore);
            assertThat(closeCode()).isEqualTo(CloseCode.NORMAL);
            assertThat(handle.holdsStorage()).isFalse();
        }

        @Test
        void aSlowConsumerIsClosedThoughItsSocketTakesNothing() {
            fill();
            socket.read(handle, 0);
            int wakesBefore = socket.wakes;

            handle.change(frame("add"));

            assertThat(socket.wakes).isGreaterThan(wakesBefore);
            assertThat(closeCode()).isEqualTo(CloseCode.TRY_AGAIN_LATER);
        }
    }
}
