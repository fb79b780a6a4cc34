/**
 * Who is connected, and what waits to be written to them. Knows nothing of sockets: the edge gives
 * each connection a {@link dev.wingman.connection.Transport} and hands frames to a {@link
 * dev.wingman.connection.FrameSink}.
 *
 * <p>Open {@link dev.wingman.connection.ConnectionHandle} first, then {@link
 * dev.wingman.connection.OutboundQueue} for the rules of a client that reads too slowly.
 */
@NullMarked
package dev.wingman.connection;

import org.jspecify.annotations.NullMarked;
