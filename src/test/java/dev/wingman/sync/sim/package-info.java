/**
 * The server's write path on one thread and in an order drawn from a seed, with crashes and full
 * disks, and everything it promises checked.
 *
 * <p>Open {@link dev.wingman.sync.sim.Simulation} first; {@link dev.wingman.sync.sim.History} says
 * what must hold.
 */
@NullMarked
package dev.wingman.sync.sim;

import org.jspecify.annotations.NullMarked;
