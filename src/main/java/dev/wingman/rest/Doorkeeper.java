package dev.wingman.rest;

import dev.wingman.security.KeyedRateLimits;
import dev.wingman.security.KeyedRateLimits.Allowance;
import dev.wingman.security.RefusedException;
import dev.wingman.security.TokenVerdict;
import dev.wingman.security.account.Caller;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;

/** Lets in who has a token, and each only so often. */
@Authenticated
@Provider
@Priority(Priorities.AUTHENTICATION)
class Doorkeeper implements ContainerRequestFilter {
    private final RestServer server;
    private final Visit visit;

    Doorkeeper(RestServer server, Visit visit) {
        this.server = server;
        this.visit = visit;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        switch (TokenCheck.verdict(request)) {
            case TokenVerdict.Verified verified -> admit(verified);
            case TokenVerdict.Rejected _ -> throw unauthenticated();
            case TokenVerdict.Undecided _ -> throw TokenCheck.undecided();
        }
    }

    private void admit(TokenVerdict.Verified verified) {
        var caller = Caller.of(verified.principal());
        limit(server.limits().users(), caller.id().toString(), visit);
        visit.authenticated(current(caller, verified), verified.validUntil());
    }

    private static RefusedException unauthenticated() {
        return new RefusedException(
                RefusedException.Kind.UNAUTHENTICATED,
                "unauthenticated",
                "send a valid token as 'Authorization: Bearer <token>'");
    }

    /**
     * What an administrator changed after the login counts at once. Users of other issuers have no
     * account: their token alone says what they may do.
     */
    private Caller current(Caller caller, TokenVerdict.Verified verified) {
        boolean isOurs =
                caller.id().toString().equals(verified.principal().subject())
                        && caller.id().version() == 7;
        return isOurs
                ? new Caller(caller.id(), server.parts().accounts().current(caller.id()).roles())
                : caller;
    }

    /** Takes one request from the caller's share, and tells them what is left of it. */
    static void limit(KeyedRateLimits limits, String who, Visit visit) {
        Allowance allowance = limits.take(who);
        visit.answerWith(
                "RateLimit-Policy",
                "\"default\";q=%d;w=%d"
                        .formatted(limits.tokens(), KeyedRateLimits.seconds(limits.window())));
        visit.answerWith(
                "RateLimit",
                "\"default\";r=%d;t=%d"
                        .formatted(
                                allowance.remaining(),
                                KeyedRateLimits.seconds(allowance.untilFull())));
        if (!allowance.allowed()) {
            long seconds = KeyedRateLimits.seconds(allowance.untilNext());
            visit.answerWith("Retry-After", String.valueOf(seconds));
            throw new RefusedException(
                    RefusedException.Kind.LIMITED,
                    "rate_limited",
                    "too many requests: try again in " + seconds + " s");
        }
    }
}
