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
        super(problem + ": " + cause.getMessage(), cause);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
