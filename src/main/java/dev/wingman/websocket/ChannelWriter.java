package dev.wingman.websocket;

import dev.wingman.protocol.CloseCode;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.ssl.SslHandler;
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
 * Writes frames straight to the Netty channel: everything queued, then one flush.
 *
 * <p>The only class of the package that touches the inside of Vert.x and Netty, and the one to
 * change with Vert.x 5.
 */
final class ChannelWriter implements SocketWriter {
    private static final String HANDLER_OF_VERTX = "handler";
    private static final Drop DROP = new Drop();

    /** For a close frame to go out. */
    private static final int PATIENCE_SECONDS = 5;

    private final ServerWebSocket socket;
    private final Channel channel;

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
