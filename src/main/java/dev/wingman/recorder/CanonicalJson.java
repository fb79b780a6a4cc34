package dev.wingman.recorder;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * JSON in one form whatever the order of its keys and its white space, after RFC 8785 except that
 * numbers stay the text they are: 1 and 1.0 differ, and no digit is lost.
 *
 * <p>Keys that occur twice stay in their order. Nesting deeper than 1,000 is no JSON here.
 */
final class CanonicalJson {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final int FIRST_PRINTABLE = 0x20;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private CanonicalJson() {}

    /** Empty when the bytes are not one JSON value. */
    static Optional<byte[]> of(byte[] json) {
        var form = new CanonicalJson();
        try (JsonParser parser = FACTORY.createParser(json)) {
            if (parser.nextToken() == null) {
                return Optional.empty();
            }
            form.write(value(parser));
            return parser.nextToken() == null
                    ? Optional.of(form.out.toByteArray())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** A scalar in its final text. */
    private record Scalar(String text) {}

    private static Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> new Scalar(quoted(parser.getText()));
            default -> new Scalar(parser.getText());
        };
    }

    private static List<Map.Entry<String, Object>> object(JsonParser parser) throws IOException {
        List<Map.Entry<String, Object>> fields = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            parser.nextToken();
            fields.add(Map.entry(key, value(parser)));
        }
        fields.sort(Comparator.comparing(Map.Entry::getKey));
        return fields;
    }

    private static Object[] array(JsonParser parser) throws IOException {
        List<Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser));
        }
        return items.toArray();
    }

    private void write(Object value) {
        switch (value) {
            case Scalar(var text) -> put(text);
            case Object[] items -> {
                String separator = "[";
                for (Object item : items) {
                    put(separator);
                    write(item);
                    separator = ",";
                }
                put(items.length == 0 ? "[]" : "]");
            }
            case List<?> fields -> {
                String separator = "{";
                for (Object field : fields) {
                    var entry = (Map.Entry<?, ?>) field;
                    put(separator + quoted((String) entry.getKey()) + ":");
                    write(entry.getValue());
                    separator = ",";
                }
                put(fields.isEmpty() ? "{}" : "}");
            }
            default -> throw new IllegalStateException("not made here: " + value.getClass());
        }
    }

    private static String quoted(String text) {
        var quoted = new StringBuilder(text.length() + 2).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < FIRST_PRINTABLE) {
                quoted.append(String.format("\\u%04x", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    private void put(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("memory does not fail", e);
        }
    }
}
