package dev.wingman.websocket;

import dev.wingman.connection.Admission;
import dev.wingman.connection.ConnectionHandle;
import dev.wingman.connection.ConnectionKind;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.sync.SyncServer;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * Turns an HTTP upgrade into a client connection, or refuses it.
 *
 * <p>A plain route and not a WebSockets Next endpoint: decision 0003.
 */
public final class ClientEndpoint {
    /** Which of the two writers sockets get. */
    public enum Writer {
        CHANNEL,
        PUBLIC_API
    }

    /**
     * How sockets are made.
     *
     * @param maxMessageBytes of one message, in however many frames
     */
    public record Settings(int maxMessageBytes, WriteBuffer writeBuffer, Writer writer) {}

    private final Supplier<SyncServer> server;
    private final ConnectionRegistry registry;
    private final Supplier<Admission> admission;
    private final BiConsumer<RoutingContext, Admission.Refused> refusal;
    private final Settings settings;
    private final WireCounters counters = new WireCounters();

    /**
     * @param server asked only while {@code admission} admits
     * @param admission keeps a place in the registry for who is admitted
     * @param refusal answers an upgrade that is not admitted
     */
    public ClientEndpoint(
            Supplier<SyncServer> server,
            ConnectionRegistry registry,
            Supplier<Admission> admission,
            BiConsumer<RoutingContext, Admission.Refused> refusal,
            Settings settings) {
        this.server = server;
        this.registry = registry;
        this.admission = admission;
        this.refusal = refusal;
        this.settings = settings;
    }

    public WireCounters counters() {
        return counters;
    }

    SyncServer server() {
        return server.get();
    }

    int maxMessageBytes() {
        return settings.maxMessageBytes();
    }

    /** Handles a request that asks for a WebSocket. */
    public void upgrade(RoutingContext context) {
        switch (admission.get()) {
            case Admission.Refused refused -> refusal.accept(context, refused);
            case Admission.Admitted _ -> {
                HttpServerRequest request = context.request();
                HttpConnection connection = request.connection();
                Context loop = context.vertx().getOrCreateContext();
                Runnable undo = prepare(connection);
                // A future also of what it throws instead of failing.
                Future.<ServerWebSocket>future(promise -> request.toWebSocket().onComplete(promise))
                        .onSuccess(socket -> opened(socket, connection, loop))
                        .onFailure(failure -> {
                            registry.releasePlace();
                            undo.run();
                            context.fail(failure);
                        });
            }
        }
    }

    /** What is to be done before the upgrade, and undone if that fails. */
    private Runnable prepare(HttpConnection connection) {
        return switch (settings.writer()) {
            case CHANNEL -> ChannelWriter.holdBack(connection);
            case PUBLIC_API -> () -> {};
        };
    }

    private void opened(ServerWebSocket socket, HttpConnection connection, Context loop) {
        if (socket.isClosed()) {
            registry.releasePlace(); // it would never be removed again
            return;
        }
        var client = new ClientSocket(this, socket, writer(socket, connection, loop));
        ConnectionHandle handle = registry.registerAdmitted(ConnectionKind.CLIENT, client);
        client.open(registry, handle);
    }

    private SocketWriter writer(ServerWebSocket socket, HttpConnection connection, Context loop) {
        return switch (settings.writer()) {
            case CHANNEL -> new ChannelWriter(socket, connection, settings.writeBuffer());
            case PUBLIC_API -> new PublicApiWriter(socket, loop, settings.writeBuffer());
        };
    }
}
