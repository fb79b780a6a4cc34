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

    /** Of an id that a client gives and gets back, in UTF-8. */
    static final int MAX_ID_BYTES = 256;

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

    /**
     * Refuses an id that is too long to be sent back.
     *
     * @param field its name on the wire
     */
    static void requireShortId(String field, String id) {
        if (isLongerThan(MAX_ID_BYTES, id)) {
            throw new ProtocolException(
                    ErrorCode.BAD_REQUEST, field + " has at most " + MAX_ID_BYTES + " bytes");
        }
    }

    /** Whether the text has more bytes in UTF-8. */
    static boolean isLongerThan(int maxBytes, String text) {
        int mostBytes = 3 * text.length(); // of a UTF-16 code unit in UTF-8
        return mostBytes > maxBytes && text.getBytes(StandardCharsets.UTF_8).length > maxBytes;
    }

    MapName mapName(String text) {
        var name = new MapName(text);
        if (isLongerThan(maxMapNameBytes, text)) {
            throw new ProtocolException(
                    ErrorCode.BAD_REQUEST, "a map name has at most " + maxMapNameBytes + " bytes");
        }
        return name;
    }
}
