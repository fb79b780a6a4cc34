package dev.wingman.mission;

import java.util.List;

/** Tags as one text, each between line ends, so that one of them can be looked for. */
final class Tags {
    private static final String SEPARATOR = "\n";

    private Tags() {}

    /**
     * @param tags without line ends
     */
    static String stored(List<String> tags) {
        return tags.isEmpty()
                ? ""
                : SEPARATOR + String.join(SEPARATOR + SEPARATOR, tags) + SEPARATOR;
    }

    static List<String> of(String stored) {
        return stored.isEmpty()
                ? List.of()
                : List.of(stored.substring(1, stored.length() - 1).split("\n\n", -1));
    }
}
