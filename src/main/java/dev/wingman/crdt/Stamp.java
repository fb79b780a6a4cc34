package dev.wingman.crdt;

/**
 * When this node received something, in its own hybrid logical time. The node is left out because a
 * stamp is only ever compared with others of the same node.
 *
 * @param millis since the Unix epoch
 * @param counter orders stamps of one millisecond
 */
public record Stamp(long millis, long counter) implements Comparable<Stamp> {
    /** Before every stamp that a clock gives out. */
    public static final Stamp NONE = new Stamp(0, 0);

    /**
     * Counts no further within a millisecond: stamps travel as numbers of JavaScript, which has no
     * larger exact one.
     */
    static final long MAX_COUNTER = (1L << 53) - 1;

    @Override
    public int compareTo(Stamp other) {
        return millis != other.millis
                ? Long.compare(millis, other.millis)
                : Long.compare(counter, other.counter);
    }

    public boolean isAfter(Stamp other) {
        return compareTo(other) > 0;
    }

    public Stamp max(Stamp other) {
        return isAfter(other) ? this : other;
    }

    public Stamp min(Stamp other) {
        return isAfter(other) ? other : this;
    }

    /**
     * The earliest stamp after this one. Nothing comes after the last millisecond of {@code long}.
     */
    public Stamp next() {
        return counter < MAX_COUNTER ? new Stamp(millis, counter + 1) : new Stamp(millis + 1, 0);
    }

    /** The latest stamp that is still before this one; {@link #NONE} has none and stays. */
    public Stamp before() {
        if (counter > 0) {
            return new Stamp(millis, counter - 1);
        }
        return millis > 0 ? new Stamp(millis - 1, MAX_COUNTER) : NONE;
    }
}
