package dev.wingman.recorder;

import dev.wingman.recorder.TapeRecord.Data;
import dev.wingman.recorder.TapeRecord.End;
import dev.wingman.recorder.TapeRecord.Head;
import dev.wingman.recorder.TapeRecord.Part;
import dev.wingman.recorder.TapeRecord.Trailers;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * An HTTP answer from a tape, read in portions as the client takes them. Confined to its event
 * loop.
 */
final class ReplayedExchange {
    private static final Logger LOG = Logger.getLogger(ReplayedExchange.class);
    private static final int PORTION_BYTES = 256 << 10;
    private static final int CONTINUE = 100;

    /** What all exchanges of a listener have in common. */
    record Setting(
            Vertx vertx,
            RecorderOptions.Limits limits,
            Memory memory,
            ReplayTiming timing,
            LongSupplier nanoClock) {}

    private final Setting setting;
    private final Exchange exchange;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Playback playback;
    private final Interaction interaction;
    private final long beganNanos;
    private List<Part> portion = List.of();
    private int next;
    private int read;
    private boolean paced;
    private boolean awaitingDrain;
    private boolean over;

    ReplayedExchange(
            Setting setting, Exchange exchange, Playback playback, Interaction interaction) {
        this.setting = setting;
        this.exchange = exchange;
        this.request = exchange.request();
        this.response = request.response();
        this.playback = playback;
        this.interaction = interaction;
        this.beganNanos = setting.nanoClock.getAsLong();
    }

    void run() {
        if (response.closed()) {
            finish();
            return;
        }
        response.exceptionHandler(_ -> finish());
        response.closeHandler(_ -> finish());
        response.setWriteQueueMaxSize(setting.limits.streamBuffer());
        List<Part> kept = playback.kept(interaction);
        if (kept == null) {
            load();
        } else {
            take(kept);
        }
    }

    /** One part at a time while memory is short. */
    private void load() {
        int from = read;
        int bytes = setting.memory.isFull() ? 1 : PORTION_BYTES;
        exchange.memory().set(bytes);
        setting.vertx
                .executeBlocking(() -> playback.read(interaction, from, bytes), false)
                .onSuccess(this::take)
                .onFailure(cause -> {
                    LOG.errorf("recording cannot be read error=%s", cause.getMessage());
                    exchange.refuse(new Refusal(500, "the recording cannot be read"));
                    finish();
                });
    }

    private void take(List<Part> parts) {
        portion = parts;
        next = 0;
        read += parts.size();
        play();
    }

    /** Goes on until the client has enough, a pause is due, or the next portion must be read. */
    private void play() {
        while (!over && next < portion.size()) {
            Part part = portion.get(next);
            long pause = paced ? 0 : pauseMillis(part);
            if (pause > 0) {
                paced = true;
                setting.vertx.setTimer(pause, _ -> play());
                return;
            }
            paced = false;
            next++;
            play(part);
            if (!over && response.writeQueueFull()) {
                awaitingDrain = true;
                response.drainHandler(_ -> drained());
                return;
            }
        }
        // The last part of every interaction is its end, which has been played by then.
        if (!over && read < interaction.answerAt().length) {
            load();
        }
    }

    /**
     * Vert.x calls this whenever there is room, also while a portion is read or a pause is kept.
     */
    private void drained() {
        if (awaitingDrain) {
            awaitingDrain = false;
            play();
        }
    }

    private long pauseMillis(Part part) {
        long since = (setting.nanoClock.getAsLong() - beganNanos) / 1000;
        return switch (part) {
            case Head head -> setting.timing.pauseMillis(head.atMicros(), since);
            case Data data -> setting.timing.pauseMillis(data.atMicros(), since);
            case End end -> setting.timing.pauseBeforeEnd(end.atMicros(), since);
            case TapeRecord.Begin _, Trailers _, TapeRecord.Frame _ -> 0;
        };
    }

    private void play(Part part) {
        switch (part) {
            case Head(_, _, int status, var reason, var headers) -> {
                if (status < 200) {
                    interim(status, headers);
                } else {
                    ForwardedExchange.begin(request, status, reason, headers);
                    ForwardedExchange.sendHead(setting.vertx, response);
                }
            }
            case Data data -> {
                var _ = response.write(Buffer.buffer(data.bytes()));
            }
            case Trailers trailers -> Forwarding.put(trailers.headers(), response.trailers());
            case End end -> end(end);
            case TapeRecord.Begin _, TapeRecord.Frame _ -> {}
        }
    }

    private void interim(int status, List<Header> headers) {
        if (status == CONTINUE) {
            if (!request.headers().contains("expect")) { // who asks was told when the request came
                response.writeContinue();
            }
            return;
        }
        var hints = HttpHeaders.headers();
        Forwarding.put(headers, hints);
        var _ = response.writeEarlyHints(hints);
    }

    private void end(End end) {
        switch (end.outcome()) {
            case COMPLETE -> {
                finish();
                var _ = response.end();
            }
            case TARGET_LEFT -> {
                finish();
                Refusal.breakOff(response);
            }
            // The client ended it then, and is to end it now: an endless stream stays open.
            case CLIENT_LEFT, STOPPED ->
                    setting.vertx.setTimer(
                            Upstream.millis(setting.limits.targetTimeout()),
                            _ -> {
                                if (!over) {
                                    finish();
                                    Refusal.breakOff(response);
                                }
                            });
        }
    }

    private void finish() {
        if (!over) {
            over = true;
            done(playback);
            exchange.close();
        }
    }

    static void done(Playback playback) {
        try {
            playback.done();
        } catch (IOException e) {
            LOG.warnf("recording not closed error=%s", e.getMessage());
        }
    }
}
