package dev.wingman.protocol;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Messages written as JSON, so that tests show what is on the wire. */
public final class Json {
    private Json() {}

    /** Whole numbers become {@link Datum.Whole}, fractions {@link Datum.Real}. */
    public static Datum datum(String json) {
        return datum(new JsonObject(json).getMap());
    }

    /** The MessagePack form, keys in the order given. */
    public static byte[] frame(String json) {
        return Value.of(datum(json)).encoded();
    }

    /** What the bytes say to JavaScript, which does not tell 1.0 from 1. */
    public static Datum decoded(byte[] frame) {
        return withWholeNumbers(Datum.of(Value.ofEncoded(frame)));
    }

    /** The bytes of a message as a JSON object. */
    public static JsonObject object(byte[] frame) {
        return decoded(frame) instanceof Datum.Dictionary message
                ? object(message)
                : new JsonObject();
    }

    private static JsonObject object(Datum.Dictionary dictionary) {
        var object = new JsonObject();
        dictionary.fields().forEach((name, value) -> object.put(name, tree(value)));
        return object;
    }

    private static @Nullable Object tree(Datum datum) {
        return switch (datum) {
            case Datum.Nil _ -> null;
            case Datum.Bool(boolean value) -> value;
            case Datum.Whole(long value) -> value;
            case Datum.Real(double value) -> value;
            case Datum.Text(String value) -> value;
            case Datum.Sequence(List<Datum> items) -> {
                var array = new JsonArray();
                items.forEach(item -> array.add(tree(item)));
                yield array;
            }
            case Datum.Dictionary dictionary -> object(dictionary);
            case Datum.Binary(Value raw) -> raw.encoded();
        };
    }

    private static Datum withWholeNumbers(Datum datum) {
        return switch (datum) {
            case Datum.Real(double value) when value == Math.rint(value) ->
                    new Datum.Whole((long) value);
            case Datum.Sequence(List<Datum> items) ->
                    new Datum.Sequence(items.stream().map(Json::withWholeNumbers).toList());
            case Datum.Dictionary(Map<String, Datum> fields) -> {
                Map<String, Datum> values = new LinkedHashMap<>();
                fields.forEach((name, value) -> values.put(name, withWholeNumbers(value)));
                yield new Datum.Dictionary(values);
            }
            case Datum.Nil _, Datum.Bool _, Datum.Whole _, Datum.Real _, Datum.Text _ -> datum;
            case Datum.Binary _ -> datum;
        };
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
