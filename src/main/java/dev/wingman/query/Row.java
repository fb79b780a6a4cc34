package dev.wingman.query;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.Value;
import java.util.List;

/**
 * A record that matches a query.
 *
 * @param value as stored, for delivery
 * @param sortKey what {@link RowOrder} compares, kept so that the value need not be decoded again
 * @param expiresAtMillis the last millisecond since the Unix epoch at which the row may be seen;
 *     {@link #NEVER} when it does not expire
 */
public record Row(Key key, Value value, List<Datum> sortKey, long expiresAtMillis) {
    public static final long NEVER = Long.MAX_VALUE;

    /** A map of two fields, their names and the header of the key. */
    private static final int FRAMING_BYTES = 16;

    /** Bytes it takes in an answer, at most. */
    public int sizeBytes() {
        return FRAMING_BYTES + key.sizeBytes() + value.sizeBytes();
    }

    /** Contents belong to the user and are never shown. */
    @Override
    public String toString() {
        return "Row[" + key + ", " + value + "]";
    }
}
