package dev.wingman.protocol;

/** The fixed division of all keys into partitions, the unit of placement and of ordering. */
public final class Partitions {
    public static final int COUNT = 271;

    private Partitions() {}

    /** The partition, 0..270, of a key with that {@link dev.wingman.crdt.TextHash}. */
    public static int of(int keyHash) {
        return Integer.remainderUnsigned(keyHash, COUNT);
    }
}
