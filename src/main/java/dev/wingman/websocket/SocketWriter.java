package dev.wingman.websocket;

import dev.wingman.connection.FrameSink;
import java.util.concurrent.Executor;

/**
 * The writing side of one WebSocket.
 *
 * <p>Confined to {@link #loop}, but for {@link #loop} itself. There are two forms: one on the Netty
 * channel, which the server uses because it is several times as fast, and one on the public API of
 * Vert.x, to fall back on when Vert.x changes inside.
 */
interface SocketWriter extends FrameSink {
    /** Where everything that concerns the socket runs, in order. Thread-safe. */
    Executor loop();

    /** Hands what was written to the operating system, in as few calls as possible. */
    void flush();
}
