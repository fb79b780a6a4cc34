package dev.wingman.protocol;

import java.util.List;
import java.util.Map;

/** A decoded {@link Value}, for code that has to look inside. */
public sealed interface Datum {
    /** Present and without value. */
    record Nil() implements Datum {
        public static final Nil NIL = new Nil();
    }

    record Bool(boolean value) implements Datum {}

    /** A whole number that arrived as one. */
    record Whole(long value) implements Datum {}

    /** A float64, or a whole number beyond the range of {@code long}. */
    record Real(double value) implements Datum {}

    record Text(String value) implements Datum {}

    /** MessagePack bin and ext payloads. */
    record Binary(Value raw) implements Datum {}

    record Sequence(List<Datum> items) implements Datum {}

    /** Keys that are not text are shown in their text form; order is that of the wire. */
    record Dictionary(Map<String, Datum> fields) implements Datum {}

    /** Decodes the whole value. */
    static Datum of(Value value) {
        return ValueCodec.decode(value);
    }
}
