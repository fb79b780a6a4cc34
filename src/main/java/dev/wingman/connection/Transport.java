package dev.wingman.connection;

import dev.wingman.protocol.CloseCode;

/** The thread that writes to one socket, seen from those who have something to write. */
@FunctionalInterface
public interface Transport {
    /**
     * Have {@link ConnectionHandle#drain} called soon, on the thread that writes; not from within
     * this call. Must not block or throw, whatever has become of the socket.
     */
    void wake();

    /**
     * The connection shall end soon. Who works on requests of the other end finishes them first.
     */
    default void goAway(ConnectionHandle connection, CloseCode code, String reason) {
        connection.close(code, reason);
    }
}
