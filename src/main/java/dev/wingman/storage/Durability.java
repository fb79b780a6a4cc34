package dev.wingman.storage;

/** What an acknowledged write has survived. */
public enum Durability {
    /** A crash of the machine: it is on the disk. */
    COMMIT,
    /** A crash of the process. A crash of the machine may take the last 100 milliseconds. */
    BATCHED
}
