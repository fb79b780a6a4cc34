/**
 * The seams by which several nodes will share the work: who holds which partition, and how a batch
 * reaches the others.
 *
 * <p>Open {@link dev.wingman.cluster.OwnershipView} first.
 */
@NullMarked
package dev.wingman.cluster;

import org.jspecify.annotations.NullMarked;
