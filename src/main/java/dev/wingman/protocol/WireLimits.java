package dev.wingman.protocol;

import java.nio.charset.StandardCharsets;

/**
 * Sizes beyond which the codec refuses what a client sends.
 *
 * @param maxKeyBytes of a key in UTF-8
 * @param maxValueBytes of an encoded value
 * @param maxBatchItems messages in one BATCH
 * @param maxMapNameBytes of a map's name in UTF-8, at most {@link MapName#MAX_BYTES}
 */
public record WireLimits(
        int maxKeyBytes, int maxValueBytes, int maxBatchItems, int maxMapNameBytes) {
    public static final int MAX_BATCH_ITEMS = 8192;

    public WireLimits {
        if (maxMapNameBytes < 1 || maxMapNameBytes > MapName.MAX_BYTES) {
            throw new IllegalArgumentException(
                    "wingman.sync.max-map-name must be 1 to "
                            + MapName.MAX_BYTES
                            + " bytes, is "
                            + maxMapNameBytes);
        }
    }

    public WireLimits(int maxKeyBytes, int maxValueBytes, int maxBatchItems) {
        this(maxKeyBytes, maxValueBytes, maxBatchItems, MapName.MAX_BYTES);
    }

    public WireLimits(int maxKeyBytes, int maxValueBytes) {
        this(maxKeyBytes, maxValueBytes, MAX_BATCH_ITEMS);
    }

    MapName mapName(String text) {
        var name = new MapName(text);
        if (maxMapNameBytes < MapName.MAX_BYTES
                && text.getBytes(StandardCharsets.UTF_8).length > maxMapNameBytes) {
            throw new ProtocolException(
                    ErrorCode.BAD_REQUEST, "a map name has at most " + maxMapNameBytes + " bytes");
        }
        return name;
    }
}
