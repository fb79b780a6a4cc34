/** Benchmarks of single functions. {@code src/docs/benchmarks.md} has figures. */
@NullMarked
package dev.wingman.jmh;

import org.jspecify.annotations.NullMarked;
