package dev.wingman.security.policy;

import dev.wingman.protocol.MapName;

/**
 * Names of maps: segments between dots, where {@code *} stands for one segment, and alone for every
 * name.
 *
 * @param value such as {@code users.*}
 */
public record MapPattern(String value) {
    private static final String ANY = "*";

    /**
     * @throws dev.wingman.protocol.ProtocolException when no map could have such a name
     * @throws IllegalArgumentException when a star is only a part of a segment
     */
    public MapPattern {
        var _ = new MapName(value); // stars may stand in a name, too
        for (String segment : value.split("\\.", -1)) {
            if (segment.contains(ANY) && !segment.equals(ANY)) {
                throw new IllegalArgumentException(
                        "a * stands for a whole segment, as in users.*, or alone for every map");
            }
        }
    }

    public boolean matches(MapName map) {
        String name = map.value();
        if (value.equals(ANY)) {
            return true;
        }
        int at = 0;
        int from = 0;
        while (true) {
            int patternEnd = end(value, at);
            int nameEnd = end(name, from);
            boolean isStar = patternEnd - at == 1 && value.charAt(at) == '*';
            boolean fits =
                    isStar
                            || (patternEnd - at == nameEnd - from
                                    && value.regionMatches(at, name, from, nameEnd - from));
            boolean isLast = patternEnd == value.length();
            if (!fits || isLast != (nameEnd == name.length())) {
                return false;
            }
            if (isLast) {
                return true;
            }
            at = patternEnd + 1;
            from = nameEnd + 1;
        }
    }

    private static int end(String text, int from) {
        int dot = text.indexOf('.', from);
        return dot < 0 ? text.length() : dot;
    }
}
