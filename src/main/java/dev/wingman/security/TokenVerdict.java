package dev.wingman.security;

import java.time.Instant;

/** What came of checking a token. */
public sealed interface TokenVerdict {
    /**
     * @param validUntil the token's expiry with the leeway on top; {@link Instant#MAX} at most
     */
    record Verified(Principal principal, Instant validUntil) implements TokenVerdict {}

    record Rejected(Reason reason) implements TokenVerdict {}

    /**
     * All of it would do, but we do not know the key, and it may be a fresh one of its issuer: to
     * be told "try again", not "no".
     */
    record Undecided(PublishedKeys unread) implements TokenVerdict {}

    /** Why a token does not count: for counters and logs, never for the client. */
    enum Reason {
        MALFORMED,
        /** Not signed, with another algorithm, or with another key. */
        SIGNATURE,
        /** Not among the keys of its issuer, which were read after it came. */
        UNKNOWN_KEY,
        EXPIRED,
        NOT_YET_VALID,
        ISSUER,
        AUDIENCE,
        /** Good by itself, but its account is not any more. */
        REVOKED,
        /** {@code sub} or {@code exp} is missing, or a claim has the wrong type. */
        CLAIMS
    }
}
