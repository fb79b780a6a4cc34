package dev.wingman.crdt;

import java.util.Arrays;

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
    private static final short FREE = -1;

    private short[] leaves;
    private int[] sums;
    private int[] live;
    private int[] tombstones;
    private int used;

    public LeafSums() {
        this(INITIAL_PLACES);
    }

    private LeafSums(int places) {
        leaves = new short[places];
        Arrays.fill(leaves, FREE);
        sums = new int[places];
        live = new int[places];
        tombstones = new int[places];
    }

    public void add(LeafDelta delta) {
        add(delta.leaf(), delta.sum(), delta.live(), delta.tombstones());
    }

    public void add(LeafSums other) {
        other.forEach(this::add);
    }

    private void add(int leaf, int sum, int liveChange, int tombstoneChange) {
        int place = placeFor(leaf);
        sums[place] += sum;
        live[place] += liveChange;
        tombstones[place] += tombstoneChange;
    }

    /** The sum of the leaf's mixed item hashes, modulo 2^32; 0 when it is empty. */
    public int sum(int leaf) {
        int place = find(leaf);
        return leaves[place] == leaf ? sums[place] : 0;
    }

    /** Number of keys with a value. */
    public long liveCount() {
        return total(live);
    }

    /** Number of keys without a value. */
    public long tombstoneCount() {
        return total(tombstones);
    }

    private static long total(int[] counts) {
        long total = 0;
        for (int count : counts) {
            total += count;
        }
        return total;
    }

    /** Whether any key, with or without a value, is in the leaf. */
    public boolean isOccupied(int leaf) {
        int place = find(leaf);
        return leaves[place] == leaf && live[place] + tombstones[place] > 0;
    }

    /** Number of leaves that have been written, for sizing a stored form. */
    public int usedLeaves() {
        return used;
    }

    public LeafSums copy() {
        var copy = new LeafSums(leaves.length);
        System.arraycopy(leaves, 0, copy.leaves, 0, leaves.length);
        System.arraycopy(sums, 0, copy.sums, 0, sums.length);
        System.arraycopy(live, 0, copy.live, 0, live.length);
        System.arraycopy(tombstones, 0, copy.tombstones, 0, tombstones.length);
        copy.used = used;
        return copy;
    }

    /** Visits every leaf that has been written, in no order. */
    public void forEach(LeafVisitor visitor) {
        for (int place = 0; place < leaves.length; place++) {
            if (leaves[place] != FREE) {
                visitor.visit(leaves[place], sums[place], live[place], tombstones[place]);
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
        if (leaves[place] == leaf) {
            return place;
        }
        if (used >= leaves.length - leaves.length / 4 && leaves.length < LEAVES) {
            grow();
            place = find(leaf);
        }
        leaves[place] = (short) leaf;
        used++;
        return place;
    }

    /**
     * The leaf's place, or the free one where it belongs. At 4096 places every leaf has its own.
     */
    private int find(int leaf) {
        int mask = leaves.length - 1;
        int place = leaf & mask;
        while (leaves[place] != leaf && leaves[place] != FREE) {
            place = (place + 1) & mask;
        }
        return place;
    }

    private void grow() {
        var larger = new LeafSums(leaves.length * 2);
        forEach(larger::add);
        leaves = larger.leaves;
        sums = larger.sums;
        live = larger.live;
        tombstones = larger.tombstones;
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
            int place = find(leaf);
            boolean here = leaves[place] == leaf;
            same[0] &= (here ? sums[place] : 0) == sum;
            same[0] &= (here ? live[place] : 0) == liveCount;
            same[0] &= (here ? tombstones[place] : 0) == tombstoneCount;
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
