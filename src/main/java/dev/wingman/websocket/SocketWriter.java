package dev.wingman.websocket;

import dev.wingman.connection.FrameSink;
import dev.wingman.protocol.CloseCode;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * The writing side of one WebSocket.
 *
 * <p>Confined to {@link #loop}, but for {@link #loop} itself. Two forms pass the same tests: one on
 * the Netty channel, which the server uses because it is several times as fast, and one on the
 * public API of Vert.x, to fall back on when Vert.x changes inside.
 */
interface SocketWriter extends FrameSink {
    /** Where everything that concerns the socket runs, in order. Thread-safe. */
    Executor loop();

    /**
     * Everybody listens: to be called once, when the socket has all its handlers.
     *
     * @param onViolation is run, once, when what comes in breaks RFC 6455: time to say goodbye
     */
    void begin(Consumer<CloseCode> onViolation);

    /** Hands what was written to the operating system, in as few calls as possible. */
    void flush();
}
