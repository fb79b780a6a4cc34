package dev.wingman.websocket;

import dev.wingman.protocol.CloseCode;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameEncoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes frames straight to the Netty channel: everything queued is gathered in one buffer, past
 * the pipeline's encoder, and flushed once. A server does not mask, so a frame is its message with
 * two to ten bytes before it (RFC 6455, section 5.2).
 *
 * <p>The only class of the package that touches the inside of Vert.x and Netty, and the one to
 * change with Vert.x 5.
 */
final class ChannelWriter implements SocketWriter {
    private static final String HANDLER_OF_VERTX = "handler";
    private static final Drop DROP = new Drop();

    private static final int FINAL_BINARY = 0x82;
    private static final int LENGTH_IN_2_BYTES = 126;
    private static final int LENGTH_IN_8_BYTES = 127;
    private static final int MAX_HEADER_BYTES = 10;
    private static final int INITIAL_BYTES = 512;

    /** What is gathered at most before it goes to the channel, which counts it only then. */
    private static final int GATHERED_BYTES = 16 << 10;

    /** For a close frame to go out. */
    private static final int PATIENCE_SECONDS = 5;

    private final ServerWebSocket socket;
    private final Channel channel;

    /** What was written since the last flush and is not with the channel yet. */
    private @Nullable ByteBuf gathered;

    /** Where what it writes is not encoded again. */
    private @Nullable ChannelHandlerContext encoder;

    /** The client broke RFC 6455: its answer to our close frame could not be told from the rest. */
    private boolean isViolated;

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
    public void write(byte[] message) {
        ByteBuf out = gathered;
        int needed = MAX_HEADER_BYTES + message.length;
        if (out != null && out.readableBytes() + needed > GATHERED_BYTES) {
            hand(out);
            out = null;
        }
        if (out == null) {
            out = channel.alloc().directBuffer(Math.max(INITIAL_BYTES, needed));
            gathered = out;
        }
        out.writeByte(FINAL_BINARY);
        if (message.length < LENGTH_IN_2_BYTES) {
            out.writeByte(message.length);
        } else if (message.length <= 0xFFFF) {
            out.writeByte(LENGTH_IN_2_BYTES).writeShort(message.length);
        } else {
            out.writeByte(LENGTH_IN_8_BYTES).writeLong(message.length);
        }
        out.writeBytes(message);
        if (out.readableBytes() >= GATHERED_BYTES) {
            hand(out);
        }
    }

    private void hand(ByteBuf out) {
        gathered = null;
        ChannelHandlerContext place = encoder;
        if (place == null || place.isRemoved()) {
            out.release(); // the channel is closed, which the close handler reports
        } else {
            // A failed write closes the channel as well.
            var _ = place.write(out, channel.voidPromise());
        }
    }

    @Override
    public void flush() {
        ByteBuf out = gathered;
        if (out != null) {
            hand(out);
        }
        channel.flush();
    }

    @Override
    public void close(CloseCode code, @Nullable String reason) {
        flush();
        Future<Void> sent = socket.close((short) code.number(), reason);
        if (!sent.isComplete()) {
            cutUnless(sent);
        }
        if (isViolated) {
            sent.onComplete(_ -> endOutput());
        }
    }

    /**
     * Vert.x waits for the client's answer from the moment that the frame has gone out. To a client
     * that has vanished, or reads nothing, it never does.
     */
    private void cutUnless(Future<Void> sent) {
        Runnable action =
                () -> {
                    var _ = channel.close();
                };
        ScheduledFuture<?> cut =
                channel.eventLoop().schedule(action, PATIENCE_SECONDS, TimeUnit.SECONDS);
        sent.onComplete(_ -> cut.cancel(false));
    }

    /** Has the client close the connection, now that it has read why: nothing else would. */
    private void endOutput() {
        if (channel instanceof DuplexChannel duplex) {
            SslHandler tls = channel.pipeline().get(SslHandler.class);
            ChannelFuture said = tls == null ? channel.newSucceededFuture() : tls.closeOutbound();
            var _ =
                    said.addListener(_ -> {
                        var _ = duplex.shutdownOutput();
                    });
        }
    }

    @Override
    public void begin(Consumer<CloseCode> onViolation) {
        ChannelPipeline pipeline = channel.pipeline();
        encoder = pipeline.context(WebSocketFrameEncoder.class);
        if (pipeline.get(IdleStateHandler.class) != null) {
            // The registry ends sockets that are silent; this would only cost at every frame.
            pipeline.remove(IdleStateHandler.class);
        }
        pipeline.addBefore(
                HANDLER_OF_VERTX,
                null,
                new Violations(violation -> {
                    isViolated = true;
                    onViolation.accept(violation);
                }));
        Early early = pipeline.get(Early.class);
        if (early != null) {
            early.letGo();
        }
    }

    /**
     * Holds back what a client sends along with its upgrade, until {@link #begin}.
     *
     * @return to be run when there is no upgrade after all
     */
    static Runnable holdBack(HttpConnection connection) {
        ChannelPipeline pipeline = ((ConnectionBase) connection).channel().pipeline();
        var early = new Early();
        pipeline.addBefore(HANDLER_OF_VERTX, null, early);
        return early::letGo;
    }

    /**
     * A client that does not wait for the answer to its upgrade has its frames decoded in the
     * middle of it, when nobody listens: Vert.x would lose them, and cut the connection over a
     * broken one.
     */
    private static final class Early extends ChannelInboundHandlerAdapter {
        private final Queue<WebSocketFrame> frames = new ArrayDeque<>();
        private @Nullable ChannelHandlerContext place;
        private @Nullable Throwable failure;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            place = context;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof WebSocketFrame frame) {
                frames.add(frame);
            } else {
                context.fireChannelRead(message);
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            if (violation(cause) == null) {
                context.fireExceptionCaught(cause);
            } else {
                failure = cause;
            }
        }

        void letGo() {
            ChannelHandlerContext context = place;
            if (context == null) {
                return;
            }
            while (!frames.isEmpty()) {
                context.fireChannelRead(frames.remove());
            }
            if (failure != null) {
                context.fireExceptionCaught(failure);
            }
            context.fireChannelReadComplete();
            if (!context.isRemoved()) {
                context.pipeline().remove(this);
            }
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            place = null;
            while (!frames.isEmpty()) {
                frames.remove().release();
            }
        }
    }

    /**
     * Keeps what breaks RFC 6455 from Vert.x, which would cut the connection before the client has
     * read why. What the client still sends is read and dropped: a connection closed over unread
     * bytes is reset, and takes the close frame with it.
     */
    private static final class Violations extends ChannelInboundHandlerAdapter {
        private final Consumer<CloseCode> action;

        Violations(Consumer<CloseCode> action) {
            this.action = action;
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            CloseCode violation = violation(cause);
            if (violation == null) {
                context.fireExceptionCaught(cause);
            } else {
                context.pipeline().addFirst(DROP);
                action.accept(violation);
            }
        }
    }

    @Sharable
    private static final class Drop extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
        }
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
