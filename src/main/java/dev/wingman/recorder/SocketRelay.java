package dev.wingman.recorder;

import dev.wingman.recorder.TapeRecord.Outcome;
import dev.wingman.recorder.TapeRecord.Sender;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import org.jspecify.annotations.Nullable;

/**
 * An open WebSocket between a client and the target: passes bytes on as they are and reads the
 * frames in them for the tape. Whoever reads slowly makes the other side wait. Confined to its
 * event loop.
 */
final class SocketRelay {
    /** Of one frame; longer ones are still passed on. */
    private static final int MAX_FRAME_BYTES = 16 << 20;

    /** 1012, service restart. */
    private static final byte[] RESTART = {(byte) 0x03, (byte) 0xf4};

    private final ForwardedExchange.Setting setting;
    private final Exchange exchange;
    private final @Nullable ExchangeCopy copy;
    private final NetSocket client;
    private final NetSocket target;
    private final Listener listener;
    private final Memory.Share memory;
    private final Runnable closer = this::stop;
    private final FrameReader fromClient = reader(Sender.CLIENT);
    private final FrameReader fromTarget = reader(Sender.TARGET);
    private int closes;
    private boolean over;

    SocketRelay(
            ForwardedExchange.Setting setting,
            Exchange exchange,
            @Nullable ExchangeCopy copy,
            NetSocket client,
            NetSocket target,
            Listener listener) {
        this.setting = setting;
        this.exchange = exchange;
        this.copy = copy;
        this.client = client;
        this.target = target;
        this.listener = listener;
        this.memory = setting.memory().share();
    }

    private FrameReader reader(Sender sender) {
        return new FrameReader(MAX_FRAME_BYTES, (first, payload) -> frame(sender, first, payload));
    }

    void run() {
        listener.addSocket(closer);
        // Open sockets count as connections; a stop closes them instead of waiting for their end.
        exchange.close();
        pipe(client, target, Sender.CLIENT);
        pipe(target, client, Sender.TARGET);
        client.resume();
        target.resume();
    }

    private void pipe(NetSocket from, NetSocket to, Sender sender) {
        to.setWriteQueueMaxSize(setting.limits().streamBuffer());
        from.handler(piece -> pass(piece, from, to, sender));
        from.endHandler(_ -> left(sender));
        from.exceptionHandler(_ -> left(sender));
    }

    private void pass(Buffer piece, NetSocket from, NetSocket to, Sender sender) {
        if (over) {
            return;
        }
        FrameReader reader = sender == Sender.CLIENT ? fromClient : fromTarget;
        if (!reader.read(piece.getBytes()) && copy != null) {
            copy.drop("its bytes are no frames of WebSocket, or one is too long");
        }
        if (!memory.resize((long) fromClient.heldBytes() + fromTarget.heldBytes())) {
            reader.stop();
            setting.memory().countRefusal();
            if (copy != null) {
                copy.drop("wingman.recorder.max-memory is taken");
            }
        }
        var _ = to.write(piece);
        if (to.writeQueueFull()) {
            from.pause();
            to.drainHandler(_ -> from.resume());
        } else if (copy != null && copy.tape().isFull()) {
            from.pause();
            var loop = setting.vertx().getOrCreateContext();
            copy.tape().whenDrained(() -> loop.runOnContext(_ -> from.resume()));
        }
    }

    private void frame(Sender sender, int firstByte, byte[] payload) {
        if (FrameReader.opcode(firstByte) == FrameReader.CLOSE) {
            closes++;
        }
        if (copy != null) {
            copy.frame(sender, firstByte, payload);
        }
    }

    private void left(Sender sender) {
        if (over) {
            return;
        }
        if (closes == 2) {
            end(Outcome.COMPLETE);
        } else {
            end(sender == Sender.CLIENT ? Outcome.CLIENT_LEFT : Outcome.TARGET_LEFT);
        }
    }

    private void stop() {
        if (!over) {
            byte[] close = FrameReader.unmasked(FrameReader.FINAL | FrameReader.CLOSE, RESTART);
            if (fromTarget.isBetweenFrames()) {
                var _ = client.write(Buffer.buffer(close));
            }
            end(Outcome.STOPPED);
        }
    }

    private void end(Outcome outcome) {
        over = true;
        listener.removeSocket(closer);
        memory.close();
        if (copy != null) {
            copy.end(outcome);
        }
        client.close();
        target.close();
    }
}
