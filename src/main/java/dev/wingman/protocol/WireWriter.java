package dev.wingman.protocol;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/**
 * Appends MessagePack to a buffer that is used again for the next message.
 *
 * <p>A packer costs 8 KB to make, so each thread keeps one, for the reasons given at {@link
 * WireReader}. Between messages it holds one block of 8 KB and nothing of what was written.
 */
final class WireWriter {
    private static final ThreadLocal<WireWriter> PER_THREAD =
            ThreadLocal.withInitial(WireWriter::new);

    private final MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();

    private WireWriter() {}

    /** Writes exactly one value. */
    @FunctionalInterface
    interface Body {
        void writeTo(WireWriter out) throws IOException;
    }

    static byte[] encode(Body body) {
        WireWriter out = PER_THREAD.get();
        try {
            body.writeTo(out);
            return out.packer.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of the packer's interface: memory does not fail
        } finally {
            out.packer.clear();
        }
    }

    /** Begins a message with so many fields beside its type. */
    void flat(String type, int fields) throws IOException {
        map(1 + fields);
        text("type", type);
    }

    /** Begins a message with so many fields in its payload. */
    void payload(String type, int fields) throws IOException {
        payload(type);
        map(fields);
    }

    /** Begins a message whose payload is the next value. */
    void payload(String type) throws IOException {
        flat(type, 1);
        text("payload");
    }

    void map(int size) throws IOException {
        packer.packMapHeader(size);
    }

    void array(int size) throws IOException {
        packer.packArrayHeader(size);
    }

    void nil() throws IOException {
        packer.packNil();
    }

    void flag(boolean value) throws IOException {
        packer.packBoolean(value);
    }

    void number(long value) throws IOException {
        packer.packLong(value);
    }

    void number(double value) throws IOException {
        packer.packDouble(value);
    }

    void text(String value) throws IOException {
        packer.packString(value);
    }

    void value(Value value) throws IOException {
        packer.writePayload(value.encoded());
    }

    void map(String field, int size) throws IOException {
        text(field);
        map(size);
    }

    void array(String field, int size) throws IOException {
        text(field);
        array(size);
    }

    void flag(String field, boolean value) throws IOException {
        text(field);
        flag(value);
    }

    /**
     * Beyond 32 bits a double, as the client itself writes it: its MessagePack library hands out a
     * BigInt for an int64 unless it is told otherwise. All such fields are below 2^53.
     */
    void number(String field, long value) throws IOException {
        text(field);
        if (value == (int) value || value >>> Integer.SIZE == 0) {
            packer.packLong(value);
        } else {
            packer.packDouble((double) value);
        }
    }

    /** As an integer whatever its size: between servers. */
    void whole(String field, long value) throws IOException {
        text(field);
        number(value);
    }

    /** All 64 bits as an unsigned integer: between servers. */
    void bits(String field, long bits) throws IOException {
        text(field);
        packer.packBigInteger(new BigInteger(Long.toUnsignedString(bits)));
    }

    /** As bin. */
    void bytes(String field, Bytes bytes) throws IOException {
        text(field);
        packer.packBinaryHeader(bytes.array().length);
        packer.writePayload(bytes.array());
    }

    void text(String field, String value) throws IOException {
        text(field);
        text(value);
    }

    /** Leaves the field out when there is nothing to say: count it with {@link #count}. */
    void optional(String field, @Nullable String value) throws IOException {
        if (value != null) {
            text(field, value);
        }
    }

    /** How many of these are there to be written. */
    static int count(@Nullable Object... optionals) {
        int count = 0;
        for (Object optional : optionals) {
            count += optional == null ? 0 : 1;
        }
        return count;
    }

    /** Nil when it is null. */
    void value(String field, @Nullable Value value) throws IOException {
        text(field);
        if (value == null) {
            nil();
        } else {
            value(value);
        }
    }

    void timestamp(String field, Timestamp timestamp) throws IOException {
        map(field, 3);
        number("millis", timestamp.millis());
        number("counter", timestamp.counter());
        text("nodeId", timestamp.nodeId());
    }

    /** With a time to live only when there is one: the client would hash a nil. */
    void record(LwwRecord<Value> record) throws IOException {
        boolean mortal = record.ttlMillis() > 0;
        map("record", mortal ? 3 : 2);
        value("value", record.value());
        timestamp("timestamp", record.timestamp());
        if (mortal) {
            number("ttlMs", record.ttlMillis());
        }
    }

    /** Left out when there are none. */
    void results(List<ServerMessage.OpResult> results) throws IOException {
        if (results.isEmpty()) {
            return;
        }
        array("results", results.size());
        for (ServerMessage.OpResult result : results) {
            map(3 + count(result.error()));
            text("opId", result.opId());
            flag("success", result.success());
            text("achievedLevel", result.level().name());
            optional("error", result.error());
        }
    }
}
