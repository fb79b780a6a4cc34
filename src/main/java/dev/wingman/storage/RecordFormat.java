package dev.wingman.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Value;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * A record as bytes:
 *
 * <pre>
 * version u8, kind u8, flags u8,
 * timestamp: millis, counter, length of the node id, node id in UTF-8
 * time to live in ms, sequence, received: millis, counter
 * value: the rest; nothing for a tombstone
 * </pre>
 *
 * <p>Numbers without a width are {@link Varint}s.
 */
final class RecordFormat {
    private static final byte VERSION = 1;
    private static final byte KIND_LWW = 1;
    private static final byte FLAG_TOMBSTONE = 1;
    private static final int NUMBERS = 7;

    private RecordFormat() {}

    /** Enough bytes for {@link #encode}. */
    static int maxSize(StoredRecord stored) {
        Value value = stored.record().value();
        return 3
                + NUMBERS * Varint.MAX_BYTES
                + 3 * stored.record().timestamp().nodeId().length()
                + (value == null ? 0 : value.sizeBytes());
    }

    static void encode(StoredRecord stored, ByteBuffer to) {
        LwwRecord<Value> record = stored.record();
        Value value = record.value();
        to.put(VERSION).put(KIND_LWW).put(value == null ? FLAG_TOMBSTONE : 0);
        Varint.put(to, record.timestamp().millis());
        Varint.put(to, record.timestamp().counter());
        byte[] nodeId = record.timestamp().nodeId().getBytes(UTF_8);
        Varint.put(to, nodeId.length);
        to.put(nodeId);
        Varint.put(to, record.ttlMillis());
        Varint.put(to, stored.sequence());
        Varint.put(to, stored.receivedAt().millis());
        Varint.put(to, stored.receivedAt().counter());
        if (value != null) {
            to.put(value.encoded());
        }
    }

    static StoredRecord decode(byte[] encoded) {
        try {
            return decode(ByteBuffer.wrap(encoded));
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new StoreException(
                    StoreException.Problem.DAMAGED, "a stored record is not what was written", e);
        }
    }

    private static StoredRecord decode(ByteBuffer from) {
        byte version = from.get();
        byte kind = from.get();
        if (version != VERSION || kind != KIND_LWW) {
            throw new StoreException(
                    StoreException.Problem.DAMAGED,
                    "a stored record has the unknown version " + version + " or kind " + kind);
        }
        boolean tombstone = (from.get() & FLAG_TOMBSTONE) != 0;
        long millis = Varint.get(from);
        long counter = Varint.get(from);
        byte[] nodeId = new byte[Varint.getLength(from)];
        from.get(nodeId);
        var timestamp = new Timestamp(millis, counter, new String(nodeId, UTF_8));
        long ttlMillis = Varint.get(from);
        long sequence = Varint.get(from);
        var receivedAt = new Stamp(Varint.get(from), Varint.get(from));
        Value value = tombstone ? null : rest(from);
        return new StoredRecord(new LwwRecord<>(value, timestamp, ttlMillis), sequence, receivedAt);
    }

    private static Value rest(ByteBuffer from) {
        byte[] value = new byte[from.remaining()];
        from.get(value);
        return Value.ofEncoded(value);
    }
}
