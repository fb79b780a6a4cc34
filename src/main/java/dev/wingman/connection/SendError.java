package dev.wingman.connection;

/** Why a message did not enter the queue of its connection. */
public enum SendError {
    /** The queue stayed full for as long as the sender would wait. */
    TIMEOUT,
    /** The connection is closed or about to be. */
    DISCONNECTED,
    /** The queue is full, and so is the room for those who wait. */
    FULL
}
