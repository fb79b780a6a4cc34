package dev.wingman.storage.sql;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Statements that take effect together. Values reach the database as parameters only.
 *
 * <p>Confined to the call of {@link Database#write} or {@link Database#read} that made it.
 */
public final class Transaction {
    private final Connection connection;
    private final Dialect dialect;
    private final List<Runnable> afterCommit = new ArrayList<>(0);

    Transaction(Connection connection, Dialect dialect) {
        this.connection = connection;
        this.dialect = dialect;
    }

    /** Makes a value of the row that the cursor is at. */
    @FunctionalInterface
    public interface Reader<T> {
        T read(Row row) throws SQLException;
    }

    public Dialect dialect() {
        return dialect;
    }

    /** All rows of a SELECT, or of a statement with RETURNING. */
    public <T> List<T> list(Reader<T> reader, String sql, @Nullable Object... parameters) {
        try (PreparedStatement statement = prepare(sql, parameters);
                ResultSet rows = statement.executeQuery()) {
            List<T> found = new ArrayList<>();
            var row = new Row(rows, dialect);
            while (rows.next()) {
                found.add(reader.read(row));
            }
            return found;
        } catch (SQLException e) {
            throw Database.failure(dialect, e);
        }
    }

    /** The first row. */
    public <T> Optional<T> first(Reader<T> reader, String sql, @Nullable Object... parameters) {
        return list(reader, sql, parameters).stream().findFirst();
    }

    /** The number in the only column of the only row. */
    public long number(String sql, @Nullable Object... parameters) {
        return first(row -> row.number(1), sql, parameters).orElseThrow();
    }

    /**
     * @return how many rows were changed
     */
    public int update(String sql, @Nullable Object... parameters) {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw Database.failure(dialect, e);
        }
    }

    /** Runs the action once the transaction is committed, and never when it is rolled back. */
    public void afterCommit(Runnable action) {
        afterCommit.add(action);
    }

    void committed() {
        afterCommit.forEach(Runnable::run);
    }

    private PreparedStatement prepare(String sql, @Nullable Object... parameters)
            throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        for (int i = 0; i < parameters.length; i++) {
            Object value = parameters[i];
            statement.setObject(i + 1, value == null ? null : dialect.bind(value));
        }
        return statement;
    }
}
