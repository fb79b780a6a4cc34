package dev.wingman.protocol;

import java.util.Locale;
import java.util.Optional;

/** Which CRDT the entries of a map are. */
public enum MapType {
    LWW,
    OR;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** As it stands on the wire. */
    public String text() {
        return text;
    }

    static Optional<MapType> of(String text) {
        for (MapType type : values()) {
            if (type.text.equals(text)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
