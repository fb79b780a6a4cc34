/**
 * Frames that are almost right, by the hundred thousand; {@code make fuzz} sends a million. Open
 * {@link dev.wingman.fuzz.Mutations} first.
 */
@NullMarked
package dev.wingman.fuzz;

import org.jspecify.annotations.NullMarked;
