package dev.wingman.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.traffic.GlobalTrafficShapingHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerImpl;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.SslChannelProvider;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives a client a time to send the head of a request: from the moment it connects, and of every
 * further request from its first byte. An idle time-out alone would let it hold a connection with a
 * byte a minute. Who is too slow gets a 408 if there is a request to answer, and is cut otherwise.
 *
 * <p>After an upgrade, and with HTTP/2 once its preface is read, it steps aside: the first has a
 * time-out for authentication, the second mixes requests and control frames on one connection.
 *
 * <p>Sits first in the pipeline, before TLS, so that a slow handshake is as slow a head. The only
 * class of the package that touches the inside of Vert.x and Netty, to be changed with Vert.x 5.
 *
 * <p>Confined to the loop of its connection.
 */
final class HeadTimeout extends ChannelInboundHandlerAdapter {
    private final long nanos;
    private @Nullable ScheduledFuture<?> timer;
    private boolean inRequest;

    /** Set when bytes have become a part of a request, which a slow head has not. */
    private boolean decoded;

    /** Without a decoder of requests it then was upgraded, and half a frame is no slow head. */
    private boolean knowsProtocol;

    private HeadTimeout(Duration patience) {
        this.nanos = patience.toNanos();
    }

    /** A server whose connections have the time-out. */
    static HttpServer server(Vertx vertx, HttpServerOptions options, Duration patience) {
        boolean secured = options.isSsl();
        return new Server((VertxInternal) vertx, options, patience)
                .connectionHandler(connection -> begin(connection, secured));
    }

    /** Vert.x has no other way to reach a channel before the first request was read from it. */
    private static final class Server extends HttpServerImpl {
        private final Duration patience;

        Server(VertxInternal vertx, HttpServerOptions options, Duration patience) {
            super(vertx, options);
            this.patience = patience;
        }

        @Override
        protected BiConsumer<Channel, SslChannelProvider> childHandler(
                ContextInternal context,
                SocketAddress address,
                GlobalTrafficShapingHandler trafficShaping) {
            var setUp = super.childHandler(context, address, trafficShaping);
            return (channel, tls) -> {
                channel.pipeline().addFirst(new HeadTimeout(patience));
                setUp.accept(channel, tls);
            };
        }
    }

    /**
     * The protocol is known: with TLS after the handshake, without it when the first head is read.
     */
    private static void begin(HttpConnection connection, boolean secured) {
        ChannelPipeline pipeline = ((ConnectionBase) connection).channel().pipeline();
        HeadTimeout timeout = pipeline.get(HeadTimeout.class);
        ChannelHandlerContext decoder = pipeline.context(HttpRequestDecoder.class);
        if (timeout == null) {
            return;
        }
        if (decoder == null) {
            pipeline.remove(timeout);
            return;
        }
        timeout.knowsProtocol = true;
        pipeline.addAfter(decoder.name(), null, timeout.new Heads());
        if (!secured) {
            timeout.headArrived();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        start(context);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        stop();
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
        decoded = false;
        context.fireChannelRead(bytes);
        if (!inRequest && !decoded && timer == null && !context.isRemoved()) {
            start(context);
        }
    }

    private void start(ChannelHandlerContext context) {
        timer = context.executor().schedule(() -> expired(context), nanos, TimeUnit.NANOSECONDS);
    }

    private void stop() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    private static void removeFrom(ChannelPipeline pipeline, ChannelHandler handler) {
        if (pipeline.context(handler) != null) {
            pipeline.remove(handler);
        }
    }

    private void headArrived() {
        inRequest = true;
        decoded = true;
        stop();
    }

    private void expired(ChannelHandlerContext context) {
        timer = null;
        ChannelHandlerContext decoder = context.pipeline().context(HttpRequestDecoder.class);
        if (decoder != null) {
            decoder.fireChannelRead(brokenOff());
            decoder.fireChannelReadComplete(); // what is written during a read is flushed by this
        } else if (!knowsProtocol) {
            var _ = context.close();
        }
    }

    /** What the decoder itself makes of a head that it cannot read. */
    private static HttpRequest brokenOff() {
        var request =
                new DefaultFullHttpRequest(
                        HttpVersion.HTTP_1_0, HttpMethod.GET, "/", Unpooled.EMPTY_BUFFER);
        request.setDecoderResult(DecoderResult.failure(new TooSlow()));
        return request;
    }

    /** In the place of what a decoder says of a head that it cannot read. */
    static final class TooSlow extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /** Sees what the decoder has made of the bytes. */
    private final class Heads extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpObject) {
                decoded = true;
                if (message instanceof HttpRequest) {
                    headArrived();
                }
                if (message instanceof LastHttpContent) {
                    inRequest = false;
                }
            } else {
                // An upgrade may have taken either out before the first bytes of what follows come.
                removeFrom(context.pipeline(), HeadTimeout.this);
                removeFrom(context.pipeline(), this);
            }
            context.fireChannelRead(message);
        }
    }
}
