package dev.wingman.websocket;

import dev.wingman.protocol.CloseCode;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames straight to the Netty channel: everything queued, then one flush.
 *
 * <p>The only class that touches the inside of Vert.x and Netty, and the one to change with Vert.x
 * 5.
 */
final class ChannelWriter implements SocketWriter {
    private final ServerWebSocket socket;
    private final Channel channel;

    /**
     * @param connection that the socket was upgraded from
     */
    ChannelWriter(ServerWebSocket socket, HttpConnection connection, WriteBuffer buffer) {
        this.socket = socket;
        this.channel = ((ConnectionBase) connection).channel();
        channel.config()
                .setWriteBufferWaterMark(
                        new WriteBufferWaterMark(buffer.lowBytes(), buffer.highBytes()));
    }

    @Override
    public Executor loop() {
        return channel.eventLoop();
    }

    @Override
    public boolean isWritable() {
        return channel.isWritable();
    }

    @Override
    public void write(byte[] frame) {
        // A failed write closes the channel, which the close handler reports.
        var _ =
                channel.write(
                        new BinaryWebSocketFrame(Unpooled.wrappedBuffer(frame)),
                        channel.voidPromise());
    }

    @Override
    public void flush() {
        channel.flush();
    }

    @Override
    public void close(CloseCode code, @Nullable String reason) {
        channel.flush();
        socket.close((short) code.number(), reason);
    }

    /**
     * How a failure of the socket breaks the protocol; null when the connection was merely lost.
     */
    static @Nullable CloseCode violation(Throwable cause) {
        if (cause instanceof CorruptedWebSocketFrameException frame) {
            return frame.closeStatus().equals(WebSocketCloseStatus.MESSAGE_TOO_BIG)
                    ? CloseCode.TOO_LARGE
                    : CloseCode.PROTOCOL_ERROR;
        }
        return cause instanceof DecoderException ? CloseCode.PROTOCOL_ERROR : null;
    }
}
