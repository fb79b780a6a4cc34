package dev.wingman.connection;

import static dev.wingman.connection.Connections.frame;
import static dev.wingman.connection.Connections.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.connection.OutboundMessage.Binary;
import dev.wingman.connection.OutboundMessage.Close;
import dev.wingman.protocol.CloseCode;
import org.junit.jupiter.api.Test;

class ConnectionHandleTest {
    private final Connections server = new Connections(ConnectionConfig.DEFAULTS);
    private final FakeSocket socket = new FakeSocket();
    private final ConnectionHandle handle = server.open(socket);

    @Test
    void the257thMessageToAQueueOf256IsRefused() {
        for (int i = 1; i <= 256; i++) {
            assertThat(handle.trySend(message("m" + i))).isTrue();
        }

        boolean accepted = handle.trySend(message("m257"));

        assertThat(accepted).isFalse();
        assertThat(handle.isConnected()).isTrue();
    }

    @Test
    void oneMessageRoomIsMadeByOneMessageWritten() {
        for (int i = 1; i <= 256; i++) {
            handle.trySend(message("m" + i));
        }

        socket.read(handle, 1);

        assertThat(handle.trySend(message("m257"))).isTrue();
        assertThat(handle.trySend(message("m258"))).isFalse();
    }

    @Test
    void messagesAreWrittenInOrder() {
        handle.trySend(message("a"));
        handle.reply(frame("b"));
        handle.topic(frame("c"));
        handle.update(frame("d"));

        socket.readAll(handle);

        assertThat(socket.written).containsExactly("a", "b", "c", "d");
    }

    @Test
    void bytesAreBoundedAsWell() {
        var half = new Binary(new byte[512 * 1024]);
        handle.trySend(half);
        handle.trySend(half);

        assertThat(handle.trySend(message("x"))).isFalse();
    }

    @Test
    void anEmptyQueueTakesAnySingleFrame() {
        boolean large = handle.trySend(new Binary(new byte[2 * 1024 * 1024]));
        boolean next = handle.trySend(message("x"));

        assertThat(large).isTrue();
        assertThat(next).isFalse();
    }

    @Test
    void aBurstWakesTheWriterOnce() {
        for (int i = 0; i < 100; i++) {
            handle.trySend(message("m" + i));
        }

        assertThat(socket.wakes).isEqualTo(1);
    }

    @Test
    void theWriterIsWokenAgainOnceItHasWrittenEverything() {
        handle.trySend(message("a"));
        socket.readAll(handle);

        handle.trySend(message("b"));

        assertThat(socket.wakes).isEqualTo(2);
    }

    @Test
    void aWriterThatWaitsForItsSocketIsNotWoken() {
        handle.trySend(message("a"));
        handle.trySend(message("b"));
        socket.read(handle, 1);

        handle.trySend(message("c"));

        assertThat(socket.wakes).isEqualTo(1);
    }

    @Test
    void aCloseIsWrittenBehindWhatIsQueued() {
        handle.trySend(message("a"));

        handle.close(CloseCode.INTERNAL_ERROR, "our fault");
        socket.readAll(handle);

        assertThat(socket.written).containsExactly("a");
        assertThat(socket.closed).isEqualTo(new Close(CloseCode.INTERNAL_ERROR, "our fault"));
    }

    @Test
    void aCloseWithNothingBeforeItNeedsNoRoom() {
        handle.close(CloseCode.NORMAL, "idle timeout");

        socket.read(handle, 0);

        assertThat(socket.closed).isEqualTo(new Close(CloseCode.NORMAL, "idle timeout"));
    }

    @Test
    void theFirstReasonToCloseWins() {
        handle.close(CloseCode.TOO_LARGE, "message of 3 MiB");
        handle.close(CloseCode.NORMAL, "idle timeout");

        socket.readAll(handle);

        assertThat(socket.closed).isEqualTo(new Close(CloseCode.TOO_LARGE, "message of 3 MiB"));
        assertThat(server.registry.counters().closed(CloseCode.TOO_LARGE)).isEqualTo(1);
        assertThat(server.registry.counters().closed(CloseCode.NORMAL)).isZero();
    }

    @Test
    void aCloseIsWrittenOnce() {
        handle.close(CloseCode.NORMAL, "bye");
        socket.readAll(handle);
        socket.closed = null;

        handle.close(CloseCode.NORMAL, "bye");
        socket.readAll(handle);

        assertThat(socket.closed).isNull();
    }

    @Test
    void aCloseCanBeSentAsAMessage() {
        boolean sent = handle.trySend(new Close(CloseCode.NORMAL, null));
        boolean again = handle.trySend(new Close(CloseCode.NORMAL, null));
        socket.readAll(handle);

        assertThat(sent).isTrue();
        assertThat(again).isFalse();
        assertThat(socket.closed).isEqualTo(new Close(CloseCode.NORMAL, null));
    }

    @Test
    void nothingIsTakenAfterAClose() {
        handle.close(CloseCode.NORMAL, "bye");

        boolean sent = handle.trySend(message("a"));
        boolean topic = handle.topic(frame("b"));
        boolean update = handle.update(frame("c"));
        handle.reply(frame("d"));
        handle.event(SlowConsumerTest.key("k"), frame("e"));
        handle.change(frame("f"));
        socket.readAll(handle);

        assertThat(sent || topic || update).isFalse();
        assertThat(handle.isConnected()).isFalse();
        assertThat(socket.written).isEmpty();
    }

    @Test
    void nothingIsTakenWhenTheSocketIsGone() {
        server.registry.remove(handle.id());

        assertThat(handle.trySend(message("a"))).isFalse();
        assertThat(handle.isConnected()).isFalse();
        assertThat(handle.holdsStorage()).isFalse();
    }

    @Test
    void whoLeavesBeforeWeCloseIsCountedSo() {
        var closedByUs = server.open(new FakeSocket());
        closedByUs.close(CloseCode.NORMAL, "bye");

        server.registry.remove(handle.id());
        server.registry.remove(closedByUs.id());

        assertThat(server.registry.counters().leftByPeer()).isEqualTo(1);
        assertThat(server.registry.counters().opened()).isEqualTo(2);
    }

    @Test
    void anIdleConnectionHoldsNoStorage() {
        boolean before = handle.holdsStorage();
        for (int i = 0; i < 300; i++) {
            handle.reply(frame("r" + i));
            handle.event(SlowConsumerTest.key("k"), frame("e" + i));
        }
        handle.onDrained("q", () -> {});
        boolean during = handle.holdsStorage();

        socket.readAll(handle);

        assertThat(before).isFalse();
        assertThat(during).isTrue();
        assertThat(handle.holdsStorage()).isFalse();
    }

    @Test
    void aReasonThatDoesNotFitIntoACloseFrameIsRefused() {
        assertThat(new Close(CloseCode.NORMAL, "x".repeat(123)).reason()).hasSize(123);
        assertThatThrownBy(() -> handle.close(CloseCode.NORMAL, "é".repeat(62)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
