package dev.wingman.storage;

import java.nio.ByteBuffer;

/**
 * Whole numbers in seven bits a byte, lowest first, the high bit marking that more follow (LEB128).
 */
final class Varint {
    static final int MAX_BYTES = 10;

    private Varint() {}

    static void put(ByteBuffer to, long number) {
        long rest = number;
        while ((rest & ~0x7fL) != 0) {
            to.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        to.put((byte) rest);
    }

    static long get(ByteBuffer from) {
        long number = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte bits = from.get();
            number |= (bits & 0x7fL) << shift;
            if (bits >= 0) {
                return number;
            }
        }
        throw new StoreException(StoreException.Problem.DAMAGED, "a stored number does not end");
    }

    /** A length or count, which must not be more than what is left to read. */
    static int getLength(ByteBuffer from) {
        long length = get(from);
        if (length < 0 || length > from.remaining()) {
            throw new StoreException(
                    StoreException.Problem.DAMAGED, "a stored length goes beyond its entry");
        }
        return (int) length;
    }
}
