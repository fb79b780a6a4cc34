package dev.wingman.protocol;

import java.util.Locale;

/** Which CRDT the entries of a map are. */
public enum MapType {
    LWW,
    OR;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** As it stands on the wire. */
    public String text() {
        return text;
    }
}
