package dev.wingman.storage;

import dev.wingman.protocol.MapName;
import java.util.HashMap;
import java.util.Map;

/**
 * Where a partition's log begins and ends, and how much of it the stored sums contain.
 *
 * <p>Confined to its owner.
 */
final class PartitionLog {
    /** A log is cut back when it is longer than the limit by this part of it. */
    private static final int SLACK_DIVISOR = 4;

    /** Changes of one map that are not in its stored sums. */
    private record Span(long first, long last) {}

    private final Map<MapName, Span> uncovered;
    private long first;
    private long last;

    /**
     * @param first sequence of the oldest entry, 1 for a log that was never cut
     * @param last sequence of the newest entry; {@code first - 1} when there is none
     */
    PartitionLog(long first, long last) {
        this(first, last, new HashMap<>());
    }

    private PartitionLog(long first, long last, Map<MapName, Span> uncovered) {
        this.first = first;
        this.last = last;
        this.uncovered = uncovered;
    }

    PartitionLog copy() {
        return new PartitionLog(first, last, new HashMap<>(uncovered));
    }

    long first() {
        return first;
    }

    long last() {
        return last;
    }

    void append(MapName map, long sequence) {
        last = Math.max(last, sequence);
        uncovered.merge(
                map,
                new Span(sequence, sequence),
                (known, added) -> new Span(known.first, added.last));
    }

    /** The sums of {@code map} were stored with every change up to {@code sequence} in them. */
    void cover(MapName map, long sequence) {
        uncovered.computeIfPresent(
                map,
                (_, span) ->
                        span.last <= sequence
                                ? null
                                : new Span(Math.max(span.first, sequence + 1), span.last));
    }

    /** Every entry up to this sequence is in the stored sums of its map. */
    long coveredTo() {
        long covered = last;
        for (Span span : uncovered.values()) {
            covered = Math.min(covered, span.first - 1);
        }
        return covered;
    }

    /** The oldest entry to keep when about {@code limit} are wanted; an uncovered one stays. */
    long keepFrom(int limit) {
        long length = last - first + 1;
        if (length <= limit + limit / SLACK_DIVISOR) {
            return first;
        }
        return Math.max(first, Math.min(last - limit, coveredTo()) + 1);
    }

    void cutTo(long newFirst) {
        first = newFirst;
    }
}
