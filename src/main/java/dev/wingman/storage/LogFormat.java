package dev.wingman.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.Stamp;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * A line of the log as bytes. What the sums need comes first, so that a replay does not decode
 * keys:
 *
 * <pre>
 * version u8, map id, leaf, sum i32, change of live keys i8, change of tombstones i8,
 * received: millis, counter
 * key in UTF-8: the rest
 * </pre>
 *
 * <p>Numbers without a width are {@link Varint}s.
 */
final class LogFormat {
    /** Enough bytes for everything but the key. */
    static final int FIXED_BYTES = 1 + 4 * Varint.MAX_BYTES + Integer.BYTES + 2;

    private static final byte VERSION = 1;

    private LogFormat() {}

    /**
     * @param keyAt where the key begins in the encoded line
     */
    record Line(int mapId, LeafDelta delta, Stamp receivedAt, int keyAt) {
        String key(byte[] encoded) {
            return new String(encoded, keyAt, encoded.length - keyAt, UTF_8);
        }
    }

    static void encode(int mapId, LeafDelta delta, Stamp receivedAt, byte[] key, ByteBuffer to) {
        to.put(VERSION);
        Varint.put(to, mapId);
        Varint.put(to, delta.leaf());
        to.putInt(delta.sum()).put((byte) delta.live()).put((byte) delta.tombstones());
        Varint.put(to, receivedAt.millis());
        Varint.put(to, receivedAt.counter());
        to.put(key);
    }

    static Line decode(byte[] encoded) {
        ByteBuffer from = ByteBuffer.wrap(encoded);
        try {
            byte version = from.get();
            if (version != VERSION) {
                throw new StoreException(
                        StoreException.Problem.DAMAGED,
                        "a line of the log has the unknown version " + version);
            }
            int mapId = (int) Varint.get(from);
            var delta =
                    new LeafDelta((int) Varint.get(from), from.getInt(), from.get(), from.get());
            var receivedAt = new Stamp(Varint.get(from), Varint.get(from));
            return new Line(mapId, delta, receivedAt, from.position());
        } catch (BufferUnderflowException e) {
            throw new StoreException(
                    StoreException.Problem.DAMAGED, "a line of the log is not what was written", e);
        }
    }
}
