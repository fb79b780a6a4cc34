package dev.wingman.recorder;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Locale;
import java.util.Set;

/**
 * Replaces the values of certain keys in JSON that comes byte by byte: alone, line by line, in the
 * events of a stream, or in other text. Every other byte stays as it is. Strings become {@code
 * "REDACTED"}, numbers 0, booleans false; in objects and arrays every value inside does, so that
 * places and counts stay.
 *
 * <p>It looks for a string and a colon after it rather than parse, since it must not stumble over
 * what is no JSON. Confined to one thread.
 */
final class JsonKeyFilter {
    private static final int MAX_KEY_BYTES = 256;
    private static final int MAX_DEPTH = 1000;
    private static final byte[] STRING = "\"REDACTED\"".getBytes(StandardCharsets.US_ASCII);

    private enum State {
        /** Between tokens. */
        TEXT,
        STRING,
        AFTER_STRING,
        /** The value of the key comes next. */
        VALUE,
        DROPPED_STRING,
        DROPPED_SCALAR
    }

    private final Set<String> keys;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream string = new ByteArrayOutputStream();
    private State state = State.TEXT;
    private boolean escaped;

    /** Containers that we are in and whose values are replaced; a set bit is an object. */
    private final BitSet objects = new BitSet();

    private int depth;
    private boolean keyExpected;

    /**
     * @param keys as {@link #normal} makes them
     */
    JsonKeyFilter(Set<String> keys) {
        this.keys = keys;
    }

    /** Case and the signs {@code _} and {@code -} make no difference between keys. */
    static String normal(String key) {
        return key.replace("_", "").replace("-", "").toLowerCase(Locale.ROOT);
    }

    /** What is to be passed on of the piece and of what waited before it. */
    byte[] filter(byte[] piece) {
        out.reset();
        for (byte b : piece) {
            accept(b);
        }
        return out.toByteArray();
    }

    private void accept(byte b) {
        switch (state) {
            case TEXT -> text(b);
            case STRING -> string(b);
            case AFTER_STRING -> afterString(b);
            case VALUE -> value(b);
            case DROPPED_STRING -> droppedString(b);
            case DROPPED_SCALAR -> {
                if (!isScalar(b)) {
                    state = State.TEXT;
                    text(b);
                }
            }
        }
    }

    private void text(byte b) {
        if (depth > 0 && b == '"' && !keyExpected) {
            value(b);
        } else if (b == '"') {
            begin();
            out.write(b);
        } else if (depth > 0) {
            inside(b);
        } else {
            out.write(b);
        }
    }

    /** Between the tokens of a container whose values are replaced. */
    private void inside(byte b) {
        switch (b) {
            case '{', '[' -> open(b);
            case '}', ']' -> {
                depth--;
                keyExpected = false;
                out.write(b);
            }
            case ',' -> {
                keyExpected = objects.get(depth);
                out.write(b);
            }
            default -> {
                if (isScalar(b)) {
                    value(b);
                } else {
                    out.write(b);
                }
            }
        }
    }

    private void open(byte b) {
        if (depth < MAX_DEPTH) {
            depth++;
            objects.set(depth, b == '{');
            keyExpected = b == '{';
        }
        state = State.TEXT;
        out.write(b);
    }

    private void value(byte b) {
        switch (b) {
            case ' ', '\t', '\r', '\n' -> out.write(b);
            case '"' -> {
                out.writeBytes(STRING);
                escaped = false;
                state = State.DROPPED_STRING;
            }
            case '{', '[' -> open(b);
            case 'n' -> {
                out.write(b);
                state = State.TEXT;
            }
            case 't', 'f' -> drop("false");
            default -> {
                if (b == '-' || (b >= '0' && b <= '9')) {
                    drop("0");
                } else {
                    out.write(b);
                    state = State.TEXT;
                }
            }
        }
    }

    private void drop(String instead) {
        out.writeBytes(instead.getBytes(StandardCharsets.US_ASCII));
        state = State.DROPPED_SCALAR;
    }

    private static boolean isScalar(byte b) {
        return (b >= '0' && b <= '9')
                || (b >= 'a' && b <= 'z')
                || b == '-'
                || b == '+'
                || b == '.'
                || b == 'E';
    }

    private void begin() {
        string.reset();
        escaped = false;
        state = State.STRING;
    }

    private void string(byte b) {
        out.write(b);
        if (escaped) {
            escaped = false;
            keep(b);
        } else if (b == '"') {
            state = State.AFTER_STRING;
        } else if (b == '\n') {
            state = State.TEXT; // no string of JSON goes over a line
        } else {
            escaped = b == '\\';
            keep(b);
        }
    }

    private void keep(byte b) {
        if (string.size() <= MAX_KEY_BYTES) {
            string.write(b);
        }
    }

    private void afterString(byte b) {
        switch (b) {
            case ' ', '\t', '\r', '\n' -> out.write(b);
            case ':' -> {
                out.write(b);
                keyExpected = false;
                state = depth == 0 && isSensitive() ? State.VALUE : State.TEXT;
            }
            case ',', '}', ']' -> {
                state = State.TEXT;
                text(b);
            }
            case '"' -> {
                begin();
                out.write(b);
            }
            default -> {
                // In JSON nothing else follows a string: what seemed its end was the beginning.
                begin();
                string(b);
            }
        }
    }

    private boolean isSensitive() {
        return keys.contains(normal(unescaped(string.toString(StandardCharsets.UTF_8))));
    }

    private static String unescaped(String key) {
        if (key.indexOf('\\') < 0) {
            return key;
        }
        var plain = new StringBuilder();
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == '\\' && key.startsWith("u", i + 1) && i + 5 < key.length()) {
                plain.append(unicode(key.substring(i + 2, i + 6)));
                i += 5;
            } else if (c != '\\') {
                plain.append(c);
            }
        }
        return plain.toString();
    }

    private static String unicode(String hex) {
        try {
            return String.valueOf((char) Integer.parseInt(hex, 16));
        } catch (NumberFormatException e) {
            return hex;
        }
    }

    private void droppedString(byte b) {
        if (escaped) {
            escaped = false;
        } else if (b == '\\') {
            escaped = true;
        } else if (b == '"') {
            state = State.TEXT;
        }
    }
}
