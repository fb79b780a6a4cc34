package dev.wingman.connection;

import static dev.wingman.connection.Connections.frame;
import static dev.wingman.connection.Connections.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.connection.OutboundMessage.Close;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.TopicName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConnectionRegistryTest {
    private final Connections server = new Connections(Connections.config(2, 1024));
    private final ConnectionRegistry registry = server.registry;

    @Test
    void countsAfterRegisterAndRemove() {
        var first = server.open(new FakeSocket());
        server.open(new FakeSocket());
        registry.register(ConnectionKind.CLUSTER_PEER, new FakeSocket());
        assertThat(registry.count()).isEqualTo(3);

        registry.remove(first.id());

        assertThat(registry.count()).isEqualTo(2);
        assertThat(registry.countByKind(ConnectionKind.CLIENT)).isEqualTo(1);
        assertThat(registry.countByKind(ConnectionKind.CLUSTER_PEER)).isEqualTo(1);
    }

    @Test
    void removingTwiceCountsOnce() {
        var handle = server.open(new FakeSocket());

        registry.remove(handle.id());
        registry.remove(handle.id());

        assertThat(registry.count()).isZero();
        assertThat(registry.counters().leftByPeer()).isEqualTo(1);
    }

    @Test
    void idsBeginAtOneAndAreNeverUsedAgain() {
        var seen = new ArrayList<Long>();

        for (int i = 0; i < 5; i++) {
            var handle = server.open(new FakeSocket());
            seen.add(handle.id().value());
            registry.remove(handle.id());
        }

        assertThat(seen).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void findsWhatIsOpenAndNothingElse() {
        var client = server.open(new FakeSocket());
        var peer = registry.register(ConnectionKind.CLUSTER_PEER, new FakeSocket());
        registry.remove(client.id());

        assertThat(registry.get(peer.id())).containsSame(peer);
        assertThat(registry.get(client.id())).isEmpty();
        assertThat(registry.connections()).containsExactly(peer);
    }

    @Test
    void aNewConnectionIsConnectedAndKnowsNothingOfItsClient() {
        var handle = server.open(new FakeSocket());

        assertThat(handle.isConnected()).isTrue();
        assertThat(handle.kind()).isEqualTo(ConnectionKind.CLIENT);
        assertThat(handle.connectedAt()).isEqualTo(Connections.NOW);
        var metadata = handle.metadata();
        assertThat(metadata.authenticated()).isFalse();
        assertThat(metadata.principal()).isNull();
        assertThat(metadata.subscriptions()).isEmpty();
        assertThat(metadata.topics()).isEmpty();
        assertThat(metadata.lastHeartbeatNanos()).isEqualTo(server.nanos.get());
        assertThat(metadata.lastTimestamp()).isNull();
        assertThat(metadata.peerNodeId()).isNull();
    }

    @Test
    void metadataRemembersWhatTheSessionLearns() {
        var metadata = server.open(new FakeSocket()).metadata();
        metadata.subscribe("q2");

        metadata.authenticate("alice", false, null);
        metadata.subscribe("q1");
        metadata.unsubscribe("q2");
        metadata.joinTopic(new TopicName("news"));
        metadata.identifyPeer("node-2");
        metadata.saw(Connections.NOW.toEpochMilli());

        assertThat(metadata.authenticated()).isTrue();
        assertThat(metadata.principal()).isEqualTo("alice");
        assertThat(metadata.subscriptions()).containsExactly("q1");
        assertThat(metadata.topics()).containsExactly(new TopicName("news"));
        assertThat(metadata.peerNodeId()).isEqualTo("node-2");
        assertThat(metadata.lastTimestamp()).isEqualTo(Connections.NOW);
    }

    @Test
    void aConnectionHasALimitedNumberOfSubscriptions() {
        var metadata = server.open(new FakeSocket()).metadata();
        for (int i = 0; i < ConnectionMetadata.MAX_NAMES; i++) {
            assertThat(metadata.subscribe("q" + i)).isTrue();
        }

        boolean beyond = metadata.subscribe("one more");
        boolean again = metadata.subscribe("q0");

        assertThat(beyond).isFalse();
        assertThat(again).isTrue();
    }

    @Test
    void broadcastReachesOneKindOnly() {
        var clientSocket = new FakeSocket();
        var peerSocket = new FakeSocket();
        var client = server.open(clientSocket);
        var peer = registry.register(ConnectionKind.CLUSTER_PEER, peerSocket);

        int receivers = registry.broadcast(frame("hello"), ConnectionKind.CLIENT);
        clientSocket.readAll(client);
        peerSocket.readAll(peer);

        assertThat(receivers).isEqualTo(1);
        assertThat(clientSocket.written).containsExactly("hello");
        assertThat(peerSocket.written).isEmpty();
    }

    @Test
    void broadcastSkipsFullQueuesWithoutWaiting() {
        var slowSocket = new FakeSocket();
        var slow = server.open(slowSocket);
        slow.trySend(message("1"));
        slow.trySend(message("2"));
        var socket = new FakeSocket();
        var healthy = server.open(socket);

        int receivers = registry.broadcast(frame("hello"), ConnectionKind.CLIENT);
        slowSocket.readAll(slow);
        socket.readAll(healthy);

        assertThat(receivers).isEqualTo(1);
        assertThat(socket.written).containsExactly("hello");
        assertThat(slowSocket.written).containsExactly("1", "2");
        assertThat(registry.counters().droppedMessages()).isEqualTo(1);
    }

    @Test
    void broadcastHandsTheSameBytesToAll() {
        var received = new HashSet<Integer>();
        byte[] frame = frame("hello");
        for (int i = 0; i < 3; i++) {
            server.open(new FakeSocket());
        }

        registry.broadcast(frame, ConnectionKind.CLIENT);
        for (ConnectionHandle handle : registry.connections()) {
            handle.drain(new IdentitySink(received));
        }

        assertThat(received).containsExactly(System.identityHashCode(frame));
    }

    @Test
    void drainAllClosesEverybodyBehindWhatIsQueued() {
        var socket = new FakeSocket();
        var handle = server.open(socket);
        handle.reply(frame("last words"));

        registry.drainAll("server restarts");
        socket.readAll(handle);

        assertThat(socket.written).containsExactly("last words");
        assertThat(socket.closed)
                .isEqualTo(new Close(CloseCode.SERVICE_RESTART, "server restarts"));
        assertThat(registry.counters().closed(CloseCode.SERVICE_RESTART)).isEqualTo(1);
    }

    @Test
    void drainKeepsThePaceOfItsCaller() {
        for (int i = 0; i < 5; i++) {
            server.open(new FakeSocket());
        }

        var asked =
                List.of(
                        registry.drain(2, "restart"),
                        registry.drain(2, "restart"),
                        registry.drain(2, "restart"),
                        registry.drain(2, "restart"));

        assertThat(asked).containsExactly(2, 2, 1, 0);
        assertThat(registry.counters().closed(CloseCode.SERVICE_RESTART)).isEqualTo(5);
    }

    @Test
    void whoComesInDuringTheDrainIsAskedToLeaveToo() {
        registry.drainAll("restart");
        var late = server.open(new FakeSocket());

        int asked = registry.drain(10, "restart");

        assertThat(asked).isEqualTo(1);
        assertThat(late.isConnected()).isFalse();
    }

    private record IdentitySink(HashSet<Integer> received) implements FrameSink {
        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void write(byte[] frame) {
            received.add(System.identityHashCode(frame));
        }

        @Override
        public void close(CloseCode code, @Nullable String reason) {}
    }
}
