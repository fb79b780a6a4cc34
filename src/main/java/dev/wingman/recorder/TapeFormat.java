package dev.wingman.recorder;

import dev.wingman.recorder.TapeRecord.Begin;
import dev.wingman.recorder.TapeRecord.Data;
import dev.wingman.recorder.TapeRecord.End;
import dev.wingman.recorder.TapeRecord.Frame;
import dev.wingman.recorder.TapeRecord.Head;
import dev.wingman.recorder.TapeRecord.Outcome;
import dev.wingman.recorder.TapeRecord.Sender;
import dev.wingman.recorder.TapeRecord.Title;
import dev.wingman.recorder.TapeRecord.Trailers;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Bytes of a recording's file: eight bytes that say what it is, then records. A record is its
 * length and its CRC-32C (four bytes each, big-endian) and then its content: a byte for its kind
 * and the fields in their order, texts and lists with their length before them.
 */
final class TapeFormat {
    static final byte[] MAGIC = "WINGREC1".getBytes(StandardCharsets.US_ASCII);
    static final int FRAMING_BYTES = 8;

    /** Longest content of a record. Pieces of a body are shorter; a frame is cut at this. */
    static final int MAX_RECORD_BYTES = 20 << 20;

    private static final int TITLE = 1;
    private static final int BEGIN = 2;
    private static final int HEAD = 3;
    private static final int DATA = 4;
    private static final int TRAILERS = 5;
    private static final int FRAME = 6;
    private static final int END = 7;

    private TapeFormat() {}

    /** With length and checksum before it. */
    static byte[] encode(TapeRecord entry) {
        var bytes = new ByteArrayOutputStream();
        bytes.writeBytes(new byte[FRAMING_BYTES]);
        try (var out = new DataOutputStream(bytes)) {
            write(entry, out);
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
        byte[] framed = bytes.toByteArray();
        int length = framed.length - FRAMING_BYTES;
        ByteBuffer.wrap(framed).putInt(length).putInt(checksum(framed, FRAMING_BYTES, length));
        return framed;
    }

    private static void write(TapeRecord entry, DataOutputStream out) throws IOException {
        switch (entry) {
            case Title(var name, long created) -> {
                out.writeByte(TITLE);
                text(name, out);
                out.writeLong(created);
            }
            case Begin(int exchange, var endpoint, var request, var fingerprint, var previous) -> {
                out.writeByte(BEGIN);
                out.writeInt(exchange);
                text(endpoint, out);
                text(request.method(), out);
                text(request.target(), out);
                headers(request.headers(), out);
                bytes(request.bodyHash(), out);
                bytes(request.bodyStart(), out);
                out.write(fingerprint.hash());
                out.write(previous.hash());
            }
            case Head(int exchange, long at, int status, var reason, var headers) -> {
                out.writeByte(HEAD);
                out.writeInt(exchange);
                out.writeLong(at);
                out.writeShort(status);
                text(reason, out);
                headers(headers, out);
            }
            case Data(int exchange, long at, byte[] data) -> {
                out.writeByte(DATA);
                out.writeInt(exchange);
                out.writeLong(at);
                bytes(data, out);
            }
            case Trailers(int exchange, var headers) -> {
                out.writeByte(TRAILERS);
                out.writeInt(exchange);
                headers(headers, out);
            }
            case Frame(int exchange, long at, var sender, int first, byte[] payload) -> {
                out.writeByte(FRAME);
                out.writeInt(exchange);
                out.writeLong(at);
                out.writeByte(sender.number);
                out.writeByte(first);
                bytes(payload, out);
            }
            case End(int exchange, long at, var outcome) -> {
                out.writeByte(END);
                out.writeInt(exchange);
                out.writeLong(at);
                out.writeByte(outcome.number);
            }
        }
    }

    private static void text(String text, DataOutputStream out) throws IOException {
        bytes(text.getBytes(StandardCharsets.ISO_8859_1), out);
    }

    private static void bytes(byte[] bytes, DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static void headers(List<Header> headers, DataOutputStream out) throws IOException {
        out.writeInt(headers.size());
        for (Header header : headers) {
            text(header.name(), out);
            text(header.value(), out);
        }
    }

    static int checksum(byte[] bytes, int from, int length) {
        var crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }

    /** Empty when the content is none of ours, whatever its checksum says. */
    static Optional<TapeRecord> decode(byte[] content) {
        try {
            var in = new Input(ByteBuffer.wrap(content));
            TapeRecord entry = in.entry();
            return in.isAtEnd() ? Optional.of(entry) : Optional.empty();
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Every length is checked against what is there before anything of that length is made. */
    private record Input(ByteBuffer bytes) {
        TapeRecord entry() {
            int kind = bytes.get();
            return switch (kind) {
                case TITLE -> new Title(text(), bytes.getLong());
                case BEGIN -> new Begin(number(), text(), request(), hash(), hash());
                case HEAD -> new Head(number(), time(), bytes.getShort(), text(), headers());
                case DATA -> new Data(number(), time(), blob());
                case TRAILERS -> new Trailers(number(), headers());
                case FRAME ->
                        new Frame(
                                number(),
                                time(),
                                constant(Sender.values()),
                                bytes.get() & 0xff,
                                blob());
                case END -> new End(number(), time(), constant(Outcome.values()));
                default -> throw new IllegalArgumentException("kind " + kind);
            };
        }

        private RecordedRequest request() {
            return new RecordedRequest(text(), text(), headers(), blob(), blob());
        }

        private int number() {
            int number = bytes.getInt();
            if (number < 0) {
                throw new IllegalArgumentException("exchange " + number);
            }
            return number;
        }

        private long time() {
            long micros = bytes.getLong();
            if (micros < 0) {
                throw new IllegalArgumentException("time " + micros);
            }
            return micros;
        }

        private <T> T constant(T[] values) {
            int ordinal = bytes.get();
            if (ordinal < 0 || ordinal >= values.length) {
                throw new IllegalArgumentException("constant " + ordinal);
            }
            return values[ordinal];
        }

        private Fingerprint hash() {
            return new Fingerprint(take(Fingerprint.BYTES));
        }

        private String text() {
            return new String(blob(), StandardCharsets.ISO_8859_1);
        }

        private byte[] blob() {
            return take(bytes.getInt());
        }

        private byte[] take(int length) {
            if (length < 0 || length > bytes.remaining()) {
                throw new IllegalArgumentException("length " + length);
            }
            byte[] taken = new byte[length];
            bytes.get(taken);
            return taken;
        }

        private List<Header> headers() {
            int count = bytes.getInt();
            // Each takes the eight bytes of its two lengths at least.
            if (count < 0 || count > bytes.remaining() / 8) {
                throw new IllegalArgumentException("count " + count);
            }
            List<Header> headers = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                headers.add(new Header(text(), text()));
            }
            return headers;
        }

        boolean isAtEnd() {
            return !bytes.hasRemaining();
        }
    }
}
