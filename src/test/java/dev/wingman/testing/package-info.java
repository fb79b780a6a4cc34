/** What tests of several packages share. */
@NullMarked
package dev.wingman.testing;

import org.jspecify.annotations.NullMarked;
