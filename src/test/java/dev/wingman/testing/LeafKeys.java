package dev.wingman.testing;

import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.TextHash;
import java.util.List;
import java.util.stream.IntStream;

/** Keys that meet in one leaf of a map's trie. */
public final class LeafKeys {
    private LeafKeys() {}

    /** So many, always the same. */
    public static List<String> ofOneLeaf(int count) {
        int leaf = leafOf("k0");
        return IntStream.iterate(0, i -> i + 1)
                .mapToObj(i -> "k" + i)
                .filter(key -> leafOf(key) == leaf)
                .limit(count)
                .toList();
    }

    private static int leafOf(String key) {
        return MerkleTrie.leafOf(TextHash.of(key));
    }
}
