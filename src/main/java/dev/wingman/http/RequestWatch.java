package dev.wingman.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.traffic.GlobalTrafficShapingHandler;
import io.netty.util.ByteProcessor;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.Http1xServerConnection;
import io.vertx.core.http.impl.HttpServerImpl;
import io.vertx.core.http.impl.VertxHttpRequestDecoder;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.SslChannelProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches connections for requests that Vert.x would wait for without end, or leave without an
 * answer. An idle time-out alone lets a client hold a connection with a byte a minute.
 *
 * <p>The first head has its time from the moment the client connects, the handshake of TLS and the
 * preface of HTTP/2 included; a further head of HTTP/1.1 from its first byte; and the rest of a
 * body that was answered before its end from then on. A head that is too slow is answered, where
 * there is something to answer; the others are cut. Between requests, and with HTTP/2 after its
 * first one, a connection may rest.
 *
 * <p>The only class of the package that touches the inside of Vert.x and Netty, and the one to
 * change with Vert.x 5: decision 0009.
 *
 * <p>Each handler is confined to the loop of its connection.
 */
final class RequestWatch {
    private static final String HANDLER_OF_VERTX = "handler";

    private final Patience patience;
    private final RequestCounters counters;
    private final Consumer<HttpServerRequest> broken;

    /**
     * How long a client may take.
     *
     * @param head for the head of a request
     * @param rest for what is left of a body when its answer has gone out
     */
    record Patience(Duration head, Duration rest) {}

    /** In the place of what a decoder says of a head that it cannot read. */
    static final class TooSlow extends Exception {
        private static final long serialVersionUID = 1L;
    }

    /**
     * @param broken answers a request whose body cannot be read to its end
     */
    RequestWatch(Patience patience, RequestCounters counters, Consumer<HttpServerRequest> broken) {
        this.patience = patience;
        this.counters = counters;
        this.broken = broken;
    }

    /** A server whose connections are watched. */
    HttpServer server(Vertx vertx, HttpServerOptions options) {
        return new Server((VertxInternal) vertx, options)
                .connectionHandler(connection -> connected(connection, options));
    }

    /** The connection handler comes too late for this: it is called with the first request. */
    private final class Server extends HttpServerImpl {
        Server(VertxInternal vertx, HttpServerOptions options) {
            super(vertx, options);
        }

        @Override
        protected BiConsumer<Channel, SslChannelProvider> childHandler(
                ContextInternal context,
                SocketAddress address,
                GlobalTrafficShapingHandler trafficShaping) {
            var setUp = super.childHandler(context, address, trafficShaping);
            return (channel, tls) -> {
                setUp.accept(channel, tls);
                watchFirstHead(channel.pipeline());
            };
        }
    }

    /**
     * First of those that see no TLS: an upgrade to HTTP/2 throws out the others in their order.
     */
    private void watchFirstHead(ChannelPipeline pipeline) {
        ChannelHandlerContext tls = pipeline.context(SslHandler.class);
        if (tls == null) {
            pipeline.addFirst(new FirstHead());
        } else {
            pipeline.addAfter(tls.name(), null, new FirstHead());
        }
    }

    private void connected(HttpConnection connection, HttpServerOptions options) {
        if (connection instanceof Http1xServerConnection http1) {
            http1.channel().pipeline().addBefore(HANDLER_OF_VERTX, null, new Requests(options));
        }
    }

    /** Ends an answer that its client does not read. */
    static void cut(HttpServerRequest request) {
        if (request.connection() instanceof Http1xServerConnection http1) {
            var _ = http1.channel().close(); // Vert.x would first wait until all is written
        } else {
            request.response().reset();
        }
    }

    /** The head of a request was read. To be called before anything else is done with it. */
    static void arrived(HttpServerRequest request) {
        ChannelPipeline pipeline = ((ConnectionBase) request.connection()).channel().pipeline();
        FirstHead first = pipeline.get(FirstHead.class);
        if (first != null) {
            pipeline.remove(first);
        }
        Requests requests = pipeline.get(Requests.class);
        if (requests != null) {
            requests.underWay = request;
        }
    }

    /** Has the decoder say that it cannot read on; false when there is none. */
    private static boolean breakOff(ChannelPipeline pipeline) {
        ChannelHandlerContext decoder = pipeline.context(HttpRequestDecoder.class);
        if (decoder == null) {
            return false;
        }
        var request =
                new DefaultFullHttpRequest(
                        HttpVersion.HTTP_1_1, HttpMethod.GET, "/", Unpooled.EMPTY_BUFFER);
        request.setDecoderResult(DecoderResult.failure(new TooSlow()));
        decoder.fireChannelRead(request);
        decoder.fireChannelReadComplete(); // what is written during a read is flushed by this
        return true;
    }

    private abstract static class Timed extends ChannelDuplexHandler {
        private @Nullable ScheduledFuture<?> timer;

        abstract void expired(ChannelHandlerContext context);

        /** Unless it runs already. */
        final void start(ChannelHandlerContext context, Duration time) {
            if (timer == null) {
                timer =
                        context.executor()
                                .schedule(
                                        () -> expired(context),
                                        time.toNanos(),
                                        TimeUnit.NANOSECONDS);
            }
        }

        final void stop() {
            if (timer != null) {
                timer.cancel(false);
                timer = null;
            }
        }

        @Override
        public final void handlerRemoved(ChannelHandlerContext context) {
            stop();
        }
    }

    /** From the connect to the first request, of whatever protocol. */
    private final class FirstHead extends Timed {
        private boolean begun;

        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            start(context, patience.head());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            begun = true;
            context.fireChannelRead(bytes);
        }

        @Override
        void expired(ChannelHandlerContext context) {
            counters.unfinished();
            if (!begun || !breakOff(context.pipeline())) {
                var _ = context.channel().close();
            }
        }
    }

    /**
     * Knows whether it has a part of a head, which what it passes on does not tell. Takes the place
     * of the one that Vert.x makes when that is between two requests: a first time to do so does
     * not exist before the first.
     */
    private static final class Decoder extends VertxHttpRequestDecoder {
        private static final ByteProcessor BLANK =
                each -> Character.isISOControl(each) || Character.isWhitespace(each);

        private boolean isInHead;

        /** A head was passed on, and the end of its body was not. */
        private boolean isInBody;

        Decoder(HttpServerOptions options) {
            super(options);
        }

        void takeOver(ChannelPipeline pipeline) {
            ChannelHandlerContext old = pipeline.context(HttpRequestDecoder.class);
            if (old != null) {
                pipeline.replace(old.handler(), old.name(), this);
            }
        }

        @Override
        protected void decode(ChannelHandlerContext context, ByteBuf bytes, List<Object> out)
                throws Exception {
            // Empty lines between requests belong to none.
            isInHead = !isInBody && (isInHead || bytes.forEachByte(BLANK) >= 0);
            int before = out.size();
            super.decode(context, bytes, out);
            if (out.size() > before) {
                isInHead = false;
                isInBody = !(out.getLast() instanceof LastHttpContent);
            }
        }
    }

    /** The requests of one connection with HTTP/1.1, as the decoder reads them, and its answers. */
    private final class Requests extends Timed {
        /** The one that is answered now. */
        private @Nullable HttpServerRequest underWay;

        /** Requests that have come and whose answers have not been written to their end. */
        private int unanswered;

        /** The latest request has not come to its end. */
        private boolean receiving;

        /** An answer said that it is the last. */
        private boolean closing;

        /** The decoder was told to stop: what still comes of that head does not matter. */
        private boolean brokenOff;

        private final HttpServerOptions options;

        /** Null until the first request has come to its end. */
        private @Nullable Decoder decoder;

        Requests(HttpServerOptions options) {
            this.options = options;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (closing && (message instanceof HttpRequest || !receiving)) {
                ReferenceCountUtil.release(message);
                return;
            }
            if (message instanceof HttpRequest request) {
                stop();
                receiving = true;
                unanswered++;
                answerInOurVersion(request);
            } else if (message instanceof HttpContent content
                    && content.decoderResult().isFailure()
                    && refuse(content)) {
                return;
            }
            boolean last = message instanceof LastHttpContent;
            if (last) {
                stop();
                receiving = false;
            }
            context.fireChannelRead(message);
            if (last && decoder == null) {
                decoder = new Decoder(options); // before the bytes that it is handed on at once
                decoder.takeOver(context.pipeline());
            }
        }

        /** Netty takes a request line that it cannot read for one of HTTP/1.0. */
        private static void answerInOurVersion(HttpRequest request) {
            if (request instanceof FullHttpRequest && request.decoderResult().isFailure()) {
                request.setProtocolVersion(HttpVersion.HTTP_1_1);
            }
        }

        /**
         * Vert.x would only close. False when it must: the answer is under way, or not its turn.
         */
        private boolean refuse(HttpContent content) {
            HttpServerRequest request = underWay;
            if (request == null || unanswered != 1 || request.response().headWritten()) {
                return false;
            }
            content.release();
            broken.accept(request);
            return true;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            if (receiving && unanswered == 0) {
                start(context, patience.rest());
            } else if (!receiving && !brokenOff && decoder != null && decoder.isInHead) {
                start(context, patience.head());
            }
            context.fireChannelReadComplete();
        }

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            HttpStatusClass kind = HttpStatusClass.UNKNOWN;
            if (message instanceof HttpResponse head) {
                kind = head.status().codeClass();
                closing |=
                        head.headers()
                                .contains(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE, true);
                if (head.status().equals(HttpResponseStatus.SWITCHING_PROTOCOLS)) {
                    context.pipeline().remove(this); // a WebSocket has times of its own
                }
            }
            if (message instanceof LastHttpContent && kind != HttpStatusClass.INFORMATIONAL) {
                unanswered--;
                underWay = null;
                if (receiving && unanswered == 0) {
                    start(context, patience.rest());
                }
            }
            var _ = context.write(message, promise);
        }

        @Override
        void expired(ChannelHandlerContext context) {
            brokenOff = true;
            counters.unfinished();
            if (closing || receiving || !breakOff(context.pipeline())) {
                var _ = context.channel().close();
            }
        }
    }
}
