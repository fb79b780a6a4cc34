package dev.wingman.crdt;

import org.jspecify.annotations.Nullable;

/**
 * What one accepted write does to the leaf sums of its map.
 *
 * @param leaf 0..4095, the upper 12 bits of the key's hash
 * @param sum added to the leaf's hash, modulo 2^32
 * @param live change of the number of keys with a value
 * @param tombstones change of the number of keys without one
 */
public record LeafDelta(int leaf, int sum, int live, int tombstones) {
    /** The change when {@code next} takes the place of {@code present} under {@code key}. */
    public static LeafDelta of(String key, @Nullable LwwRecord<?> present, LwwRecord<?> next) {
        int sum = MerkleTrie.mix(TextHash.ofEntry(key, next.timestamp()));
        int live = next.isTombstone() ? 0 : 1;
        int tombstones = 1 - live;
        if (present != null) {
            sum -= MerkleTrie.mix(TextHash.ofEntry(key, present.timestamp()));
            live -= present.isTombstone() ? 0 : 1;
            tombstones -= present.isTombstone() ? 1 : 0;
        }
        return new LeafDelta(MerkleTrie.leafOf(TextHash.of(key)), sum, live, tombstones);
    }
}
