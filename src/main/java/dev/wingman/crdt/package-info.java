/**
 * Data types that merge without coordination, and the hashes by which two copies find their
 * differences.
 *
 * <p>Pure functions and values of the JDK alone: no I/O, no clock of its own. Open {@link
 * dev.wingman.crdt.LwwRecord} first, then {@link dev.wingman.crdt.LeafSums}.
 */
@NullMarked
package dev.wingman.crdt;

import org.jspecify.annotations.NullMarked;
