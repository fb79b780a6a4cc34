package dev.wingman.storage;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wingman.protocol.Key;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Keys of the column families. Numbers are unsigned and big-endian, so that the order of the bytes
 * is the order of the scans.
 *
 * <pre>
 * records  partition u16, map id u32, key hash u32, key in UTF-8
 * log      partition u16, sequence u64
 * meta     a letter for the kind of entry, then what tells its entries apart
 * </pre>
 */
final class KeyFormat {
    static final int MAP_PREFIX_BYTES = Short.BYTES + Integer.BYTES;
    static final int RECORD_FIXED_BYTES = MAP_PREFIX_BYTES + Integer.BYTES;
    static final int LOG_BYTES = Short.BYTES + Long.BYTES;

    static final byte[] FORMAT_VERSION = {'f'};
    static final byte[] MAP_NAMES = {'m'};
    static final byte[] SUMS = {'s'};

    private static final int LEAF_SHIFT = 20;

    private KeyFormat() {}

    static void putRecordKey(ByteBuffer to, int partition, int mapId, int hash, byte[] key) {
        to.putShort((short) partition).putInt(mapId).putInt(hash).put(key);
    }

    static byte[] recordKey(int mapId, Key key) {
        byte[] text = key.value().getBytes(UTF_8);
        ByteBuffer buffer = ByteBuffer.allocate(RECORD_FIXED_BYTES + text.length);
        putRecordKey(buffer, key.partition(), mapId, key.hash(), text);
        return buffer.array();
    }

    static byte[] mapPrefix(int partition, int mapId) {
        return ByteBuffer.allocate(MAP_PREFIX_BYTES)
                .putShort((short) partition)
                .putInt(mapId)
                .array();
    }

    /** Where the keys of a leaf begin: a leaf is the upper 12 bits of the hash. */
    static byte[] leafStart(int partition, int mapId, int leaf) {
        return ByteBuffer.allocate(RECORD_FIXED_BYTES)
                .putShort((short) partition)
                .putInt(mapId)
                .putInt(leaf << LEAF_SHIFT)
                .array();
    }

    static byte[] partitionPrefix(int partition) {
        return ByteBuffer.allocate(Short.BYTES).putShort((short) partition).array();
    }

    static int mapIdOf(byte[] recordKey) {
        return ByteBuffer.wrap(recordKey).getInt(Short.BYTES);
    }

    static Key keyOf(byte[] recordKey) {
        int hash = ByteBuffer.wrap(recordKey).getInt(MAP_PREFIX_BYTES);
        int length = recordKey.length - RECORD_FIXED_BYTES;
        return new Key(new String(recordKey, RECORD_FIXED_BYTES, length, UTF_8), hash);
    }

    static void putLogKey(ByteBuffer to, int partition, long sequence) {
        to.putShort((short) partition).putLong(sequence);
    }

    static byte[] logKey(int partition, long sequence) {
        ByteBuffer buffer = ByteBuffer.allocate(LOG_BYTES);
        putLogKey(buffer, partition, sequence);
        return buffer.array();
    }

    static long sequenceOf(byte[] logKey) {
        return ByteBuffer.wrap(logKey).getLong(Short.BYTES);
    }

    static byte[] mapName(int mapId) {
        return ByteBuffer.allocate(1 + Integer.BYTES).put(MAP_NAMES).putInt(mapId).array();
    }

    /** The beginning of the keys of all sums of a partition. */
    static byte[] sumsOf(int partition) {
        return ByteBuffer.allocate(1 + Short.BYTES).put(SUMS).putShort((short) partition).array();
    }

    static byte[] sums(int partition, int mapId) {
        return ByteBuffer.allocate(1 + MAP_PREFIX_BYTES)
                .put(SUMS)
                .putShort((short) partition)
                .putInt(mapId)
                .array();
    }

    static byte[] metaEntry(String key) {
        byte[] text = key.getBytes(UTF_8);
        return ByteBuffer.allocate(1 + text.length).put((byte) 'e').put(text).array();
    }

    static boolean hasPrefix(byte[] key, byte[] prefix) {
        return key.length >= prefix.length
                && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }
}
