package dev.wingman.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a decoded map, by type. Nil and missing are the same; a value of another type than
 * asked for breaks a rule.
 *
 * @param of what the map is, for the reason of a refusal
 */
record Fields(String of, Map<String, Datum> values) {
    /**
     * Encoded bytes of the largest map that is decoded as a whole: a tree takes many times the
     * memory of its bytes, and that of a live query stays for as long as the client does.
     */
    static final int MAX_BYTES = 64 * 1024;

    static Fields of(String what, Datum datum) {
        return switch (datum) {
            case Datum.Dictionary(Map<String, Datum> values) -> new Fields(what, values);
            case Datum.Nil _ -> new Fields(what, Map.of());
            case Datum _ -> throw broken(what + " is a map");
        };
    }

    @Nullable Datum value(String field) {
        return values.get(field);
    }

    private Datum valueOrNil(String field) {
        return values.getOrDefault(field, Datum.Nil.NIL);
    }

    @Nullable String text(String field) {
        return switch (valueOrNil(field)) {
            case Datum.Text(String text) -> text;
            case Datum.Nil _ -> null;
            case Datum _ -> throw broken(nameOf(field) + " is text");
        };
    }

    String requiredText(String field) {
        String text = text(field);
        if (text == null) {
            throw broken(nameOf(field) + " is missing");
        }
        return text;
    }

    /** 0 or more; null when absent. */
    @Nullable Long whole(String field) {
        return whole(field, 0);
    }

    /** Null when absent; refused when less. */
    @Nullable Long whole(String field, long least) {
        long number =
                switch (valueOrNil(field)) {
                    case Datum.Whole(long whole) -> whole;
                    case Datum.Real(double real) -> WireReader.asWhole(real);
                    case Datum.Nil _ -> least;
                    case Datum _ -> WireReader.NOT_WHOLE;
                };
        if (number < least) {
            throw broken(nameOf(field) + " is a whole number, " + least + " or more");
        }
        return valueOrNil(field) instanceof Datum.Nil ? null : number;
    }

    /** Empty when absent. */
    List<Datum> items(String field) {
        return switch (valueOrNil(field)) {
            case Datum.Sequence(List<Datum> items) -> items;
            case Datum.Nil _ -> List.of();
            case Datum _ -> throw broken(nameOf(field) + " is an array");
        };
    }

    /** Empty when absent. */
    List<String> texts(String field) {
        List<String> texts = new ArrayList<>();
        for (Datum item : items(field)) {
            if (!(item instanceof Datum.Text(String text))) {
                throw broken(nameOf(field) + " is an array of text");
            }
            texts.add(text);
        }
        return List.copyOf(texts);
    }

    /** Empty when absent. */
    Fields fields(String field) {
        return of(nameOf(field), valueOrNil(field));
    }

    private String nameOf(String field) {
        return of + "." + field;
    }

    private static ProtocolException broken(String rule) {
        return new ProtocolException(ErrorCode.BAD_REQUEST, rule);
    }
}
