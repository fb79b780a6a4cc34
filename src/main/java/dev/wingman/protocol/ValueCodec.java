package dev.wingman.protocol;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.msgpack.value.ValueType;

/** Between {@link Value} and {@link Datum}. */
final class ValueCodec {
    private ValueCodec() {}

    static Datum decode(Value value) {
        try (WireReader in = WireReader.over(value.encoded())) {
            return read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Consumes the next value. Recursive: {@link Structure#MAX_DEPTH} bounds the depth. */
    static Datum read(WireReader in) throws IOException {
        return switch (in.nextType()) {
            case NIL -> {
                in.skip();
                yield Datum.Nil.NIL;
            }
            case BOOLEAN -> new Datum.Bool(in.bool());
            case INTEGER, FLOAT -> in.number();
            case STRING -> new Datum.Text(in.key());
            case BINARY, EXTENSION -> new Datum.Binary(in.value());
            case ARRAY -> sequence(in);
            case MAP -> dictionary(in);
        };
    }

    private static Datum sequence(WireReader in) throws IOException {
        int size = in.arraySize();
        List<Datum> items = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            items.add(read(in));
        }
        return new Datum.Sequence(Collections.unmodifiableList(items));
    }

    private static Datum dictionary(WireReader in) throws IOException {
        Map<String, Datum> fields = new LinkedHashMap<>();
        for (int left = in.mapSize(); left > 0; left--) {
            fields.put(nameOf(read(in)), read(in));
        }
        return new Datum.Dictionary(Collections.unmodifiableMap(fields));
    }

    private static String nameOf(Datum key) {
        return switch (key) {
            case Datum.Nil _ -> "null";
            case Datum.Bool(boolean value) -> Boolean.toString(value);
            case Datum.Whole(long value) -> Long.toString(value);
            case Datum.Real(double value) -> Double.toString(value);
            case Datum.Text(String value) -> value;
            case Datum.Binary _, Datum.Sequence _, Datum.Dictionary _ -> key.toString();
        };
    }

    static Value encode(Datum datum) {
        return Value.ofEncoded(WireWriter.encode(out -> write(out, datum)));
    }

    private static void write(WireWriter out, Datum datum) throws IOException {
        switch (datum) {
            case Datum.Nil _ -> out.nil();
            case Datum.Bool(boolean value) -> out.flag(value);
            case Datum.Whole(long value) -> out.number(value);
            case Datum.Real(double value) -> out.number(value);
            case Datum.Text(String value) -> out.text(value);
            case Datum.Binary(Value raw) -> out.value(raw);
            case Datum.Sequence(List<Datum> items) -> {
                out.array(items.size());
                for (Datum item : items) {
                    write(out, item);
                }
            }
            case Datum.Dictionary(Map<String, Datum> fields) -> {
                out.map(fields.size());
                for (Map.Entry<String, Datum> field : fields.entrySet()) {
                    out.text(field.getKey());
                    write(out, field.getValue());
                }
            }
        }
    }

    /** A map with only those of its fields, in the order of the wire; anything else as it is. */
    static Value project(Value value, List<String> fields) {
        try (WireReader in = WireReader.over(value.encoded())) {
            return in.nextIs(ValueType.MAP) ? project(in, fields) : value;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Value project(WireReader in, List<String> fields) throws IOException {
        List<Value> parts = new ArrayList<>();
        for (int left = in.mapSize(); left > 0; left--) {
            int from = in.position();
            boolean wanted = fields.contains(in.key());
            in.skip();
            if (wanted) {
                parts.add(in.slice(from, in.position()));
            }
        }
        return Value.ofEncoded(
                WireWriter.encode(out -> {
                    out.map(parts.size());
                    for (Value part : parts) {
                        out.value(part);
                    }
                }));
    }
}
