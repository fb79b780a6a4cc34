package dev.wingman.protocol;

import java.util.Arrays;
import java.util.List;

/**
 * One well-formed MessagePack value. The server stores and forwards it without looking inside;
 * queries look, through {@link Datum#of}.
 */
public final class Value {
    public static final Value NIL = new Value(new byte[] {(byte) 0xc0});

    private final byte[] encoded;

    private Value(byte[] encoded) {
        this.encoded = encoded;
    }

    /** Takes the array as it is: it must hold exactly one value and must not be written again. */
    public static Value ofEncoded(byte[] encoded) {
        return new Value(encoded);
    }

    public static Value of(Datum datum) {
        return ValueCodec.encode(datum);
    }

    /**
     * Only these top-level fields of a map, in the order of the map and copied without decoding;
     * anything but a map comes back as it is. No fields give an empty map.
     */
    public Value project(List<String> fields) {
        return ValueCodec.project(this, fields);
    }

    public boolean isNil() {
        return equals(NIL);
    }

    /** The encoded bytes. They are shared: do not write to them. */
    public byte[] encoded() {
        return encoded;
    }

    public int sizeBytes() {
        return encoded.length;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Value value && Arrays.equals(encoded, value.encoded);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    /** Contents belong to the user and are never shown. */
    @Override
    public String toString() {
        return "Value[" + encoded.length + " bytes]";
    }
}
