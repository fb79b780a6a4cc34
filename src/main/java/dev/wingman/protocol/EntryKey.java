package dev.wingman.protocol;

/** Which entry of all maps. */
public record EntryKey(MapName map, Key key) {
    @Override
    public boolean equals(Object other) {
        return other instanceof EntryKey that && key.equals(that.key) && map.equals(that.map);
    }

    @Override
    public int hashCode() {
        return map.hashCode() * 31 + key.hashCode();
    }
}
