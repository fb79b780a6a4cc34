package dev.wingman.connection;

/** The thread that writes to one socket, seen from those who have something to write. */
@FunctionalInterface
public interface Transport {
    /**
     * Have {@link ConnectionHandle#drain} called soon, on the thread that writes; not from within
     * this call. Must not block or throw, whatever has become of the socket.
     */
    void wake();
}
