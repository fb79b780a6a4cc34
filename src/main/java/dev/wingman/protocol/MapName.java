package dev.wingman.protocol;

import java.nio.charset.StandardCharsets;

/** Name of a replicated map: any text of 1 to 256 bytes in UTF-8 without control characters. */
public record MapName(String value) {
    public static final int MAX_BYTES = 256;

    public MapName {
        int bytes = value.getBytes(StandardCharsets.UTF_8).length;
        if (bytes == 0 || bytes > MAX_BYTES) {
            throw new ProtocolException(
                    ErrorCode.BAD_REQUEST,
                    "a map name has 1 to " + MAX_BYTES + " bytes, this one " + bytes);
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new ProtocolException(
                    ErrorCode.BAD_REQUEST, "a map name has no control characters");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
