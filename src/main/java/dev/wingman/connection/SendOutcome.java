package dev.wingman.connection;

/** What became of a message that its sender was willing to wait for. */
public sealed interface SendOutcome {
    /** It is in the queue and will be written unless the connection breaks. */
    record Accepted() implements SendOutcome {}

    /** It will not be written. */
    record Failed(SendError error) implements SendOutcome {}
}
