package dev.wingman.query;

import dev.wingman.protocol.Key;
import dev.wingman.protocol.ServerMessage.RowChange;
import dev.wingman.protocol.Value;
import org.jspecify.annotations.Nullable;

/**
 * What a client has to be told about one row.
 *
 * @param value as stored, before projection; null when the row left
 */
public record Change(RowChange kind, Key key, @Nullable Value value) {
    static Change enter(Row row) {
        return new Change(RowChange.ENTER, row.key(), row.value());
    }

    static Change update(Row row) {
        return new Change(RowChange.UPDATE, row.key(), row.value());
    }

    static Change leave(Row row) {
        return new Change(RowChange.LEAVE, row.key(), null);
    }
}
