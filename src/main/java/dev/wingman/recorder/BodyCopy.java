package dev.wingman.recorder;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The copy of one body that is recorded: redacted, in the pieces in which the body came. A
 * compressed body is searched decompressed; it stays as it is when nothing is found, and is
 * compressed anew when something was. For one thread at a time.
 */
final class BodyCopy {
    /** One piece of a body as it came. */
    interface Receiver {
        void piece(long atMicros, byte[] bytes);
    }

    private final Redaction redaction;
    private final String contentType;
    private final Receiver receiver;
    private final CompressedBody compressed;

    /** Null for a body that must be seen as a whole. */
    private final Redaction.@Nullable Body<Long> stream;

    /**
     * @param encoding the header {@code Content-Encoding}; empty when there is none
     */
    BodyCopy(Redaction redaction, String contentType, String encoding, Receiver receiver) {
        this.redaction = redaction;
        this.contentType = contentType;
        this.receiver = receiver;
        String coding = encoding.strip().toLowerCase(Locale.ROOT);
        this.compressed = new CompressedBody(coding);
        boolean plain = coding.isEmpty() || coding.equals("identity");
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
        compressed.add(bytes, atMicros);
    }

    /** Bytes that wait for the end. */
    int heldBytes() {
        return compressed.heldBytes();
    }

    /** Whether {@link #end} takes too long for an event loop. */
    boolean isHeavy() {
        return !compressed.isEmpty();
    }

    /** False when the body could not be searched; then nothing of it must be kept. */
    boolean end() {
        if (stream != null) {
            stream.end();
            return true;
        }
        if (compressed.isEmpty()) {
            return true;
        }
        try {
            compressed.pass(redaction, contentType, receiver);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
