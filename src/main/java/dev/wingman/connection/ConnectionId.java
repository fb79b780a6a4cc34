package dev.wingman.connection;

/** Names one connection for the life of the process; from 1, never used again. */
public record ConnectionId(long value) {
    @Override
    public boolean equals(Object other) {
        return other instanceof ConnectionId id && value == id.value;
    }

    @Override
    public int hashCode() {
        return Long.hashCode(value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
