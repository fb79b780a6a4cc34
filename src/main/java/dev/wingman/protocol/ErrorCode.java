package dev.wingman.protocol;

/** Why something was refused. Numbers are wire contract: append, never renumber. */
public enum ErrorCode {
    BAD_REQUEST(400, "bad_request"),
    UNAUTHENTICATED(401, "unauthenticated"),
    FORBIDDEN(403, "forbidden"),
    NOT_FOUND(404, "not_found"),
    METHOD_NOT_ALLOWED(405, "method_not_allowed"),
    TIMEOUT(408, "timeout"),
    TOO_LARGE(413, "too_large"),
    RATE_LIMITED(429, "rate_limited"),
    INTERNAL(500, "internal"),
    NOT_AVAILABLE(501, "not_available"),
    UNAVAILABLE(503, "unavailable"),
    STORAGE_FULL(507, "storage_full");

    private final int number;
    private final String text;

    ErrorCode(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** As it stands in ERROR messages and HTTP status lines. */
    public int number() {
        return number;
    }

    /** As it stands in the {@code code} of HTTP problems and in metric tags. */
    public String text() {
        return text;
    }
}
