package dev.wingman.query;

import dev.wingman.protocol.ErrorCode;

/** Unwinds a compilation; becomes {@link Compiled.Unsupported} and never leaves the package. */
final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    private final ErrorCode code;
    private final String reason;

    Refused(ErrorCode code, String reason) {
        super(reason, null, false, false);
        this.code = code;
        this.reason = reason;
    }

    Compiled.Unsupported answer() {
        return new Compiled.Unsupported(code, reason);
    }
}
