package dev.wingman.recorder;

import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.traffic.GlobalTrafficShapingHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.Http1xServerConnection;
import io.vertx.core.http.impl.HttpServerImpl;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.SslChannelProvider;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server that gives a connection its permit when it is accepted, takes it back when the
 * connection has closed, whatever it has become meanwhile, and does not wait for ever for the head
 * of a request. The server of Vert.x shows a connection when its first request has come, or its TLS
 * handshake is done; whoever sends nothing would be neither counted nor cut.
 *
 * <p>A client of HTTP/1.1 that has closed its sending side still gets its answers. Nothing tells it
 * from one that has gone, until something is written to it: only who listens to a stream of events
 * and closes is taken for gone at once.
 *
 * <p>The one class of the recorder that knows Netty and the inside of Vert.x. Confined to its event
 * loop.
 */
final class GatedServer extends HttpServerImpl {
    private static final String HANDLER_OF_VERTX = "handler";

    private final RecorderOptions.Limits limits;
    private final Permits connections;
    private final RecorderCounters counters;
    private final Map<Channel, Guest> guests = new HashMap<>();

    /**
     * A connection that is open.
     *
     * @param permit null when there was none left
     */
    private record Guest(Permits.@Nullable Permit permit, ScheduledFuture<?> silence) {}

    GatedServer(
            Vertx vertx,
            HttpServerOptions options,
            RecorderOptions.Limits limits,
            Permits connections,
            RecorderCounters counters) {
        super((VertxInternal) vertx, options);
        this.limits = limits;
        this.connections = connections;
        this.counters = counters;
        connectionHandler(this::connected);
    }

    @Override
    protected BiConsumer<Channel, SslChannelProvider> childHandler(
            ContextInternal context,
            SocketAddress address,
            @Nullable GlobalTrafficShapingHandler shaping) {
        var serve = super.childHandler(context, address, shaping);
        return (channel, tls) -> {
            accepted(channel);
            serve.accept(channel, tls);
        };
    }

    /**
     * The buffer of the operating system alone. An option of Vert.x sets it as well, and then takes
     * as much memory anew for every read, however little comes.
     */
    static void boundReceiving(HttpConnection connection, int bytes) {
        boundReceiving(((ConnectionBase) connection).channel(), bytes);
    }

    private static void boundReceiving(Channel channel, int bytes) {
        channel.config().setOption(ChannelOption.SO_RCVBUF, bytes);
    }

    /**
     * What may be under way to us on an HTTP/2 connection together: as much as on so many streams,
     * so that one whose reader is slow does not hold up the others. An option of Vert.x sets it as
     * well, and then lets as much wait to be sent on every stream.
     */
    static void widen(HttpConnection connection, int streams) {
        Channel channel = ((ConnectionBase) connection).channel();
        var http2 = channel.pipeline().get(Http2ConnectionHandler.class);
        if (http2 == null) {
            return;
        }
        int one = Http2CodecUtil.DEFAULT_WINDOW_SIZE;
        int all = Math.clamp((long) streams * one, one, Integer.MAX_VALUE);
        try {
            var stream = http2.connection().connectionStream();
            http2.decoder().flowController().incrementWindowSize(stream, all - one);
            http2.flush(channel.pipeline().context(http2));
        } catch (Http2Exception e) {
            throw new IllegalStateException("a window of " + all + " bytes is a legal one", e);
        }
    }

    private void accepted(Channel channel) {
        boundReceiving(channel, limits.socketBuffer());
        Permits.Permit permit = connections.tryAcquire().orElse(null);
        if (permit == null) {
            counters.connectionsRefused.increment();
        }
        var patience = permit == null ? limits.permitTimeout() : limits.targetTimeout();
        ScheduledFuture<?> silence =
                channel.eventLoop()
                        .schedule(
                                () -> {
                                    var _ = channel.close();
                                },
                                Upstream.millis(patience),
                                TimeUnit.MILLISECONDS);
        guests.put(channel, new Guest(permit, silence));
        var _ =
                channel.closeFuture()
                        .addListener(_ -> {
                            guests.remove(channel);
                            silence.cancel(false);
                            if (permit != null) {
                                permit.close();
                            }
                        });
    }

    private void connected(HttpConnection connection) {
        if (connection instanceof Http1xServerConnection http1) {
            Channel channel = http1.channel();
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
            channel.pipeline().addBefore(HANDLER_OF_VERTX, null, new Requests());
        }
    }

    /** A request has come on the connection: false when it has no permit and is to be told so. */
    boolean admits(HttpConnection connection) {
        Guest guest = guests.get(((ConnectionBase) connection).channel());
        if (guest == null || guest.permit == null) {
            return false;
        }
        guest.silence.cancel(false);
        return true;
    }

    /** The requests of one connection with HTTP/1.1, as the decoder reads them, and its answers. */
    private final class Requests extends ChannelDuplexHandler {
        /** Requests that have come and whose answers have not been written to their end. */
        private int unanswered;

        /** The latest request has not come to its end. */
        private boolean receiving;

        /** The answer under way is one that its client leaves when it wants no more. */
        private boolean endless;

        /** The client sends no more. */
        private boolean inputEnded;

        /** The bytes read last were the end of a head or a part of a body. */
        private boolean decoded;

        /** Runs from the first byte of a head to its end. */
        private @Nullable ScheduledFuture<?> patience;

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            context.fireUserEventTriggered(event);
            if (event instanceof ChannelInputShutdownEvent) {
                inputEnded = true;
                if (unanswered == 0 || receiving || endless) {
                    var _ = context.channel().close();
                }
            }
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            decoded = true;
            if (message instanceof HttpRequest) {
                stopWaiting();
                receiving = true;
                unanswered++;
            }
            if (message instanceof LastHttpContent) {
                receiving = false;
            }
            context.fireChannelRead(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (!receiving && !decoded) {
                waitForHead(context);
            }
            decoded = false;
            context.fireChannelReadComplete();
        }

        private void waitForHead(ChannelHandlerContext context) {
            if (patience == null) {
                patience =
                        context.executor()
                                .schedule(
                                        () -> expired(context),
                                        Upstream.millis(limits.targetTimeout()),
                                        TimeUnit.MILLISECONDS);
            }
        }

        private void expired(ChannelHandlerContext context) {
            patience = null;
            if (unanswered > 0) {
                waitForHead(context); // what was asked before is answered first
            } else {
                var _ = context.channel().close();
            }
        }

        private void stopWaiting() {
            if (patience != null) {
                patience.cancel(false);
                patience = null;
            }
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            boolean interim = false;
            if (message instanceof HttpResponse head) {
                interim = head.status().codeClass() == HttpStatusClass.INFORMATIONAL;
                String type = head.headers().get(HttpHeaderNames.CONTENT_TYPE, "");
                endless = type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
                if (head.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                    becomeSocket(context);
                }
            }
            if (message instanceof LastHttpContent && !interim) {
                unanswered--;
                endless = false;
            }
            boolean last = inputEnded && unanswered == 0;
            var written =
                    last ? promise.unvoid().addListener(ChannelFutureListener.CLOSE) : promise;
            var _ = context.write(message, written);
        }

        /** Then the end of either side is the end of both. */
        private void becomeSocket(ChannelHandlerContext context) {
            context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
            unanswered--;
            context.pipeline().remove(this);
        }

        @Override
        public void handlerRemoved(ChannelHandlerContext context) {
            stopWaiting();
        }
    }
}
