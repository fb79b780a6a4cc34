/**
 * What {@code make bench} runs: servers as users start them, load over real sockets from one thread
 * of another process, and one table of figures beside their targets. Needs Linux: memory is read
 * from {@code /proc}, and connections come from all over 127.0.0.0/8.
 *
 * <p>Open {@link dev.wingman.bench.Bench} first, then {@link dev.wingman.bench.Generator}. {@link
 * dev.wingman.bench.CommitBench} stands alone: it measures the store without a server.
 */
@NullMarked
package dev.wingman.bench;

import org.jspecify.annotations.NullMarked;
