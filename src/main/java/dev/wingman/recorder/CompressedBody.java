package dev.wingman.recorder;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;

/**
 * A compressed body, kept as it came until its end: only as a whole can it be searched. What it
 * inflates to is never held. For one thread at a time.
 */
final class CompressedBody {
    static final int MAX_BYTES = 8 << 20;
    static final int MAX_INFLATED_BYTES = 64 << 20;
    private static final int BUFFER_BYTES = 16 << 10;

    /** CRC and length behind the data of gzip. */
    private static final int GZIP_TRAILER_BYTES = 8;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Piece(long atMicros, byte[] bytes) {}

    /** Takes what a body inflates to, after redaction. */
    private interface Plain {
        void write(byte[] source, int from, int length) throws IOException;
    }

    private final String encoding;
    private final List<Piece> pieces = new ArrayList<>();
    private int bytes;

    /**
     * @param encoding in lower case
     */
    CompressedBody(String encoding) {
        this.encoding = encoding;
    }

    /** What does not fit is let go: such a body cannot be searched. */
    void add(byte[] piece, long atMicros) {
        bytes = Math.min(MAX_BYTES + 1, bytes + piece.length);
        if (bytes <= MAX_BYTES) {
            pieces.add(new Piece(atMicros, piece));
        } else {
            pieces.clear();
        }
    }

    int heldBytes() {
        return bytes > MAX_BYTES ? 0 : bytes;
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /**
     * The pieces as they came when there is nothing to redact, else one, compressed anew. Takes up
     * to seconds of processor time.
     *
     * @throws IOException when it cannot be searched: too large, damaged, or of another encoding
     */
    void pass(Redaction redaction, String contentType, BodyCopy.Receiver receiver)
            throws IOException {
        if (bytes > MAX_BYTES) {
            throw new IOException("has more than " + MAX_BYTES + " bytes");
        }
        if (!changes(redaction, contentType)) {
            pieces.forEach(piece -> receiver.piece(piece.atMicros, piece.bytes));
            return;
        }
        var out = new ByteArrayOutputStream();
        try (OutputStream deflating = deflating(out)) {
            redact(redaction, contentType, deflating::write);
        }
        receiver.piece(pieces.getLast().atMicros, out.toByteArray());
    }

    private boolean changes(Redaction redaction, String contentType) throws IOException {
        MessageDigest redacted = RecordingName.sha256();
        byte[] before = redact(redaction, contentType, redacted::update);
        return !MessageDigest.isEqual(before, redacted.digest());
    }

    /**
     * @return the hash of what it inflates to, before redaction
     */
    private byte[] redact(Redaction redaction, String contentType, Plain plain) throws IOException {
        MessageDigest before = RecordingName.sha256();
        Redaction.Body<Object> body = redaction.body(contentType, new PlainSink(plain));
        try (var in = new Inflating()) {
            long inflated = 0;
            for (byte[] next = in.next(); next.length > 0; next = in.next()) {
                inflated += next.length;
                if (inflated > MAX_INFLATED_BYTES) {
                    throw new IOException("inflates to more than " + MAX_INFLATED_BYTES + " bytes");
                }
                before.update(next);
                body.add(next);
            }
            body.end();
        } catch (UncheckedIOException e) {
            throw new IOException(e.getCause());
        }
        return before.digest();
    }

    private record PlainSink(Plain plain) implements SecretSearch.Sink<Object> {
        @Override
        public void bytes(byte[] source, int from, int to) {
            try {
                plain.write(source, from, to - from);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void mark(Object mark) {}
    }

    /** What the pieces inflate to, in pieces of another size. */
    private final class Inflating implements AutoCloseable {
        private final InputStream compressed =
                new SequenceInputStream(
                        Collections.enumeration(
                                pieces.stream()
                                        .map(piece -> new ByteArrayInputStream(piece.bytes))
                                        .toList()));
        private final InflaterInputStream in = open();

        private InflaterInputStream open() throws IOException {
            return switch (encoding) {
                case "gzip", "x-gzip" -> new Gzip(compressed);
                case "deflate" -> new Zlib(compressed);
                default -> throw new IOException("content-encoding " + encoding + " is not known");
            };
        }

        Inflating() throws IOException {}

        /** Empty at the end. */
        byte[] next() throws IOException {
            return in.readNBytes(BUFFER_BYTES);
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }

    /** Java passes over what follows the end of the data: a secret could hide there. */
    private static IOException followed() {
        return new IOException("has bytes behind its end");
    }

    private static final class Gzip extends GZIPInputStream {
        Gzip(InputStream in) throws IOException {
            super(in, BUFFER_BYTES);
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int read = super.read(target, from, length);
            if (read < 0 && (in.available() > 0 || inf.getRemaining() > GZIP_TRAILER_BYTES)) {
                throw followed();
            }
            return read;
        }
    }

    private static final class Zlib extends InflaterInputStream {
        Zlib(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int read = super.read(target, from, length);
            if (read < 0 && (in.available() > 0 || inf.getRemaining() > 0)) {
                throw followed();
            }
            return read;
        }
    }

    private OutputStream deflating(OutputStream out) throws IOException {
        return encoding.equals("deflate")
                ? new DeflaterOutputStream(out)
                : new GZIPOutputStream(out);
    }
}
