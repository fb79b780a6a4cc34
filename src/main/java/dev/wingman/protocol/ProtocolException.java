package dev.wingman.protocol;

/**
 * A peer sent something that breaks a rule; the message says which and may be shown to the peer.
 *
 * <p>It has no stack trace: it tells of the peer's bytes and not of our code, and a hostile peer
 * causes as many as it likes.
 */
public final class ProtocolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String reason;

    public ProtocolException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
        this.reason = message;
    }

    public ErrorCode code() {
        return code;
    }

    /** Never null, unlike that of other throwables. */
    @Override
    public String getMessage() {
        return reason;
    }
}
