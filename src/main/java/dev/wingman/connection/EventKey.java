package dev.wingman.connection;

import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;

/** The entry that an event is about: of two events with the same key, only the newer matters. */
public record EventKey(MapName map, Key key) {
    @Override
    public boolean equals(Object other) {
        return other instanceof EventKey that && key.equals(that.key) && map.equals(that.map);
    }

    @Override
    public int hashCode() {
        return map.hashCode() * 31 + key.hashCode();
    }
}
