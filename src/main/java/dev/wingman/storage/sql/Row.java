package dev.wingman.storage.sql;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One row of a result, in the types that we use. Confined to its {@link Transaction.Reader}. */
public final class Row {
    private final ResultSet row;
    private final Dialect dialect;

    Row(ResultSet row, Dialect dialect) {
        this.row = row;
        this.dialect = dialect;
    }

    public String text(String column) throws SQLException {
        return Objects.requireNonNull(row.getString(column), column);
    }

    public @Nullable String textOrNull(String column) throws SQLException {
        return row.getString(column);
    }

    public long number(String column) throws SQLException {
        return row.getLong(column);
    }

    long number(int column) throws SQLException {
        return row.getLong(column);
    }

    public @Nullable Long numberOrNull(String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    public boolean flag(String column) throws SQLException {
        return row.getBoolean(column);
    }

    public UUID id(String column) throws SQLException {
        return dialect.uuid(Objects.requireNonNull(row.getObject(column), column));
    }

    public @Nullable UUID idOrNull(String column) throws SQLException {
        Object value = row.getObject(column);
        return value == null ? null : dialect.uuid(value);
    }

    public Instant time(String column) throws SQLException {
        return dialect.instant(Objects.requireNonNull(row.getObject(column), column));
    }

    public @Nullable Instant timeOrNull(String column) throws SQLException {
        Object value = row.getObject(column);
        return value == null ? null : dialect.instant(value);
    }
}
