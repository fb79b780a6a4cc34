package dev.wingman.security;

import java.time.Instant;

/** What came of checking a token. */
public sealed interface TokenVerdict {
    /**
     * @param expiry as the token says; the leeway comes on top
     */
    record Verified(Principal principal, Instant expiry) implements TokenVerdict {}

    record Rejected(Reason reason) implements TokenVerdict {}

    /** Why a token does not count: for counters and logs, never for the client. */
    enum Reason {
        MALFORMED,
        /** Not signed, with another algorithm, or with another key. */
        SIGNATURE,
        EXPIRED,
        NOT_YET_VALID,
        ISSUER,
        AUDIENCE,
        /** {@code sub} or {@code exp} is missing, or a claim has the wrong type. */
        CLAIMS
    }
}
