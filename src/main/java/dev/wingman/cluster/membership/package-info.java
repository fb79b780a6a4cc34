/**
 * Who belongs to the cluster: failure detectors, and which of two clusters merges into the other.
 *
 * <p>Open {@link dev.wingman.cluster.membership.PhiAccrualFailureDetector} first.
 */
@NullMarked
package dev.wingman.cluster.membership;

import org.jspecify.annotations.NullMarked;
