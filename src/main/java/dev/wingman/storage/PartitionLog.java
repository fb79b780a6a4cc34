package dev.wingman.storage;

/**
 * Where a partition's log begins and ends, and how much of it the stored sums contain.
 *
 * <p>Confined to its owner.
 */
final class PartitionLog {
    /** A log is cut back when it is longer than the limit by this part of it. */
    private static final int SLACK_DIVISOR = 4;

    private long first;
    private long last;
    private long coveredTo;

    /**
     * @param first sequence of the oldest entry, 1 for a log that was never cut
     * @param last sequence of the newest entry; {@code first - 1} when there is none
     * @param coveredTo every entry up to this sequence is in the stored sums
     */
    PartitionLog(long first, long last, long coveredTo) {
        this.first = first;
        this.last = last;
        this.coveredTo = coveredTo;
    }

    PartitionLog copy() {
        return new PartitionLog(first, last, coveredTo);
    }

    long first() {
        return first;
    }

    long coveredTo() {
        return coveredTo;
    }

    void append(long sequence) {
        last = sequence;
    }

    /** Sums with every change up to {@code sequence} were stored. */
    void cover(long sequence) {
        coveredTo = Math.max(coveredTo, sequence);
    }

    /** The oldest entry to keep when about {@code limit} are wanted; an uncovered one stays. */
    long keepFrom(int limit) {
        long length = last - first + 1;
        if (length <= limit + limit / SLACK_DIVISOR) {
            return first;
        }
        return Math.max(first, Math.min(last - limit, coveredTo) + 1);
    }

    void cutTo(long newFirst) {
        first = newFirst;
    }
}
