package dev.wingman.rest;

import dev.wingman.cluster.ClusterState;
import dev.wingman.sync.SyncServer;
import java.util.function.Supplier;

/**
 * The server itself, for its administrators.
 *
 * @param sync only once the store is open
 * @param cluster as this node knows it; only once the store is open
 * @param drain begins the orderly stop that SIGTERM begins; does not block
 */
public record Operations(
        Supplier<SyncServer> sync, Supplier<ClusterState> cluster, Runnable drain) {}
