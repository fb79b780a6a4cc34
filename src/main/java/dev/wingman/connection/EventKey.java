package dev.wingman.connection;

import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;

/** The entry that an event is about: of two events with the same key, only the newer matters. */
public record EventKey(MapName map, Key key) {}
