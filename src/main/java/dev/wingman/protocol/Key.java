package dev.wingman.protocol;

import dev.wingman.crdt.TextHash;

/**
 * Key of an entry in a map: any text, the empty one included.
 *
 * @param hash {@link TextHash} of {@code value}: it decides the partition and the leaf
 */
public record Key(String value, int hash) {
    public Key(String value) {
        this(value, TextHash.of(value));
    }

    /** 0..270: who holds the key. The map's name takes no part. */
    public int partition() {
        return Partitions.of(hash);
    }

    /** Bytes of UTF-8. */
    public int sizeBytes() {
        int bytes = value.length();
        for (int i = 0; i < value.length(); i++) {
            char unit = value.charAt(i);
            if (unit >= 0x80) {
                // A surrogate is half of what four bytes stand for.
                bytes += unit < 0x800 || Character.isSurrogate(unit) ? 1 : 2;
            }
        }
        return bytes;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Key key && hash == key.hash && value.equals(key.value);
    }

    /** Keys are data of users: only the size is shown. */
    @Override
    public String toString() {
        return "Key[" + value.length() + " chars]";
    }
}
