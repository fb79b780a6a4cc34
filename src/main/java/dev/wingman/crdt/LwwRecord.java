package dev.wingman.crdt;

import org.jspecify.annotations.Nullable;

/**
 * One entry of a last-writer-wins map: the write with the later timestamp stays.
 *
 * @param value null marks a removed entry (a tombstone), which takes part in merging like any other
 * @param timestamp of the write, as its author made it
 * @param ttlMillis how long after {@code timestamp} the entry may be read; 0 means for ever
 */
public record LwwRecord<V>(@Nullable V value, Timestamp timestamp, long ttlMillis) {
    public LwwRecord {
        if (ttlMillis < 0) {
            throw new IllegalArgumentException("a time to live is not negative");
        }
    }

    /** Whether this write replaces {@code present}. The same write twice changes nothing. */
    public boolean supersedes(@Nullable LwwRecord<V> present) {
        return present == null || timestamp.isAfter(present.timestamp);
    }

    public boolean isTombstone() {
        return value == null;
    }

    /** Expired entries read as absent; they are stored and hashed until they are pruned. */
    public boolean isExpired(long nowMillis) {
        return ttlMillis > 0 && nowMillis - timestamp.millis() > ttlMillis;
    }

    /** Whether readers see a value at {@code nowMillis}. */
    public boolean isLive(long nowMillis) {
        return !isTombstone() && !isExpired(nowMillis);
    }
}
