package dev.wingman.websocket;

import java.util.concurrent.atomic.LongAdder;

/** Frames that led to nothing. Thread-safe. */
public final class WireCounters {
    private final LongAdder unknown = new LongAdder();
    private final LongAdder malformed = new LongAdder();

    void unknown() {
        unknown.increment();
    }

    void malformed() {
        malformed.increment();
    }

    /** Well-formed frames of a type that the server does not know. */
    public long unknownFrames() {
        return unknown.sum();
    }

    /** Frames that are not one MessagePack map with the fields its type needs. */
    public long malformedFrames() {
        return malformed.sum();
    }
}
