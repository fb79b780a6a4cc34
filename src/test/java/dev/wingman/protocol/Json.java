package dev.wingman.protocol;

import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Messages written as JSON, so that tests show what is on the wire. */
final class Json {
    private Json() {}

    /** Whole numbers become {@link Datum.Whole}, fractions {@link Datum.Real}. */
    static Datum datum(String json) {
        return datum(new JsonObject(json).getMap());
    }

    /** The MessagePack form, keys in the order given. */
    static byte[] frame(String json) {
        return Value.of(datum(json)).encoded();
    }

    /** What the bytes say. */
    static Datum decoded(byte[] frame) {
        return Datum.of(Value.ofEncoded(frame));
    }

    private static Datum datum(@Nullable Object json) {
        return switch (json) {
            case null -> Datum.Nil.NIL;
            case Boolean value -> new Datum.Bool(value);
            case Integer value -> new Datum.Whole(value);
            case Long value -> new Datum.Whole(value);
            case Double value -> new Datum.Real(value);
            case String value -> new Datum.Text(value);
            case List<?> items -> new Datum.Sequence(items.stream().map(Json::datum).toList());
            case Map<?, ?> fields -> {
                Map<String, Datum> values = new LinkedHashMap<>();
                fields.forEach((name, value) -> values.put((String) name, datum(value)));
                yield new Datum.Dictionary(values);
            }
            default -> throw new IllegalArgumentException(json.getClass().getName());
        };
    }
}
