/**
 * Where the process stands between start and stop, and the work that a stop has to wait for.
 *
 * <p>Open {@link dev.wingman.lifecycle.ShutdownController} first.
 */
@NullMarked
package dev.wingman.lifecycle;

import org.jspecify.annotations.NullMarked;
