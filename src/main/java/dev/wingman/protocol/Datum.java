package dev.wingman.protocol;

import java.util.List;
import java.util.Map;

/** A decoded {@link Value}, for code that has to look inside. */
public sealed interface Datum {
    /** Present and without value. */
    record Nil() implements Datum {
        public static final Nil NIL = new Nil();

        @Override
        public boolean equals(Object other) {
            return other instanceof Nil;
        }

        @Override
        public int hashCode() {
            return 0;
        }
    }

    record Bool(boolean value) implements Datum {
        @Override
        public boolean equals(Object other) {
            return other instanceof Bool that && value == that.value;
        }

        @Override
        public int hashCode() {
            return Boolean.hashCode(value);
        }
    }

    /** A whole number that arrived as one. */
    record Whole(long value) implements Datum {
        @Override
        public boolean equals(Object other) {
            return other instanceof Whole that && value == that.value;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(value);
        }
    }

    /** A float64, or a whole number beyond the range of {@code long}. */
    record Real(double value) implements Datum {
        @Override
        public boolean equals(Object other) {
            return other instanceof Real that && Double.compare(value, that.value) == 0;
        }

        @Override
        public int hashCode() {
            return Double.hashCode(value);
        }
    }

    record Text(String value) implements Datum {
        @Override
        public boolean equals(Object other) {
            return other instanceof Text that && value.equals(that.value);
        }

        @Override
        public int hashCode() {
            return value.hashCode();
        }
    }

    /** MessagePack bin and ext payloads. */
    record Binary(Value raw) implements Datum {
        @Override
        public boolean equals(Object other) {
            return other instanceof Binary that && raw.equals(that.raw);
        }

        @Override
        public int hashCode() {
            return raw.hashCode();
        }
    }

    record Sequence(List<Datum> items) implements Datum {
        @Override
        public boolean equals(Object other) {
            return other instanceof Sequence that && items.equals(that.items);
        }

        @Override
        public int hashCode() {
            return items.hashCode();
        }
    }

    /** Keys that are not text are shown in their text form; order is that of the wire. */
    record Dictionary(Map<String, Datum> fields) implements Datum {
        @Override
        public boolean equals(Object other) {
            return other instanceof Dictionary that && fields.equals(that.fields);
        }

        @Override
        public int hashCode() {
            return fields.hashCode();
        }
    }

    /** Decodes the whole value. */
    static Datum of(Value value) {
        return ValueCodec.decode(value);
    }
}
