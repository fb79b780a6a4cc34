package dev.wingman.storage;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The sums of one map in one partition as bytes:
 *
 * <pre>
 * version u8, sequence of the last change in them, number of leaves,
 * for each leaf: number u16, sum i32, live keys, tombstones
 * </pre>
 *
 * <p>Numbers without a width are {@link Varint}s.
 */
final class SumsFormat {
    private static final byte VERSION = 1;
    private static final int LEAF_MAX_BYTES = Short.BYTES + Integer.BYTES + 2 * Varint.MAX_BYTES;

    private SumsFormat() {}

    record Snapshot(long sequence, LeafSums sums) {}

    /** Enough bytes for {@link #encode}. */
    static int maxSize(LeafSums sums) {
        return 1 + 2 * Varint.MAX_BYTES + sums.usedLeaves() * LEAF_MAX_BYTES;
    }

    static byte[] encode(long sequence, LeafSums sums) {
        ByteBuffer to = ByteBuffer.allocate(maxSize(sums));
        to.put(VERSION);
        Varint.put(to, sequence);
        Varint.put(to, sums.usedLeaves());
        sums.forEach((leaf, sum, live, tombstones) -> {
            to.putShort((short) leaf).putInt(sum);
            Varint.put(to, live);
            Varint.put(to, tombstones);
        });
        return Arrays.copyOf(to.array(), to.position());
    }

    /** Empty when another version wrote them: sums can be made anew from the records. */
    static Optional<Snapshot> decode(byte[] encoded) {
        ByteBuffer from = ByteBuffer.wrap(encoded);
        try {
            if (from.get() != VERSION) {
                return Optional.empty();
            }
            long sequence = Varint.get(from);
            var sums = new LeafSums();
            for (int leaves = Varint.getLength(from); leaves > 0; leaves--) {
                sums.add(
                        new LeafDelta(
                                leaf(from),
                                from.getInt(),
                                (int) Varint.get(from),
                                (int) Varint.get(from)));
            }
            return Optional.of(new Snapshot(sequence, sums));
        } catch (BufferUnderflowException e) {
            throw new StoreException(
                    StoreException.Problem.DAMAGED, "stored sums are not what was written", e);
        }
    }

    private static int leaf(ByteBuffer from) {
        int leaf = Short.toUnsignedInt(from.getShort());
        if (leaf >= LeafSums.LEAVES) {
            throw new StoreException(
                    StoreException.Problem.DAMAGED, "stored sums have a leaf " + leaf);
        }
        return leaf;
    }
}
