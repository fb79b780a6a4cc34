package dev.wingman.recorder;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one body that is recorded: redacted, in the pieces in which the body came. A
 * compressed body is searched decompressed; it stays as it is when nothing is found, and is
 * compressed anew when something was. Confined to one thread.
 */
final class BodyCopy {
    /** Compressed bodies are kept until their end; longer ones cannot be searched. */
    private static final int MAX_COMPRESSED_BYTES = 8 << 20;

    private static final int MAX_INFLATED_BYTES = 64 << 20;

    /** One piece of a body as it came. */
    interface Receiver {
        void piece(long atMicros, byte[] bytes);
    }

    private final Redaction redaction;
    private final String contentType;
    private final String encoding;
    private final Receiver receiver;

    /** Null for a body that must be seen as a whole. */
    private final Redaction.@Nullable Body<Long> stream;

    private final List<byte[]> compressed = new ArrayList<>();
    private final List<Long> times = new ArrayList<>();
    private int compressedBytes;

    /**
     * @param encoding the header {@code Content-Encoding}; empty when there is none
     */
    BodyCopy(Redaction redaction, String contentType, String encoding, Receiver receiver) {
        this.redaction = redaction;
        this.contentType = contentType;
        this.encoding = encoding.strip().toLowerCase(Locale.ROOT);
        this.receiver = receiver;
        boolean plain = this.encoding.isEmpty() || this.encoding.equals("identity");
        this.stream =
                plain || !redaction.concerns(contentType)
                        ? streaming(plain ? contentType : "image/none")
                        : null;
    }

    private Redaction.Body<Long> streaming(String type) {
        return redaction.body(
                type,
                new SecretSearch.Sink<>() {
                    private final ByteArrayOutputStream piece = new ByteArrayOutputStream();

                    @Override
                    public void bytes(byte[] source, int from, int to) {
                        piece.write(source, from, to - from);
                    }

                    @Override
                    public void mark(Long atMicros) {
                        if (piece.size() > 0) {
                            receiver.piece(atMicros, piece.toByteArray());
                            piece.reset();
                        }
                    }
                });
    }

    void add(byte[] bytes, long atMicros) {
        if (stream != null) {
            stream.add(bytes);
            stream.mark(atMicros);
            return;
        }
        compressedBytes += bytes.length;
        if (compressedBytes <= MAX_COMPRESSED_BYTES) {
            compressed.add(bytes);
            times.add(atMicros);
        } else {
            compressed.clear();
        }
    }

    /** False when the body could not be searched; then nothing of it must be kept. */
    boolean end() {
        if (stream != null) {
            stream.end();
            return true;
        }
        if (compressedBytes > MAX_COMPRESSED_BYTES) {
            return false;
        }
        if (compressed.isEmpty()) {
            return true;
        }
        try {
            passCompressed();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void passCompressed() throws IOException {
        var whole = new ByteArrayOutputStream();
        compressed.forEach(whole::writeBytes);
        byte[] plain;
        try (InputStream in = inflating(whole.toByteArray())) {
            plain = in.readNBytes(MAX_INFLATED_BYTES + 1);
        }
        if (plain.length > MAX_INFLATED_BYTES) {
            throw new IOException("inflates to more than " + MAX_INFLATED_BYTES + " bytes");
        }
        byte[] redacted = redaction.body(contentType, plain);
        if (!Arrays.equals(plain, redacted)) {
            receiver.piece(times.getLast(), deflated(redacted));
            return;
        }
        for (int i = 0; i < compressed.size(); i++) {
            receiver.piece(times.get(i), compressed.get(i));
        }
    }

    private InputStream inflating(byte[] bytes) throws IOException {
        return switch (encoding) {
            case "gzip", "x-gzip" -> new GZIPInputStream(new ByteArrayInputStream(bytes));
            case "deflate" -> new InflaterInputStream(new ByteArrayInputStream(bytes));
            default -> throw new IOException("content-encoding " + encoding + " is not known");
        };
    }

    private byte[] deflated(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (OutputStream deflating =
                encoding.equals("deflate")
                        ? new DeflaterOutputStream(out)
                        : new GZIPOutputStream(out)) {
            deflating.write(bytes);
        }
        return out.toByteArray();
    }
}
