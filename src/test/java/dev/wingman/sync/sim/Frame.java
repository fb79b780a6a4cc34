package dev.wingman.sync.sim;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A map of the wire, as a client builds it and reads it. */
record Frame(Map<String, Datum> fields) {
    static Frame decode(byte[] bytes) {
        return of(Datum.of(Value.ofEncoded(bytes)));
    }

    static Frame of(Datum datum) {
        return new Frame(((Datum.Dictionary) datum).fields());
    }

    /** Names and values in turn: text, numbers, booleans, frames and lists; null is nil. */
    static Frame with(@Nullable Object... namesAndValues) {
        Map<String, Datum> fields = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.put(
                    (String) Objects.requireNonNull(namesAndValues[i]),
                    datum(namesAndValues[i + 1]));
        }
        return new Frame(fields);
    }

    /** A message with its fields in a payload. */
    static byte[] payload(String type, @Nullable Object... namesAndValues) {
        return with("type", type, "payload", with(namesAndValues)).encode();
    }

    byte[] encode() {
        return Value.of(new Datum.Dictionary(fields)).encoded();
    }

    private static Datum datum(@Nullable Object value) {
        return switch (value) {
            case null -> Datum.Nil.NIL;
            case Datum datum -> datum;
            case String text -> new Datum.Text(text);
            case Boolean flag -> new Datum.Bool(flag);
            case Integer number -> new Datum.Whole(number);
            case Long number -> new Datum.Real(number); // as JavaScript does
            case Frame(Map<String, Datum> inner) -> new Datum.Dictionary(inner);
            case List<?> items -> new Datum.Sequence(items.stream().map(Frame::datum).toList());
            default -> throw new IllegalArgumentException("no form on the wire: " + value);
        };
    }

    static Frame of(Timestamp timestamp) {
        return with(
                "millis", timestamp.millis(),
                "counter", timestamp.counter(),
                "nodeId", timestamp.nodeId());
    }

    static Frame of(LwwRecord<Value> record) {
        Value value = record.value();
        Datum decoded = value == null ? null : Datum.of(value);
        return record.ttlMillis() == 0
                ? with("value", decoded, "timestamp", of(record.timestamp()))
                : with(
                        "value", decoded,
                        "timestamp", of(record.timestamp()),
                        "ttlMs", record.ttlMillis());
    }

    boolean has(String field) {
        return fields.containsKey(field);
    }

    Datum datumOf(String field) {
        return Objects.requireNonNull(fields.get(field), field);
    }

    String text(String field) {
        return ((Datum.Text) datumOf(field)).value();
    }

    long number(String field) {
        return switch (datumOf(field)) {
            case Datum.Whole(long whole) -> whole;
            case Datum.Real(double real) -> (long) real;
            case Datum other -> throw new AssertionError(field + " is no number: " + other);
        };
    }

    Frame in(String field) {
        return of(datumOf(field));
    }

    /** None when the field is missing. */
    List<Frame> frames(String field) {
        if (!has(field)) {
            return List.of();
        }
        List<Frame> frames = new ArrayList<>();
        for (Datum item : ((Datum.Sequence) datumOf(field)).items()) {
            frames.add(of(item));
        }
        return frames;
    }

    MapName map() {
        return new MapName(text("mapName"));
    }

    Key key() {
        return new Key(text("key"));
    }

    Timestamp timestamp(String field) {
        Frame parts = in(field);
        return new Timestamp(parts.number("millis"), parts.number("counter"), parts.text("nodeId"));
    }

    /** The record in the field of that name. */
    LwwRecord<Value> record() {
        Frame record = in("record");
        Datum value = record.datumOf("value");
        return new LwwRecord<>(
                value instanceof Datum.Nil ? null : Value.of(value),
                record.timestamp("timestamp"),
                record.has("ttlMs") ? record.number("ttlMs") : 0);
    }
}
