/**
 * What several nodes share, and how they come to share it: what a node knows of its cluster, what
 * changes in that, and the seams by which the write path meets it. {@code membership} is about
 * nodes, {@code partition} about who holds what.
 *
 * <p>Open {@link dev.wingman.cluster.ClusterState} first; for the write path {@link
 * dev.wingman.cluster.OwnershipView}.
 */
@NullMarked
package dev.wingman.cluster;

import org.jspecify.annotations.NullMarked;
