package dev.wingman.storage.sql;

import java.sql.SQLException;

/** The database could not do what it was asked to. Its own words stay in the log. */
public final class DatabaseException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Problem problem;

    /** What can be answered to it. */
    public enum Problem {
        /** Not reachable, out of connections or too slow: the same request may succeed later. */
        UNAVAILABLE,
        /** A value that must be unique is there already. */
        DUPLICATE,
        /** A statement of ours was refused. */
        REFUSED
    }

    DatabaseException(Problem problem, SQLException cause) {
        this(problem, problem + ": " + cause.getMessage(), cause);
    }

    private DatabaseException(Problem problem, String message, Throwable cause) {
        super(message, cause);
        this.problem = problem;
    }

    /**
     * Its tables could not be brought up to date.
     *
     * @param where it is, in the words of who configured it
     */
    public static DatabaseException notOpened(String where, RuntimeException failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return new DatabaseException(
                Problem.UNAVAILABLE, where + ": " + root.getMessage(), failure);
    }

    public Problem problem() {
        return problem;
    }
}
