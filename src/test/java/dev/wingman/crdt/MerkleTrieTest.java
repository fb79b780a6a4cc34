package dev.wingman.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** The numbers are those of the real client (wire protocol 4.5). */
class MerkleTrieTest {
    private final LeafSums sums = new LeafSums();

    @Test
    void mixesHashesAsTheClientDoes() {
        assertThat(MerkleTrie.mix(0)).isZero();
        assertThat(MerkleTrie.mix(1)).isEqualTo(0x514e28b7);
        assertThat(MerkleTrie.mix(100) + MerkleTrie.mix(200)).isEqualTo(0xbc1dab1c);
        assertThat(3 * MerkleTrie.mix(0xffffffff)).isEqualTo(0x85d44dab);
    }

    @Test
    void anEmptyMapHasRootZero() {
        assertThat(MerkleTrie.root(sums)).isZero();
        assertThat(MerkleTrie.children(sums, "37")).containsOnly(0);
    }

    @Test
    void oneKeyHashesUpToTheRoot() {
        put("key1", new Timestamp(100, 0, "test"));

        assertThat(MerkleTrie.root(sums)).isEqualTo(2138087518);
        assertThat(MerkleTrie.children(sums, "")).isEqualTo(only(3, 901871431));
        assertThat(MerkleTrie.children(sums, "3")).isEqualTo(only(7, 1873562393));
        assertThat(MerkleTrie.children(sums, "37")).isEqualTo(only(4, (int) 3907692941L));
    }

    @Test
    void keysThatShareABranchAddUp() {
        put("key1", new Timestamp(100, 0, "test"));
        put("key2", new Timestamp(1_700_000_000_000L, 5, "node-1"));
        put("user:alice", new Timestamp(1_700_000_000_001L, 0, "n"));

        assertThat(MerkleTrie.root(sums)).isEqualTo(384441599);
        assertThat(MerkleTrie.children(sums, "")).isEqualTo(only(3, (int) 4059502303L));
    }

    @Test
    void aKeyTakenOutLeavesNoTrace() {
        var timestamp = new Timestamp(1_700_000_000_000L, 5, "node-1");
        put("key1", new Timestamp(100, 0, "test"));
        put("key2", timestamp);
        put("user:alice", new Timestamp(1_700_000_000_001L, 0, "n"));

        LeafDelta added = LeafDelta.of("key2", null, new LwwRecord<>("v", timestamp, 0));
        sums.add(new LeafDelta(added.leaf(), -added.sum(), -1, 0));

        assertThat(MerkleTrie.root(sums)).isEqualTo(1032434398);
        assertThat(MerkleTrie.children(sums, "")).isEqualTo(only(3, 476069782));
    }

    @Test
    void aLeafHasNoChildren() {
        assertThatThrownBy(() -> MerkleTrie.children(sums, "374"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void put(String key, Timestamp timestamp) {
        sums.add(LeafDelta.of(key, null, new LwwRecord<>("value", timestamp, 0)));
    }

    private static int[] only(int child, int hash) {
        int[] children = new int[16];
        children[child] = hash;
        return children;
    }
}
