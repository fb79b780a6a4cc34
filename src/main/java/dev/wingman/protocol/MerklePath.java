package dev.wingman.protocol;

import dev.wingman.crdt.MerkleTrie;
import java.util.regex.Pattern;

/** A node of a map's Merkle trie: 0 to 3 lower-case hexadecimal digits. */
public record MerklePath(String value) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{0,3}");

    public MerklePath {
        if (!FORM.matcher(value).matches()) {
            throw new ProtocolException(
                    ErrorCode.BAD_REQUEST, "a path has 0 to 3 lower-case hexadecimal digits");
        }
    }

    /** Whether the node holds records. */
    public boolean isLeaf() {
        return value.length() == MerkleTrie.DEPTH;
    }

    /** The leaf's number, 0..4095; only of a leaf. */
    public int leaf() {
        return Integer.parseInt(value, 16);
    }
}
