package dev.wingman.recorder;

import java.io.ByteArrayOutputStream;

/**
 * Takes the frames out of one direction of a WebSocket, unmasked, however its bytes are cut into
 * pieces (RFC 6455, section 5.2). Confined to one thread.
 */
final class FrameReader {
    static final int FINAL = 0x80;
    static final int CONTINUATION = 0;
    static final int TEXT = 1;
    static final int BINARY = 2;
    static final int CLOSE = 8;
    static final int PING = 9;
    static final int PONG = 10;

    private static final int OPCODE = 0x0f;
    private static final int RESERVED = 0x70;
    private static final int MASKED = 0x80;
    private static final int MAX_CONTROL_BYTES = 125;

    /** What becomes of frames. */
    interface Receiver {
        /**
         * @param firstByte with the final bit and the opcode
         */
        void frame(int firstByte, byte[] payload);
    }

    private final int maxFrameBytes;
    private final Receiver receiver;
    private final byte[] header = new byte[14];
    private int headerBytes;
    private int headerLength = 2;
    private boolean inPayload;
    private long left;
    private int maskAt;
    private boolean broken;
    private ByteArrayOutputStream payload = new ByteArrayOutputStream();

    /**
     * @param maxFrameBytes of a payload; a longer one breaks
     */
    FrameReader(int maxFrameBytes, Receiver receiver) {
        this.maxFrameBytes = maxFrameBytes;
        this.receiver = receiver;
    }

    /** False when these are no frames, or one is too long: then nothing can be read any more. */
    boolean read(byte[] bytes) {
        int at = 0;
        while (at < bytes.length && !broken) {
            if (inPayload) {
                at = readPayload(bytes, at);
            } else {
                header[headerBytes++] = bytes[at++];
                readHeader();
            }
        }
        return !broken;
    }

    /** Bytes of a frame whose end has not come. */
    int heldBytes() {
        return payload.size();
    }

    /** Reads no more. */
    void stop() {
        broken = true;
        payload = new ByteArrayOutputStream();
    }

    /** Whether the next byte begins a frame. */
    boolean isBetweenFrames() {
        return !inPayload && headerBytes == 0;
    }

    static boolean isControl(int firstByte) {
        return (firstByte & 0x08) != 0;
    }

    static int opcode(int firstByte) {
        return firstByte & OPCODE;
    }

    private void readHeader() {
        if (headerBytes == 2) {
            int length = header[1] & 0x7f;
            headerLength = 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + (isMasked() ? 4 : 0);
            int opcode = opcode(header[0]);
            boolean unknown = (opcode > BINARY && opcode < CLOSE) || opcode > PONG;
            boolean longControl = isControl(header[0]) && length > MAX_CONTROL_BYTES;
            broken = unknown || longControl || (header[0] & RESERVED) != 0;
        }
        if (headerBytes == headerLength && headerBytes >= 2) {
            begin();
        }
    }

    private boolean isMasked() {
        return (header[1] & MASKED) != 0;
    }

    private void begin() {
        int length = header[1] & 0x7f;
        int lengthBytes = length == 126 ? 2 : length == 127 ? 8 : 0;
        left = lengthBytes == 0 ? length : 0;
        for (int i = 0; i < lengthBytes; i++) {
            left = (left << 8) | (header[2 + i] & 0xff);
        }
        broken |= left < 0 || left > maxFrameBytes;
        inPayload = true;
        maskAt = 0;
        if (left == 0) {
            end();
        }
    }

    private int readPayload(byte[] bytes, int from) {
        int take = (int) Math.min(left, bytes.length - from);
        if (isMasked()) {
            for (int i = from; i < from + take; i++) {
                payload.write(bytes[i] ^ header[headerLength - 4 + (maskAt++ & 3)]);
            }
        } else {
            payload.write(bytes, from, take);
        }
        left -= take;
        if (left == 0) {
            end();
        }
        return from + take;
    }

    private void end() {
        int first = header[0] & 0xff;
        byte[] whole = payload.toByteArray();
        payload = whole.length > 1 << 16 ? new ByteArrayOutputStream() : payload;
        payload.reset();
        headerBytes = 0;
        headerLength = 2;
        inPayload = false;
        if (!broken) {
            receiver.frame(first, whole);
        }
    }

    /** A frame as a server sends it. */
    static byte[] unmasked(int firstByte, byte[] payload) {
        var out = new ByteArrayOutputStream(payload.length + 10);
        out.write(firstByte);
        int length = payload.length;
        if (length < 126) {
            out.write(length);
        } else if (length < 1 << 16) {
            out.write(126);
            out.write(length >> 8);
            out.write(length);
        } else {
            out.write(127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                out.write((int) ((long) length >> shift));
            }
        }
        out.writeBytes(payload);
        return out.toByteArray();
    }
}
