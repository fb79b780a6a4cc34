package dev.wingman.recorder;

import io.netty.channel.Channel;
import io.netty.handler.traffic.GlobalTrafficShapingHandler;
import io.netty.util.concurrent.ScheduledFuture;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.impl.HttpServerImpl;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.SslChannelProvider;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP server that gives a connection its permit when it is accepted, takes it back when the
 * connection has closed, whatever it has become meanwhile, and does not wait for ever for a first
 * request. The server of Vert.x shows a connection when its first request has come, or its TLS
 * handshake is done; whoever sends nothing would be neither counted nor cut.
 *
 * <p>The one class of the recorder that knows Netty and the inside of Vert.x. Confined to its event
 * loop.
 */
final class GatedServer extends HttpServerImpl {
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

    private void accepted(Channel channel) {
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

    /** A request has come on the connection: false when it has no permit and is to be told so. */
    boolean admits(HttpConnection connection) {
        Guest guest = guests.get(((ConnectionBase) connection).channel());
        if (guest == null || guest.permit == null) {
            return false;
        }
        guest.silence.cancel(false);
        return true;
    }
}
