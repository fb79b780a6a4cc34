package dev.wingman.crdt;

/**
 * A point in hybrid logical time: wall clock, then a counter for events of the same millisecond,
 * then the node as the tie-breaker.
 *
 * <p>Node ids compare by UTF-16 code unit. The TypeScript client compares them by locale; the two
 * disagree only when two nodes write one key in the same millisecond with the same counter and ids
 * that differ in case or punctuation (wire protocol 4.1).
 *
 * @param millis since the Unix epoch, 0 or more
 * @param counter 0 or more
 * @param nodeId of whoever made it; without {@code ':'}, which separates the parts of the text form
 */
public record Timestamp(long millis, long counter, String nodeId) implements Comparable<Timestamp> {
    public Timestamp {
        if (millis < 0 || counter < 0) {
            throw new IllegalArgumentException("a timestamp has no negative part");
        }
        if (nodeId.indexOf(':') >= 0) {
            throw new IllegalArgumentException("a node id has no ':'");
        }
    }

    @Override
    public int compareTo(Timestamp other) {
        if (millis != other.millis) {
            return Long.compare(millis, other.millis);
        }
        if (counter != other.counter) {
            return Long.compare(counter, other.counter);
        }
        return nodeId.compareTo(other.nodeId);
    }

    public boolean isAfter(Timestamp other) {
        return compareTo(other) > 0;
    }

    public Stamp stamp() {
        return new Stamp(millis, counter);
    }

    /** The form that tags and hashes are made of: {@code millis:counter:nodeId}. */
    @Override
    public String toString() {
        return millis + ":" + counter + ":" + nodeId;
    }
}
