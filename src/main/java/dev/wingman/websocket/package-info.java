/**
 * WebSockets to messages and back; decides nothing.
 *
 * <p>Open {@link dev.wingman.websocket.ClientEndpoint} first, then {@link
 * dev.wingman.websocket.ClientSocket}.
 */
@NullMarked
package dev.wingman.websocket;

import org.jspecify.annotations.NullMarked;
