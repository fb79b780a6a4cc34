package dev.wingman.protocol;

/** What became of a frame. None of the three closes the connection. */
public sealed interface Decoded {
    record Message(ClientMessage message) implements Decoded {}

    /** Well-formed, and of a {@code type} that the protocol does not know: to be ignored. */
    record Unknown(String type) implements Decoded {}

    /** To be dropped and counted. */
    record Malformed(String reason) implements Decoded {}
}
