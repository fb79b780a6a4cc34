package dev.wingman.websocket;

import dev.wingman.connection.ConnectionHandle;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.connection.Transport;
import dev.wingman.protocol.ClientMessage;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.Decoded;
import dev.wingman.sync.Session;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One client's socket: frames in become messages for its {@link Session}, queued frames go out.
 *
 * <p>Confined to the socket's loop, but for {@link #wake}, which any thread may call.
 */
final class ClientSocket implements Transport, Session.InboundFlow {
    private static final Logger LOG = Logger.getLogger(ClientSocket.class);

    /** What RFC 6455, 7.1.5, calls the end of a connection without a close frame. */
    private static final short NO_CLOSE_FRAME = 1006;

    private final ClientEndpoint endpoint;
    private final ServerWebSocket socket;
    private final SocketWriter writer;
    private @Nullable ConnectionHandle connection;
    private @Nullable Session session;

    /** Parts of a message that came in several frames; null between messages. */
    private @Nullable Buffer fragments;

    /** The message under way is text, which is ignored. */
    private boolean ignoresMessage;

    /** Our close frame is written: what still comes is read to find the client's behind it. */
    private boolean ended;

    ClientSocket(ClientEndpoint endpoint, ServerWebSocket socket, SocketWriter writer) {
        this.endpoint = endpoint;
        this.socket = socket;
        this.writer = writer;
    }

    void open(ConnectionRegistry registry, ConnectionHandle handle) {
        connection = handle;
        Session opened = endpoint.server().session(handle, writer.loop(), this);
        session = opened;
        socket.frameHandler(this::frame);
        socket.drainHandler(_ -> drain());
        socket.closeHandler(_ -> {
            if (isUnanswered()) {
                registry.removeUnanswered(handle.id());
            } else {
                registry.remove(handle.id());
            }
            opened.closed();
        });
        opened.opened();
        writer.begin(this::broken);
    }

    /** Vert.x notes 1006 with our close frame, and the code of the client's when that comes. */
    private boolean isUnanswered() {
        Short code = socket.closeStatusCode();
        return code != null && code == NO_CLOSE_FRAME;
    }

    private void frame(WebSocketFrame frame) {
        if (ended) {
            return;
        }
        if (frame.isBinary() && frame.isFinal()) {
            message(frame.binaryData().getBytes());
        } else if (frame.isBinary() || frame.isText()) {
            ignoresMessage = frame.isText();
            fragments = frame.isFinal() || ignoresMessage ? null : frame.binaryData().copy();
        } else if (frame.isContinuation() && !ignoresMessage) {
            append(frame);
        }
    }

    private void append(WebSocketFrame frame) {
        Buffer message = fragments;
        if (message == null) {
            return;
        }
        Buffer part = frame.binaryData();
        if (message.length() + part.length() > endpoint.maxMessageBytes()) {
            fragments = null;
            close(CloseCode.TOO_LARGE, "a message has at most " + limit());
            return;
        }
        message.appendBuffer(part);
        if (frame.isFinal()) {
            fragments = null;
            message(message.getBytes());
        }
    }

    private String limit() {
        return endpoint.maxMessageBytes() + " bytes";
    }

    @SuppressWarnings("IllegalCatch") // a client that waits for ever is worse than one that returns
    private void message(byte[] bytes) {
        try {
            decode(bytes);
        } catch (RuntimeException e) {
            LOG.error("a message could not be handled", e);
            close(CloseCode.INTERNAL_ERROR, "a message could not be handled");
        }
    }

    private void decode(byte[] bytes) {
        Session receiver = session;
        if (receiver == null) {
            return;
        }
        switch (endpoint.server().codec().decode(bytes)) {
            case Decoded.Message(ClientMessage message) -> receiver.received(message);
            case Decoded.Unknown _ -> {
                endpoint.counters().unknown();
                receiver.receivedNothing();
            }
            case Decoded.Malformed _ -> {
                endpoint.counters().malformed();
                receiver.receivedNothing();
            }
        }
    }

    private void broken(CloseCode violation) {
        close(
                violation,
                violation == CloseCode.TOO_LARGE
                        ? "a frame has at most " + limit()
                        : "not a WebSocket frame");
        drain();
    }

    private void close(CloseCode code, String reason) {
        ConnectionHandle handle = connection;
        if (handle != null) {
            handle.close(code, reason);
        }
    }

    @Override
    public void wake() {
        writer.loop().execute(this::drain);
    }

    @Override
    public void goAway(ConnectionHandle handle, CloseCode code, String reason) {
        writer.loop()
                .execute(() -> {
                    Session ending = session;
                    if (ending != null) {
                        ending.finish(code, reason);
                    }
                });
    }

    private void drain() {
        ConnectionHandle handle = connection;
        if (handle != null && !socket.isClosed()) {
            handle.drain(writer);
            writer.flush();
            if (socket.isClosed()) {
                ended = true;
                socket.resume();
            }
        }
    }

    @Override
    public void pause() {
        if (!ended) {
            socket.pause();
        }
    }

    @Override
    public void resume() {
        socket.resume();
    }
}
