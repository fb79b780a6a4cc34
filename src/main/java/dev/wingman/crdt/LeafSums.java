package dev.wingman.crdt;

/**
 * The leaves of one map's Merkle trie: for each of the 4096 leaves the sum of its mixed item hashes
 * and how many keys it has with and without a value.
 *
 * <p>A leaf's hash is a sum modulo 2^32, so the leaf sums of disjoint sets of keys add up to those
 * of their union. Leaves in use are kept in an open-addressed table that doubles up to 4096 places,
 * so that a small map costs little.
 *
 * <p>Not thread-safe: confined to its owner.
 */
public final class LeafSums {
    public static final int LEAVES = 4096;

    private static final int INITIAL_PLACES = 8;
    private static final int FREE = -1;

    /** Fields of a place, beside each other so that a change touches one line of the cache. */
    private static final int LEAF = 0;

    private static final int SUM = 1;
    private static final int LIVE = 2;
    private static final int TOMBSTONES = 3;
    private static final int FIELDS = 4;

    private int[] places;
    private int used;

    public LeafSums() {
        this(INITIAL_PLACES);
    }

    private LeafSums(int count) {
        places = new int[count * FIELDS];
        for (int place = 0; place < places.length; place += FIELDS) {
            places[place + LEAF] = FREE;
        }
    }

    public void add(LeafDelta delta) {
        add(delta.leaf(), delta.sum(), delta.live(), delta.tombstones());
    }

    public void add(LeafSums other) {
        other.forEach(this::add);
    }

    private void add(int leaf, int sum, int liveChange, int tombstoneChange) {
        int place = placeFor(leaf);
        places[place + SUM] += sum;
        places[place + LIVE] += liveChange;
        places[place + TOMBSTONES] += tombstoneChange;
    }

    /** The sum of the leaf's mixed item hashes, modulo 2^32; 0 when it is empty. */
    public int sum(int leaf) {
        return places[find(leaf) + SUM]; // a free place has none
    }

    /** Number of keys with a value. */
    public long liveCount() {
        return total(LIVE);
    }

    /** Number of keys without a value. */
    public long tombstoneCount() {
        return total(TOMBSTONES);
    }

    private long total(int field) {
        long total = 0;
        for (int place = 0; place < places.length; place += FIELDS) {
            total += places[place + field];
        }
        return total;
    }

    /** Whether any key, with or without a value, is in the leaf. */
    public boolean isOccupied(int leaf) {
        int place = find(leaf);
        return places[place + LIVE] + places[place + TOMBSTONES] > 0;
    }

    /** Number of leaves that have been written, for sizing a stored form. */
    public int usedLeaves() {
        return used;
    }

    public LeafSums copy() {
        var copy = new LeafSums(0);
        copy.places = places.clone();
        copy.used = used;
        return copy;
    }

    /** Visits every leaf that has been written, in no order. */
    public void forEach(LeafVisitor visitor) {
        for (int place = 0; place < places.length; place += FIELDS) {
            if (places[place + LEAF] != FREE) {
                visitor.visit(
                        places[place + LEAF],
                        places[place + SUM],
                        places[place + LIVE],
                        places[place + TOMBSTONES]);
            }
        }
    }

    /** Receives one leaf. */
    @FunctionalInterface
    public interface LeafVisitor {
        void visit(int leaf, int sum, int live, int tombstones);
    }

    private int placeFor(int leaf) {
        int place = find(leaf);
        if (places[place + LEAF] == leaf) {
            return place;
        }
        int count = places.length / FIELDS;
        if (used >= count - count / 4 && count < LEAVES) {
            grow();
            place = find(leaf);
        }
        places[place + LEAF] = leaf;
        used++;
        return place;
    }

    /**
     * The leaf's place, or the free one where it belongs. At 4096 places every leaf has its own.
     */
    private int find(int leaf) {
        int mask = places.length - 1;
        int place = leaf * FIELDS & mask;
        while (places[place + LEAF] != leaf && places[place + LEAF] != FREE) {
            place = place + FIELDS & mask;
        }
        return place;
    }

    private void grow() {
        var larger = new LeafSums(places.length / FIELDS * 2);
        forEach(larger::add);
        places = larger.places;
        used = larger.used;
    }

    /** Equal when every leaf has the same sum and counts, however the tables came about. */
    @Override
    public boolean equals(Object other) {
        return other instanceof LeafSums that && covers(that) && that.covers(this);
    }

    private boolean covers(LeafSums that) {
        boolean[] same = {true};
        that.forEach((leaf, sum, liveCount, tombstoneCount) -> {
            int place = find(leaf); // a free one has zeros
            same[0] &= places[place + SUM] == sum;
            same[0] &= places[place + LIVE] == liveCount;
            same[0] &= places[place + TOMBSTONES] == tombstoneCount;
        });
        return same[0];
    }

    @Override
    public int hashCode() {
        int[] hash = {0};
        forEach((leaf, sum, liveCount, tombstoneCount) -> hash[0] += sum * 31 + liveCount);
        return hash[0];
    }

    @Override
    public String toString() {
        return "LeafSums[live=" + liveCount() + ", tombstones=" + tombstoneCount() + "]";
    }
}
