/** What tests of several packages share. Open {@link dev.wingman.testing.Seeds} first. */
@NullMarked
package dev.wingman.testing;

import org.jspecify.annotations.NullMarked;
