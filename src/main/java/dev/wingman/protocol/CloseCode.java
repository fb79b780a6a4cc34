package dev.wingman.protocol;

/**
 * Why the server closes a WebSocket (RFC 6455, section 7.4). The client treats all alike: it
 * reconnects.
 */
public enum CloseCode {
    /** Idle or authentication time-out: the client's contract. */
    NORMAL(1000),
    PROTOCOL_ERROR(1002),
    /** The token was refused or has expired, or its subject may not do any more what it does. */
    POLICY_VIOLATION(1008),
    TOO_LARGE(1009),
    INTERNAL_ERROR(1011),
    SERVICE_RESTART(1012),
    /** The client reads too slowly. */
    TRY_AGAIN_LATER(1013);

    private final int number;

    CloseCode(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }
}
