package dev.wingman.sync;

import dev.wingman.connection.ConnectionConfig;
import dev.wingman.connection.ConnectionHandle;
import dev.wingman.connection.ConnectionKind;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.connection.FrameSink;
import dev.wingman.lifecycle.HealthState;
import dev.wingman.protocol.ClientMessage;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.ServerMessage;
import dev.wingman.protocol.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The far end of a connection: says what the test has it say and keeps what it hears. */
final class TestClient implements FrameSink, Session.InboundFlow {
    final ManualExecutor loop;
    final ConnectionHandle connection;
    final Session session;
    final List<byte[]> heard = new ArrayList<>();
    @Nullable CloseCode closed;
    boolean reads = true;
    boolean paused;
    private final ConnectionRegistry registry;

    TestClient(Rig rig, SyncServer server) {
        loop = rig.newLoop();
        registry =
                new ConnectionRegistry(
                        ConnectionConfig.DEFAULTS,
                        () -> HealthState.READY,
                        () -> Instant.ofEpochMilli(rig.millis.get()),
                        () -> 0);
        connection = registry.register(ConnectionKind.CLIENT, () -> loop.execute(this::drain));
        session = server.session(connection, loop, this);
        loop.execute(session::opened);
    }

    private void drain() {
        connection.drain(this);
    }

    void send(ClientMessage... messages) {
        for (ClientMessage message : messages) {
            loop.execute(() -> session.received(message));
        }
    }

    void write(Op... ops) {
        send(new ClientMessage.OpBatch(List.of(ops)));
    }

    /** Reads what was held back, and from now on what comes. */
    void readAgain() {
        reads = true;
        loop.execute(this::drain);
    }

    void hangUp() {
        registry.remove(connection.id());
        loop.execute(session::closed);
    }

    /** The types of all messages heard so far, in order. */
    List<String> types() {
        return heard.stream().map(TestClient::type).toList();
    }

    private static String type(byte[] frame) {
        var message = (Datum.Dictionary) Datum.of(Value.ofEncoded(frame));
        return ((Datum.Text) Objects.requireNonNull(message.fields().get("type"))).value();
    }

    /** As they are on the wire. */
    static byte[][] encoded(ServerMessage... messages) {
        return Stream.of(messages).map(Rig.CODEC::encode).toArray(byte[][]::new);
    }

    @Override
    public boolean isWritable() {
        return reads;
    }

    @Override
    public void write(byte[] frame) {
        heard.add(frame);
    }

    @Override
    public void close(CloseCode code, @Nullable String reason) {
        closed = code;
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
    }
}
