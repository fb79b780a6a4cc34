package dev.wingman.connection;

/** Who is at the other end. */
public enum ConnectionKind {
    CLIENT,
    CLUSTER_PEER
}
