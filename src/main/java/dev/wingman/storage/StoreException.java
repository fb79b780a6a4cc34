package dev.wingman.storage;

import org.jspecify.annotations.Nullable;

/** The store could not do what was asked; the message says why and what to do. */
public final class StoreException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** What kind of trouble it is. */
    public enum Problem {
        DISK_FULL,
        /** Another process has the directory open. */
        LOCKED,
        /** Stored bytes are not what was written. */
        DAMAGED,
        /** Written by a later version of Wingman. */
        NEWER_FORMAT,
        /** The batch was built on a commit that failed, whose failure is the cause. */
        STALE_EPOCH,
        CLOSED,
        IO
    }

    private final Problem problem;

    public StoreException(Problem problem, String message) {
        this(problem, message, null);
    }

    public StoreException(Problem problem, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.problem = problem;
    }

    public Problem problem() {
        return problem;
    }
}
