package dev.wingman.sync.sim;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A query of the simulation, and what it means in the plainest words.
 *
 * @param below only values whose {@code n} is smaller; {@link Integer#MAX_VALUE} asks for all
 * @param sorted by {@code n}, largest first, and by key where that is equal
 */
record Question(MapName map, int below, boolean sorted, int limit) {
    Frame encoded() {
        var predicate = Frame.with("op", "lt", "attribute", "n", "value", below);
        var sort = List.of(Frame.with("field", "n", "direction", "desc"));
        return Frame.with(
                "predicate", below == Integer.MAX_VALUE ? null : predicate,
                "sort", sorted ? sort : null,
                "limit", limit);
    }

    boolean matches(Frame value) {
        return value.number("n") < below;
    }

    Comparator<Map.Entry<Key, Datum>> order() {
        Comparator<Map.Entry<Key, Datum>> byKey = Comparator.comparing(row -> row.getKey().value());
        Comparator<Map.Entry<Key, Datum>> byNumber =
                Comparator.comparingLong(row -> -Frame.of(row.getValue()).number("n"));
        return sorted ? byNumber.thenComparing(byKey) : byKey;
    }
}
