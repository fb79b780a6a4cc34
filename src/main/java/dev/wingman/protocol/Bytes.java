package dev.wingman.protocol;

import java.util.Arrays;

/**
 * Bytes that pass through unread, equal to others with the same content.
 *
 * <p>Not a {@link Value}, which is one well-formed MessagePack value: written into a message as it
 * is, and open to queries. Bytes may be anything, so a message carries them as {@code bin} with a
 * length. With one type for both, bytes that nobody checked could become part of a frame.
 */
public final class Bytes {
    private final byte[] array;

    private Bytes(byte[] array) {
        this.array = array;
    }

    /** Takes the array as it is: it must not be written again. */
    public static Bytes of(byte[] array) {
        return new Bytes(array);
    }

    /** Shared: do not write to it. */
    public byte[] array() {
        return array;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }

    /** Contents belong to the user and are never shown. */
    @Override
    public String toString() {
        return "Bytes[" + array.length + "]";
    }
}
