/**
 * The wire: every message a client may send or get, every value in it, and the codec between them
 * and MessagePack.
 *
 * <p>Open {@link dev.wingman.protocol.ClientMessage} and {@link dev.wingman.protocol.ServerMessage}
 * first, then {@link dev.wingman.protocol.MessageCodec}.
 */
@NullMarked
package dev.wingman.protocol;

import org.jspecify.annotations.NullMarked;
