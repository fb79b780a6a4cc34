package dev.wingman.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.connection.OutboundMessage.Close;
import dev.wingman.protocol.CloseCode;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class IdleSweepTest {
    private final Connections server = new Connections(ConnectionConfig.DEFAULTS);
    private final FakeSocket socket = new FakeSocket();
    private final ConnectionHandle handle = server.open(socket);

    @Test
    void whoDoesNotAuthenticateInTimeIsClosed() {
        server.pass(Duration.ofMillis(9_999));
        boolean before = handle.isConnected();

        server.pass(Duration.ofMillis(1));
        socket.readAll(handle);

        assertThat(before).isTrue();
        assertThat(socket.closed).isEqualTo(new Close(CloseCode.NORMAL, "authentication timeout"));
    }

    @Test
    void heartbeatsDoNotReplaceAuthentication() {
        server.pass(Duration.ofSeconds(9));
        handle.heartbeat();

        server.pass(Duration.ofSeconds(1));

        assertThat(handle.isConnected()).isFalse();
    }

    @Test
    void whoIsSilentForTheIdleTimeoutIsClosed() {
        handle.metadata().authenticate("alice", false, null);
        server.pass(Duration.ofMillis(59_999));
        boolean before = handle.isConnected();

        server.pass(Duration.ofMillis(1));
        socket.readAll(handle);

        assertThat(before).isTrue();
        assertThat(socket.closed).isEqualTo(new Close(CloseCode.NORMAL, "idle timeout"));
    }

    @Test
    void aHeartbeatBeginsTheIdleTimeAfresh() {
        handle.metadata().authenticate("alice", false, null);
        server.pass(Duration.ofSeconds(59));
        handle.heartbeat();

        server.pass(Duration.ofSeconds(59));

        assertThat(handle.isConnected()).isTrue();
    }

    @Test
    void whoseTokenHasExpiredIsClosed() {
        handle.metadata().authenticate("alice", false, Connections.NOW.plusSeconds(20));
        server.wall = Connections.NOW.plusSeconds(20).minusMillis(1);
        server.pass(Duration.ofSeconds(20));
        boolean before = handle.isConnected();

        server.wall = Connections.NOW.plusSeconds(20);
        server.pass(Duration.ofMillis(1));
        socket.readAll(handle);

        assertThat(before).isTrue();
        assertThat(socket.closed)
                .isEqualTo(
                        new Close(
                                CloseCode.POLICY_VIOLATION,
                                "token expired, connect with a new one"));
    }

    @Test
    void aNewerTokenTakesThePlaceOfTheOneThatExpires() {
        handle.metadata().authenticate("alice", false, Connections.NOW.plusSeconds(20));
        handle.metadata().authenticate("alice", false, Connections.NOW.plusSeconds(80));

        server.wall = Connections.NOW.plusSeconds(79);
        server.pass(Duration.ofSeconds(20));

        assertThat(handle.isConnected()).isTrue();
    }

    @Test
    void whoseAccountHasEndedIsClosedWithWhatBecameOfIt() {
        handle.metadata().authenticate("alice", false, null);
        server.pass(Duration.ofMillis(1));
        boolean before = handle.isConnected();

        server.ended.put("alice", "account disabled");
        server.pass(Duration.ZERO);
        socket.readAll(handle);

        assertThat(before).isTrue();
        assertThat(socket.closed)
                .isEqualTo(new Close(CloseCode.POLICY_VIOLATION, "account disabled"));
    }

    @Test
    void aSubjectOfAnotherIssuerHasNoAccountThatCouldEnd() {
        handle.metadata().authenticate("alice", true, null);
        server.ended.put("alice", "account disabled");

        server.pass(Duration.ofMillis(1));

        assertThat(handle.isConnected()).isTrue();
    }

    @Test
    void aConnectionIsClosedForOneReasonOnce() {
        server.pass(Duration.ofSeconds(70));
        server.pass(Duration.ofSeconds(70));

        assertThat(server.registry.counters().closed(CloseCode.NORMAL)).isEqualTo(1);
    }
}
