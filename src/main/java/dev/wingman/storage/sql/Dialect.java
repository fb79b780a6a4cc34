package dev.wingman.storage.sql;

import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.UUID;

/** Where the two databases differ. */
public enum Dialect {
    SQLITE("instr", "") {
        @Override
        Object bind(Object value) {
            return switch (value) {
                case UUID id -> id.toString();
                case Instant time -> time.toEpochMilli();
                default -> value;
            };
        }

        @Override
        UUID uuid(Object column) {
            return UUID.fromString((String) column);
        }

        @Override
        Instant instant(Object column) {
            return Instant.ofEpochMilli(((Number) column).longValue());
        }

        // The primary code, alone or with an extension in higher bits.
        @Override
        boolean isDuplicate(SQLException failure) {
            return isConstraint(failure) && String.valueOf(failure.getMessage()).contains("UNIQUE");
        }

        private static boolean isConstraint(SQLException failure) {
            return (failure.getErrorCode() & 0xFF) == 19;
        }
    },
    POSTGRESQL("strpos", " FOR UPDATE") {
        @Override
        Object bind(Object value) {
            return value instanceof Instant time
                    ? OffsetDateTime.ofInstant(time, ZoneOffset.UTC)
                    : value;
        }

        @Override
        UUID uuid(Object column) {
            return (UUID) column;
        }

        @Override
        Instant instant(Object column) {
            return ((Timestamp) column).toInstant();
        }

        @Override
        boolean isDuplicate(SQLException failure) {
            return "23505".equals(failure.getSQLState());
        }
    };

    private final String position;
    private final String forUpdate;

    Dialect(String position, String forUpdate) {
        this.position = position;
        this.forUpdate = forUpdate;
    }

    abstract Object bind(Object value);

    abstract UUID uuid(Object column);

    abstract Instant instant(Object column);

    abstract boolean isDuplicate(SQLException failure);

    /** A condition with one parameter: the column has it somewhere in its text. */
    public String contains(String column) {
        return position + "(" + column + ", ?) > 0";
    }

    /** Ends a SELECT whose rows nobody else may change before the transaction ends. */
    public String forUpdate() {
        return forUpdate;
    }
}
