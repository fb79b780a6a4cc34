/**
 * The wire: every message a client may send or get, every message between nodes, every value in
 * them, and the codec between them and MessagePack.
 *
 * <p>Open {@link dev.wingman.protocol.ClientMessage}, {@link dev.wingman.protocol.ServerMessage}
 * and {@link dev.wingman.protocol.PeerMessage} first, then {@link
 * dev.wingman.protocol.MessageCodec}.
 */
@NullMarked
package dev.wingman.protocol;

import org.jspecify.annotations.NullMarked;
