package dev.wingman.protocol;

import java.nio.charset.StandardCharsets;

/** Name of a replicated map: any text of 1 to 256 bytes in UTF-8 without control characters. */
public record MapName(String value) {
    public static final int MAX_BYTES = 256;

    /** A character outside of the basic plane has four bytes, but is two of Java's. */
    private static final int MAX_BYTES_PER_CHAR = 3;

    public MapName {
        if (value.isEmpty() || value.length() > MAX_BYTES / MAX_BYTES_PER_CHAR) {
            int bytes = value.getBytes(StandardCharsets.UTF_8).length;
            if (bytes == 0 || bytes > MAX_BYTES) {
                throw new ProtocolException(
                        ErrorCode.BAD_REQUEST,
                        "a map name has 1 to " + MAX_BYTES + " bytes, this one " + bytes);
            }
        }
        for (int i = 0; i < value.length(); i++) {
            if (Character.isISOControl(value.charAt(i))) {
                throw new ProtocolException(
                        ErrorCode.BAD_REQUEST, "a map name has no control characters");
            }
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MapName name && value.equals(name.value);
    }

    @Override
    public int hashCode() {
        return value.hashCode();
    }

    @Override
    public String toString() {
        return value;
    }
}
