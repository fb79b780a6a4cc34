package dev.wingman.crdt;

/**
 * The trie by which a client finds the keys it lacks (wire protocol 4.5): 16-way, three levels, a
 * key's path being the first three hexadecimal digits of its {@link TextHash}. Inner levels are
 * derived from {@link LeafSums}.
 */
public final class MerkleTrie {
    /** Path length at which a node holds keys and not further nodes. */
    public static final int DEPTH = 3;

    private static final int FANOUT = 16;
    private static final int LEAF_BITS = 12;

    private MerkleTrie() {}

    /** The leaf, 0..4095, of a key with that {@link TextHash}. */
    public static int leafOf(int keyHash) {
        return keyHash >>> (Integer.SIZE - LEAF_BITS);
    }

    /**
     * The 32-bit finalizer of MurmurHash3 (Austin Appleby, public domain). It maps 0 to 0, so an
     * absent child adds nothing to its parent.
     */
    public static int mix(int hash) {
        hash ^= hash >>> 16;
        hash *= 0x85ebca6b;
        hash ^= hash >>> 13;
        hash *= 0xc2b2ae35;
        return hash ^ hash >>> 16;
    }

    /** Root hash; 0 for an empty map. */
    public static int root(LeafSums sums) {
        int root = 0;
        for (int child : children(sums, "")) {
            root += mix(child);
        }
        return root;
    }

    /**
     * Hashes of the 16 children of the node at {@code path}, 0 where there is none.
     *
     * @param path 0 to 2 lower-case hexadecimal digits
     */
    public static int[] children(LeafSums sums, String path) {
        int level = path.length();
        if (level >= DEPTH) {
            throw new IllegalArgumentException(
                    "a node at depth " + DEPTH + " has keys, not children");
        }
        int prefix = path.isEmpty() ? 0 : Integer.parseInt(path, FANOUT);
        int[] children = new int[FANOUT];
        for (int digit = 0; digit < FANOUT; digit++) {
            children[digit] = node(sums, prefix * FANOUT + digit, level + 1);
        }
        return children;
    }

    private static int node(LeafSums sums, int prefix, int level) {
        if (level == DEPTH) {
            return sums.sum(prefix);
        }
        int hash = 0;
        for (int digit = 0; digit < FANOUT; digit++) {
            hash += mix(node(sums, prefix * FANOUT + digit, level + 1));
        }
        return hash;
    }
}
