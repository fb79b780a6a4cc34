package dev.wingman.connection;

/** Names one connection for the life of the process; from 1, never used again. */
public record ConnectionId(long value) {
    @Override
    public String toString() {
        return Long.toString(value);
    }
}
