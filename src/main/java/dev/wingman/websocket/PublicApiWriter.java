package dev.wingman.websocket;

import dev.wingman.protocol.CloseCode;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Writes frames through the public API of Vert.x, which flushes each by itself. */
final class PublicApiWriter implements SocketWriter {
    private final ServerWebSocket socket;
    private final Context context;

    PublicApiWriter(ServerWebSocket socket, Context context, WriteBuffer buffer) {
        this.socket = socket;
        this.context = context;
        socket.setWriteQueueMaxSize(buffer.highBytes());
    }

    @Override
    public Executor loop() {
        return task -> context.runOnContext(_ -> task.run());
    }

    /**
     * Vert.x cuts the connection when the action has returned; the close frame may get lost. What
     * came along with the upgrade is lost already.
     */
    @Override
    public void begin(Consumer<CloseCode> onViolation) {
        socket.exceptionHandler(cause -> {
            CloseCode violation = ChannelWriter.violation(cause);
            if (violation != null) {
                onViolation.accept(violation);
            }
        });
    }

    @Override
    public boolean isWritable() {
        return !socket.writeQueueFull();
    }

    @Override
    public void write(byte[] frame) {
        socket.writeBinaryMessage(Buffer.buffer(frame));
    }

    @Override
    public void flush() {
        // every write was flushed
    }

    @Override
    public void close(CloseCode code, @Nullable String reason) {
        socket.close((short) code.number(), reason);
    }
}
