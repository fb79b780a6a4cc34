package dev.wingman.recorder;

import dev.wingman.recorder.TapeRecord.Data;
import dev.wingman.recorder.TapeRecord.End;
import dev.wingman.recorder.TapeRecord.Frame;
import dev.wingman.recorder.TapeRecord.Head;
import dev.wingman.recorder.TapeRecord.Outcome;
import dev.wingman.recorder.TapeRecord.Sender;
import dev.wingman.recorder.TapeRecord.Trailers;
import io.vertx.core.WorkerExecutor;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One exchange on its way to a tape, through the redaction. Nothing of it counts before {@link
 * #end}; after {@link #drop} nothing of it ever will. Confined to the event loop of its exchange.
 */
final class ExchangeCopy {
    private static final Logger LOG = Logger.getLogger(ExchangeCopy.class);

    /**
     * What all exchanges of an endpoint have in common.
     *
     * @param worker for what would hold up an event loop
     * @param maxBytes of an answer, or of the frames of a socket
     */
    record Setting(
            WorkerExecutor worker,
            Memory memory,
            String endpoint,
            Redaction redaction,
            Set<String> matchHeaders,
            Set<String> redactHeaders,
            long maxBytes,
            LongSupplier nanoClock,
            RecorderCounters counters) {}

    private final Setting setting;
    private final Tape tape;
    private final int exchange;
    private final RequestCopy request;
    private final Memory.Share memory;
    private final long beganNanos;
    private @Nullable BodyCopy body;
    private long lastMicros;
    private long bytes;
    private boolean requestEnded;
    private boolean ending;
    private boolean requestKnown;
    private @Nullable End end;
    private boolean over;
    private int working;
    private Runnable whenSettled = () -> {};

    /** Frames of one message wait for its last: a secret may lie across their borders. */
    private final Map<Sender, Message> messages =
            new EnumMap<>(Map.of(Sender.CLIENT, new Message(), Sender.TARGET, new Message()));

    private static final class Message {
        Redaction.@Nullable Body<FrameMark> search;
        final ByteArrayOutputStream payload = new ByteArrayOutputStream();
    }

    private record FrameMark(long atMicros, int firstByte) {}

    ExchangeCopy(Setting setting, Tape tape, int exchange, RequestCopy request) {
        this.setting = setting;
        this.tape = tape;
        this.exchange = exchange;
        this.request = request;
        this.memory = setting.memory.share();
        this.beganNanos = setting.nanoClock.getAsLong();
    }

    Tape tape() {
        return tape;
    }

    /** Later than every time before, so that times are an order. */
    private long now() {
        long micros = (setting.nanoClock.getAsLong() - beganNanos) / 1000;
        lastMicros = Math.max(lastMicros + 1, micros);
        return lastMicros;
    }

    void requestBody(byte[] piece) {
        if (!over) {
            request.add(piece);
            hold();
        }
    }

    private void hold() {
        long held = (long) request.heldBytes() + (body == null ? 0 : body.heldBytes());
        if (!memory.resize(held)) {
            setting.memory.countRefusal();
            drop("wingman.recorder.max-memory is taken");
        }
    }

    void requestEnd() {
        if (over || requestEnded) {
            return;
        }
        requestEnded = true;
        Turns.Turn turn = tape.turn();
        if (request.isHeavy()) {
            work(request::end, Optional.<RecordedRequest>empty(), known -> requestIs(known, turn));
        } else {
            requestIs(request.end(), turn);
        }
    }

    private void requestIs(Optional<RecordedRequest> complete, Turns.Turn turn) {
        if (complete.isEmpty() || over) {
            turn.pass();
            drop("its request body cannot be searched for secrets");
            return;
        }
        RecordedRequest known = complete.get();
        Fingerprint fingerprint = known.fingerprint(setting.matchHeaders);
        turn.run(() -> tape.begin(exchange, setting.endpoint, known, fingerprint));
        requestKnown = true;
        finish();
    }

    /**
     * Off the event loop, and back.
     *
     * @param unsearchable stands for the result when the work fails
     */
    private <T> void work(Callable<T> work, T unsearchable, Consumer<T> then) {
        working++;
        setting.worker
                .executeBlocking(work, false)
                .onComplete(done -> {
                    if (done.failed()) {
                        LOG.error("a body cannot be searched", done.cause());
                    }
                    then.accept(done.succeeded() ? done.result() : unsearchable);
                    working--;
                    release();
                    if (working == 0) {
                        whenSettled.run();
                    }
                });
    }

    private void release() {
        if (over && working == 0) {
            memory.close();
        }
    }

    /** Calls back once nothing is done in the background: now, or later on this event loop. */
    void whenSettled(Runnable callback) {
        if (working == 0) {
            callback.run();
        } else {
            whenSettled = callback;
        }
    }

    void head(int status, String reason, List<Header> headers) {
        if (over) {
            return;
        }
        Redaction redaction = setting.redaction;
        tape.append(
                new Head(
                        exchange,
                        now(),
                        status,
                        redaction.text(reason),
                        redaction.headers(headers, setting.redactHeaders)));
        body =
                new BodyCopy(
                        redaction,
                        Header.first(headers, "content-type"),
                        Header.first(headers, "content-encoding"),
                        (at, piece) -> tape.append(new Data(exchange, at, piece)));
    }

    void data(byte[] piece) {
        if (body != null && isWithin(piece.length)) {
            body.add(piece, now());
            hold();
        }
    }

    private boolean isWithin(int more) {
        bytes += more;
        if (!over && bytes > setting.maxBytes) {
            drop("it is larger than wingman.recorder.max-response-body");
        }
        return !over;
    }

    /**
     * The body is complete.
     *
     * @param headSent whether the client has had the head before: an empty body that comes with its
     *     head differs from one that comes later, in HTTP/2
     */
    void trailers(List<Header> trailers, boolean headSent) {
        if (!over && headSent && bytes == 0) {
            tape.append(new Data(exchange, now(), new byte[0]));
        }
        if (!over && !trailers.isEmpty()) {
            tape.append(
                    new Trailers(
                            exchange, setting.redaction.headers(trailers, setting.redactHeaders)));
        }
    }

    /** One frame of a WebSocket, unmasked. */
    void frame(Sender sender, int firstByte, byte[] payload) {
        if (!isWithin(payload.length)) {
            return;
        }
        long at = now();
        if (FrameReader.isControl(firstByte)) {
            byte[] redacted = redactedControl(setting.redaction, firstByte, payload);
            tape.append(new Frame(exchange, at, sender, firstByte, redacted));
            return;
        }
        Message message = Objects.requireNonNull(messages.get(sender));
        if (message.search == null) {
            message.search =
                    setting.redaction.body(type(firstByte), new FrameSink(sender, message.payload));
        }
        message.search.add(payload);
        message.search.mark(new FrameMark(at, firstByte));
        if ((firstByte & FrameReader.FINAL) != 0) {
            message.search.end();
            message.search = null;
        }
    }

    /** The code of a close frame is no text. */
    static byte[] redactedControl(Redaction redaction, int firstByte, byte[] payload) {
        int code = FrameReader.opcode(firstByte) == FrameReader.CLOSE ? 2 : 0;
        if (payload.length <= code) {
            return payload;
        }
        var latin = StandardCharsets.ISO_8859_1;
        String text = new String(payload, code, payload.length - code, latin);
        var out = new ByteArrayOutputStream();
        out.write(payload, 0, code);
        out.writeBytes(redaction.text(text).getBytes(latin));
        return out.toByteArray();
    }

    /** Keys of JSON are looked for in text alone. */
    static String type(int firstByte) {
        return FrameReader.opcode(firstByte) == FrameReader.BINARY
                ? "application/octet-stream"
                : "text/plain";
    }

    private final class FrameSink implements SecretSearch.Sink<FrameMark> {
        private final Sender sender;
        private final ByteArrayOutputStream payload;

        FrameSink(Sender sender, ByteArrayOutputStream payload) {
            this.sender = sender;
            this.payload = payload;
        }

        @Override
        public void bytes(byte[] source, int from, int to) {
            payload.write(source, from, to - from);
        }

        @Override
        public void mark(FrameMark mark) {
            tape.append(
                    new Frame(
                            exchange,
                            mark.atMicros,
                            sender,
                            mark.firstByte,
                            payload.toByteArray()));
            payload.reset();
        }
    }

    /** What is not complete with the request is so once that is. */
    void end(Outcome outcome) {
        if (over || ending) {
            return;
        }
        ending = true;
        var complete = new End(exchange, now(), outcome);
        BodyCopy answer = body;
        if (answer != null && answer.isHeavy()) {
            work(answer::end, false, searched -> bodyIs(searched, complete));
        } else {
            bodyIs(answer == null || answer.end(), complete);
        }
    }

    private void bodyIs(boolean searched, End complete) {
        if (searched) {
            end = complete;
            finish();
        } else {
            drop("its answer cannot be searched for secrets: record with Accept-Encoding: gzip");
        }
    }

    private void finish() {
        if (requestKnown && end != null && !over) {
            over = true;
            tape.append(end);
            setting.counters.recorded.increment();
            release();
        }
    }

    /** The exchange goes on, unrecorded. */
    void drop(String reason) {
        if (!over) {
            over = true;
            tape.abandon();
            release();
            setting.counters.notRecorded.increment();
            LOG.warnf("not recorded endpoint=%s reason=%s", setting.endpoint, reason);
        }
    }
}
