package dev.wingman.sync.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.connection.ConnectionHandle;
import dev.wingman.connection.ConnectionKind;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.connection.FrameSink;
import dev.wingman.connection.Transport;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.Decoded;
import dev.wingman.sync.Session;
import dev.wingman.sync.SyncServer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One connection: the socket's loop on the server's side and the way of the frames to the client,
 * each a lane.
 */
final class SimulatedSocket implements Transport, FrameSink, Session.InboundFlow {
    /** Frames on their way at which the server's side is full. */
    private static final int WINDOW = 4;

    private final SimulatedClient client;
    private final Scheduler.Lane loop;
    private final Scheduler.Lane wayOut;
    private final History history;
    private final Deque<byte[]> received = new ArrayDeque<>();
    private @Nullable ConnectionHandle connection;
    private @Nullable Session session;
    private @Nullable ConnectionRegistry registry;
    private boolean paused;
    private boolean closed;
    private int onTheWay;

    SimulatedSocket(SimulatedClient client, Scheduler scheduler, History history) {
        this.client = client;
        this.history = history;
        this.loop = scheduler.lane("loop of " + client.name());
        this.wayOut = scheduler.lane("way to " + client.name());
    }

    void open(SyncServer server, ConnectionRegistry into) {
        ConnectionHandle handle = into.register(ConnectionKind.CLIENT, this);
        Session opened = server.session(handle, loop, this);
        registry = into;
        connection = handle;
        session = opened;
        loop.execute(opened::opened);
    }

    /** The client sends a frame. */
    void send(byte[] frame) {
        received.add(frame);
        loop.execute(this::receive);
    }

    private void receive() {
        byte[] frame = paused || closed ? null : received.poll();
        if (frame == null || session == null) {
            return;
        }
        Decoded decoded = SimulatedNode.CODEC.decode(frame);
        assertThat(decoded).isInstanceOf(Decoded.Message.class);
        session.received(((Decoded.Message) decoded).message());
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        for (int i = received.size(); i > 0; i--) {
            loop.execute(this::receive);
        }
    }

    @Override
    public void wake() {
        loop.execute(this::drain);
    }

    private void drain() {
        if (connection != null && !closed) {
            connection.drain(this);
        }
    }

    @Override
    public boolean isWritable() {
        return onTheWay < WINDOW;
    }

    @Override
    public void write(byte[] frame) {
        Frame decoded = Frame.decode(frame);
        client.handedOut(decoded, history);
        onTheWay++;
        wayOut.execute(() -> {
            if (onTheWay-- == WINDOW) {
                loop.execute(this::drain);
            }
            client.received(decoded, frame);
        });
    }

    @Override
    public void close(CloseCode code, @Nullable String reason) {
        wayOut.execute(() -> client.disconnected(code + " " + reason));
        leave();
    }

    /** The client has left. */
    void hangUp() {
        wayOut.end();
        leave();
    }

    private void leave() {
        closed = true;
        loop.execute(() -> {
            if (connection != null && session != null && registry != null) {
                registry.remove(connection.id());
                session.closed();
            }
        });
    }

    /** The server is gone; some of what it had handed over may still arrive. */
    void cut(SplittableRandom random) {
        loop.end();
        if (!closed) {
            closed = true;
            wayOut.cutTo(random.nextInt(wayOut.length() + 1));
            wayOut.execute(() -> client.disconnected("gone"));
        }
    }

    /** The client does not read, or reads again. */
    void stall(boolean stalled) {
        wayOut.hold(stalled);
    }
}
