/** Pure parts without a socket; the rest against targets of ours over real ones. */
@NullMarked
package dev.wingman.recorder;

import org.jspecify.annotations.NullMarked;
