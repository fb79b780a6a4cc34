/**
 * Which node holds which partition: the table, and the plans by which it changes. Nothing here
 * acts.
 *
 * <p>Open {@link dev.wingman.cluster.partition.ClusterPartitionTable} first, then {@link
 * dev.wingman.cluster.partition.MinimalMovePlanner}.
 */
@NullMarked
package dev.wingman.cluster.partition;

import org.jspecify.annotations.NullMarked;
