/**
 * The process: {@link dev.wingman.Wingman} starts it, the wiring classes put its parts together.
 */
@NullMarked
package dev.wingman;

import org.jspecify.annotations.NullMarked;
