package dev.wingman.protocol;

/**
 * Sizes beyond which the codec refuses what a client sends.
 *
 * @param maxKeyBytes of a key in UTF-8
 * @param maxValueBytes of an encoded value
 * @param maxBatchItems messages in one BATCH
 */
public record WireLimits(int maxKeyBytes, int maxValueBytes, int maxBatchItems) {
    public static final int MAX_BATCH_ITEMS = 8192;

    public WireLimits(int maxKeyBytes, int maxValueBytes) {
        this(maxKeyBytes, maxValueBytes, MAX_BATCH_ITEMS);
    }
}
