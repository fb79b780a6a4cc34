package dev.wingman.security;

import java.util.List;
import java.util.Map;

/**
 * A request that is understood and not done. An exception, so that the transaction around it is
 * rolled back.
 */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Kind kind;
    private final String code;
    private final transient Map<String, List<String>> details;

    /** What the caller can do about it. */
    public enum Kind {
        /** Say who they are. */
        UNAUTHENTICATED,
        /** Ask somebody with more rights. */
        FORBIDDEN,
        /** Nothing: it is absent, or not theirs to see. */
        ABSENT,
        /** Look at the present state. */
        CONFLICT,
        /** Read again and decide anew. */
        STALE,
        /** Learn how to ask. */
        MALFORMED,
        /** Correct a value. */
        INVALID,
        /** Say which version they mean. */
        UNCONDITIONAL,
        /** Try again later. */
        BUSY,
        /** Ask less often. */
        LIMITED
    }

    public RefusedException(Kind kind, String code, String message) {
        this(kind, code, message, Map.of());
    }

    /**
     * @param code stable, for programs
     * @param message for people
     * @param details such as the moves that would be allowed, by their name
     */
    public RefusedException(
            Kind kind, String code, String message, Map<String, List<String>> details) {
        super(message, null, false, false); // ordinary, and thrown often: no stack trace
        this.kind = kind;
        this.code = code;
        this.details = details;
    }

    /** For what is absent and for what must look absent. */
    public static RefusedException absent(String what) {
        return new RefusedException(Kind.ABSENT, "not_found", "there is no such " + what);
    }

    public static RefusedException stale(long version) {
        return new RefusedException(
                Kind.STALE,
                "stale_version",
                "it has changed: read it again; its version is now " + version);
    }

    public static RefusedException invalid(String field, String message) {
        return new RefusedException(
                Kind.INVALID, "invalid", message, Map.of("field", List.of(field)));
    }

    public Kind kind() {
        return kind;
    }

    public String code() {
        return code;
    }

    public String message() {
        return String.valueOf(getMessage());
    }

    public Map<String, List<String>> details() {
        return details;
    }
}
