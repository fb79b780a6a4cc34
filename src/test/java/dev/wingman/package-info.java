/** Tests of the process as a whole, and of what it says of itself. */
@NullMarked
package dev.wingman;

import org.jspecify.annotations.NullMarked;
