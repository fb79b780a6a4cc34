package dev.wingman.protocol;

/** A node as clients see it in the partition map; the names are those of the wire. */
public enum NodeStatus {
    ACTIVE,
    JOINING,
    LEAVING,
    SUSPECTED,
    FAILED
}
