/**
 * What a client's query means: which records match, in which order, and which of them the client
 * sees while they change.
 *
 * <p>Pure: no I/O, no clock, no threads. Open {@link dev.wingman.query.CompiledQuery} first, then
 * {@link dev.wingman.query.QueryWindow}.
 */
@NullMarked
package dev.wingman.query;

import org.jspecify.annotations.NullMarked;
