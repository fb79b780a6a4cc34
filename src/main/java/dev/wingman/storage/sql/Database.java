package dev.wingman.storage.sql;

import dev.wingman.storage.sql.DatabaseException.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Accounts and missions as tables. Blocks on the database: never called on an event loop.
 *
 * <p>Thread-safe. SQLite has one writer at a time; waiting for it here is fairer than its own
 * polling.
 */
public final class Database {
    private static final Logger LOG = Logger.getLogger(Database.class);

    private final DataSource source;
    private final Dialect dialect;
    private final @Nullable ReentrantLock writer;

    /**
     * @param source its connections commit each statement unless told otherwise
     */
    public Database(DataSource source, Dialect dialect) {
        this.source = source;
        this.dialect = dialect;
        this.writer = dialect == Dialect.SQLITE ? new ReentrantLock(true) : null;
    }

    public Dialect dialect() {
        return dialect;
    }

    /**
     * Runs the work with what is committed at its beginning, or later for later statements.
     *
     * @throws DatabaseException when the database fails
     */
    public <T> T read(Function<Transaction, T> work) {
        try (Connection connection = source.getConnection()) {
            return work.apply(new Transaction(connection, dialect));
        } catch (SQLException e) {
            throw failure(dialect, e);
        }
    }

    /**
     * Runs the work and commits it, or rolls back what it did when it throws.
     *
     * @throws DatabaseException when the database fails; whether a commit took effect is unknown
     *     when the connection broke in the middle of it
     */
    public <T> T write(Function<Transaction, T> work) {
        if (writer == null) {
            return transact(work);
        }
        writer.lock();
        try {
            return transact(work);
        } finally {
            writer.unlock();
        }
    }

    private <T> T transact(Function<Transaction, T> work) {
        try (Connection connection = source.getConnection()) {
            connection.setAutoCommit(false);
            var transaction = new Transaction(connection, dialect);
            boolean done = false;
            try {
                T result = work.apply(transaction);
                connection.commit();
                done = true;
                transaction.committed();
                return result;
            } finally {
                if (!done) {
                    rollBack(connection);
                }
            }
        } catch (SQLException e) {
            throw failure(dialect, e);
        }
    }

    /** What made us roll back is what the caller hears; a broken connection has rolled back. */
    private static void rollBack(Connection connection) {
        try {
            connection.rollback();
        } catch (SQLException broken) {
            LOG.debugf("not rolled back error=%s", broken.getMessage());
        }
    }

    static DatabaseException failure(Dialect dialect, SQLException e) {
        return new DatabaseException(problem(dialect, e), e);
    }

    /** Class 08 is a broken connection, 53 no resources, 57 a server that stops. */
    private static Problem problem(Dialect dialect, SQLException e) {
        if (dialect.isDuplicate(e)) {
            return Problem.DUPLICATE;
        }
        String state = String.valueOf(e.getSQLState());
        boolean isOurs =
                dialect == Dialect.POSTGRESQL
                        && e.getSQLState() != null
                        && !state.matches("(08|53|57|40|55).*");
        return isOurs ? Problem.REFUSED : Problem.UNAVAILABLE;
    }
}
