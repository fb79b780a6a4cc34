package dev.wingman.recorder;

import dev.wingman.recorder.SocketScript.Step;
import dev.wingman.recorder.TapeRecord.Outcome;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;

/**
 * A WebSocket without a target: sends what the target said at its place, waits for what the client
 * said at its, and closes with 1011 when that does not come or is something else. Confined to its
 * event loop.
 */
final class ReplayedSocket {
    private static final int MAX_FRAME_BYTES = 16 << 20;

    /** Messages that came before their place; then the client is not read. */
    private static final int MAX_EARLY = 64;

    private static final int MISMATCH = 1011;
    private static final int RESTART = 1012;
    private static final int TRY_LATER = 1013;

    /**
     * What the replay is between.
     *
     * @param memory holds the script; given back with the socket
     */
    record Ends(
            Exchange exchange,
            NetSocket client,
            Listener listener,
            Memory.Share memory,
            RecorderCounters counters) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
    private record Message(int opcode, byte[] payload) {}

    private final ReplayedExchange.Setting setting;
    private final RecorderOptions.Replay replay;
    private final Redaction redaction;
    private final SocketScript script;
    private final Ends ends;
    private final NetSocket client;
    private final long beganNanos;
    private final Runnable closer = this::stop;
    private final FrameReader reader = new FrameReader(MAX_FRAME_BYTES, this::frame);
    private final Queue<Message> early = new ArrayDeque<>();
    private long earlyBytes;
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();
    private int messageOpcode;
    private int next;
    private long timer = -1;
    private boolean paced;
    private boolean pausing;
    private boolean closeSent;
    private boolean over;

    ReplayedSocket(
            ReplayedExchange.Setting setting,
            RecorderOptions.Replay replay,
            Redaction redaction,
            SocketScript script,
            Ends ends) {
        this.setting = setting;
        this.replay = replay;
        this.redaction = redaction;
        this.script = script;
        this.ends = ends;
        this.client = ends.client;
        this.beganNanos = setting.nanoClock().getAsLong();
    }

    void run() {
        ends.listener.addSocket(closer);
        ends.exchange.close();
        client.setWriteQueueMaxSize(setting.limits().streamBuffer());
        client.handler(piece -> read(piece.getBytes()));
        client.endHandler(_ -> end());
        client.exceptionHandler(_ -> end());
        client.resume();
        play();
    }

    private void read(byte[] piece) {
        if (!reader.read(piece)) {
            mismatch("these are no frames, or one is too long");
        }
        long held = earlyBytes + message.size() + reader.heldBytes();
        if (!over && !ends.memory.resize(script.bytes() + held)) {
            setting.memory().countRefusal();
            close(TRY_LATER, "the recorder's memory is full");
        }
    }

    private void frame(int firstByte, byte[] payload) {
        if (over) {
            return;
        }
        int opcode = FrameReader.opcode(firstByte);
        if (opcode == FrameReader.PING) {
            write(FrameReader.FINAL | FrameReader.PONG, payload);
        } else if (opcode == FrameReader.CLOSE) {
            arrived(
                    new Message(
                            opcode, ExchangeCopy.redactedControl(redaction, firstByte, payload)));
        } else if (opcode != FrameReader.PONG) {
            messageOpcode = opcode == FrameReader.CONTINUATION ? messageOpcode : opcode;
            message.writeBytes(payload);
            if ((firstByte & FrameReader.FINAL) != 0) {
                String type = ExchangeCopy.type(messageOpcode);
                arrived(new Message(messageOpcode, redaction.body(type, message.toByteArray())));
                message.reset();
            }
        }
    }

    private void arrived(Message came) {
        early.add(came);
        earlyBytes += came.payload.length;
        if (early.size() >= MAX_EARLY) {
            client.pause();
        }
        if (!pausing) {
            play();
        }
    }

    /** Goes on until the client must say something, a pause is due, or the client has enough. */
    private void play() {
        while (!over && next < script.steps().size()) {
            switch (script.steps().get(next)) {
                case Step.Send send -> {
                    if (!isDue(send)) {
                        return;
                    }
                    next++;
                    send(send);
                }
                case Step.Expect expect -> {
                    if (early.isEmpty()) {
                        waitFor(expect);
                        return;
                    }
                    next++;
                    compare(expect, nextMessage());
                    client.resume();
                }
            }
            if (!over && client.writeQueueFull()) {
                pausing = true;
                client.drainHandler(_ -> {
                    client.drainHandler(null);
                    goOn();
                });
                return;
            }
        }
        if (!over) {
            played();
        }
    }

    private void goOn() {
        pausing = false;
        play();
    }

    private boolean isDue(Step.Send send) {
        long since = (setting.nanoClock().getAsLong() - beganNanos) / 1000;
        long pause = paced ? 0 : setting.timing().pauseMillis(send.atMicros(), since);
        paced = pause > 0;
        if (paced) {
            pausing = true;
            setting.vertx().setTimer(pause, _ -> goOn());
        }
        return !paced;
    }

    private void send(Step.Send send) {
        closeSent |= FrameReader.opcode(send.firstByte()) == FrameReader.CLOSE;
        write(send.firstByte(), send.payload());
    }

    private void write(int firstByte, byte[] payload) {
        var _ = client.write(Buffer.buffer(FrameReader.unmasked(firstByte, payload)));
    }

    private Message nextMessage() {
        Message first = early.remove();
        earlyBytes -= first.payload.length;
        return first;
    }

    private void waitFor(Step.Expect expect) {
        setting.vertx().cancelTimer(timer);
        int waitingFor = next;
        timer =
                setting.vertx()
                        .setTimer(
                                Upstream.millis(setting.limits().targetTimeout()),
                                _ -> {
                                    if (next == waitingFor) {
                                        mismatch("message " + expect.number() + " did not come");
                                    }
                                });
    }

    private void compare(Step.Expect expect, Message came) {
        boolean isClose = came.opcode == FrameReader.CLOSE;
        boolean same =
                came.opcode == expect.opcode()
                        && (Arrays.equals(came.payload, expect.payload())
                                || replay.socketMatch() == RecorderOptions.SocketMatch.ORDER
                                || (isClose && closeSent));
        if (!same && isClose) {
            // The client is free to go; that it went early is no reason to keep it.
            write(FrameReader.FINAL | FrameReader.CLOSE, came.payload);
            end();
        } else if (!same) {
            mismatch("message " + expect.number() + " differs from the recorded one");
        }
    }

    /** Nothing is left of the script but its end. */
    private void played() {
        setting.vertx().cancelTimer(timer);
        if (script.outcome() == Outcome.COMPLETE || script.outcome() == Outcome.TARGET_LEFT) {
            end();
        } else if (script.outcome() == Outcome.STOPPED) {
            close(RESTART, "the recorder was stopped here");
        } else if (!early.isEmpty()) {
            Message came = nextMessage();
            if (came.opcode == FrameReader.CLOSE) {
                write(FrameReader.FINAL | FrameReader.CLOSE, came.payload);
                end();
            } else {
                mismatch("a message came after the last recorded one");
            }
        }
    }

    private void mismatch(String what) {
        if (!over) {
            ends.counters.socketMismatches.increment();
            close(MISMATCH, what);
        }
    }

    private void stop() {
        close(RESTART, "the recorder is stopping");
    }

    private void close(int code, String reason) {
        if (over) {
            return;
        }
        byte[] text = reason.getBytes(StandardCharsets.US_ASCII);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        write(FrameReader.FINAL | FrameReader.CLOSE, payload);
        end();
    }

    private void end() {
        if (!over) {
            over = true;
            setting.vertx().cancelTimer(timer);
            ends.listener.removeSocket(closer);
            ends.memory.close();
            client.close();
        }
    }
}
