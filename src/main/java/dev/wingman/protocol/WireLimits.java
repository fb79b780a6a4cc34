package dev.wingman.protocol;

import java.nio.charset.StandardCharsets;

/**
 * Sizes beyond which the codec refuses what a client sends.
 *
 * @param maxMapNameBytes of the name of a map in UTF-8, {@link MapName#MAX_BYTES} at most
 * @param maxKeyBytes of a key in UTF-8
 * @param maxValueBytes of an encoded value
 * @param maxBatchItems messages in one BATCH
 */
public record WireLimits(
        int maxMapNameBytes, int maxKeyBytes, int maxValueBytes, int maxBatchItems) {
    public static final int MAX_BATCH_ITEMS = 8192;

    public WireLimits(int maxKeyBytes, int maxValueBytes) {
        this(MapName.MAX_BYTES, maxKeyBytes, maxValueBytes, MAX_BATCH_ITEMS);
    }

    MapName mapName(String name) {
        var checked = new MapName(name);
        if (maxMapNameBytes < MapName.MAX_BYTES
                && name.getBytes(StandardCharsets.UTF_8).length > maxMapNameBytes) {
            throw new ProtocolException(
                    ErrorCode.BAD_REQUEST,
                    "a map name has at most " + maxMapNameBytes + " bytes on this server");
        }
        return checked;
    }
}
