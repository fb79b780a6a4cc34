package dev.wingman.protocol;

import dev.wingman.crdt.LwwRecord;
import org.jspecify.annotations.Nullable;

/** One change of a map, as a client asks for it. */
public sealed interface Op {
    /** Named in the acknowledgement; null when the client left it out. */
    @Nullable String id();

    /** A put, or a removal that carries its own timestamp. */
    record Write(@Nullable String id, MapName map, Key key, LwwRecord<Value> record)
            implements Op {}

    /** A removal that leaves the timestamp to the server ({@code record: nil}). */
    record Remove(@Nullable String id, MapName map, Key key) implements Op {}

    /** Breaks a rule. It is refused alone; the other ops of its batch are not touched. */
    record Invalid(@Nullable String id, ErrorCode code, String reason) implements Op {}
}
