package dev.wingman.recorder;

import java.nio.charset.StandardCharsets;

/**
 * A secret text to look for, as it is or written with the escapes of URLs ({@code %2F}, {@code +})
 * and of JSON ({@code \/}, {@code \}{@code u00e9}), mixed as they come.
 */
final class Literal {
    /** One byte may be written as six characters. */
    static final int MAX_EXPANSION = 6;

    /** No byte. */
    private static final int NONE = 1000;

    private static final String SIMPLE_ESCAPES = "\"\\/bfnrt";
    private static final byte[] SIMPLE_VALUES = {'"', '\\', '/', '\b', '\f', '\n', '\r', '\t'};

    private final byte[] bytes;

    Literal(String secret) {
        this.bytes = secret.getBytes(StandardCharsets.UTF_8);
    }

    int length() {
        return bytes.length;
    }

    /** The longest text it may be written as. */
    int longest() {
        return bytes.length * MAX_EXPANSION;
    }

    /** Whether a text that begins with this byte may be this secret. */
    boolean mayBeginWith(byte first) {
        return first == bytes[0] || first == '%' || first == '\\' || first == '+';
    }

    /**
     * @param to end of the text
     * @return where the secret that begins at {@code at} ends, or -1 when there is none
     */
    int endOfMatch(byte[] text, int at, int to) {
        return Math.max(matchPlain(text, at, to), matchEscaped(text, at, to));
    }

    private int matchPlain(byte[] text, int at, int to) {
        if (bytes.length > to - at) {
            return -1;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (text[at + i] != bytes[i]) {
                return -1;
            }
        }
        return at + bytes.length;
    }

    private int matchEscaped(byte[] text, int at, int to) {
        int place = at;
        int matched = 0;
        while (matched < bytes.length) {
            if (place >= to) {
                return -1;
            }
            byte c = text[place];
            if (c == '\\' && place + 5 < to && text[place + 1] == 'u') {
                byte[] encoded = unicode(text, place, to);
                if (!continuesWith(encoded, matched)) {
                    return -1;
                }
                matched += encoded.length;
                place += encoded.length == 4 ? 12 : 6;
            } else if (escapedAt(text, place, to) == bytes[matched] && isEscape(c)) {
                place += c == '%' ? 3 : c == '\\' ? 2 : 1;
                matched++;
            } else if (c == bytes[matched]) {
                place++;
                matched++;
            } else {
                return -1;
            }
        }
        return place;
    }

    private static boolean isEscape(byte c) {
        return c == '%' || c == '\\' || c == '+';
    }

    /** The byte that the escape at this place stands for, or {@link #NONE}. */
    private static int escapedAt(byte[] text, int at, int to) {
        return switch (text[at]) {
            case '+' -> ' ';
            case '%' -> {
                int value = at + 2 < to ? hex(text, at + 1, 2) : -1;
                yield value < 0 ? NONE : (byte) value;
            }
            case '\\' -> {
                int known = at + 1 < to ? SIMPLE_ESCAPES.indexOf(text[at + 1]) : -1;
                yield known < 0 ? NONE : SIMPLE_VALUES[known];
            }
            default -> NONE;
        };
    }

    /** The character of one escape, or of two that are a pair, in UTF-8. */
    private static byte[] unicode(byte[] text, int at, int to) {
        int unit = hex(text, at + 2, 4);
        String character = unit < 0 ? "" : String.valueOf((char) unit);
        boolean paired =
                unit >= 0
                        && Character.isHighSurrogate((char) unit)
                        && at + 11 < to
                        && text[at + 6] == '\\'
                        && text[at + 7] == 'u';
        if (paired) {
            int low = hex(text, at + 8, 4);
            character += low < 0 ? "" : String.valueOf((char) low);
        }
        return character.getBytes(StandardCharsets.UTF_8);
    }

    private boolean continuesWith(byte[] part, int from) {
        if (part.length == 0 || part.length > bytes.length - from) {
            return false;
        }
        for (int i = 0; i < part.length; i++) {
            if (bytes[from + i] != part[i]) {
                return false;
            }
        }
        return true;
    }

    private static int hex(byte[] text, int at, int digits) {
        int value = 0;
        for (int i = at; i < at + digits; i++) {
            int digit = Character.digit(text[i], 16);
            if (digit < 0) {
                return -1;
            }
            value = value * 16 + digit;
        }
        return value;
    }

    /** The secret itself is shown to nobody. */
    @Override
    public String toString() {
        return "Literal[" + bytes.length + " bytes]";
    }
}
