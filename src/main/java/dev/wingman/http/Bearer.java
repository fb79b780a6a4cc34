package dev.wingman.http;

import dev.wingman.protocol.ErrorCode;
import dev.wingman.security.Principal;
import dev.wingman.security.PublishedKeys;
import dev.wingman.security.TokenVerdict;
import dev.wingman.security.TokenVerifier;
import io.vertx.core.Context;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Who sends a request: whoever its token speaks for (RFC 6750). */
public final class Bearer {
    private static final String SCHEME = "Bearer ";

    private Bearer() {}

    /**
     * The token of a request; empty when there is none.
     *
     * @param header {@code Authorization}
     */
    public static String token(@Nullable String header) {
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? header.substring(SCHEME.length()).strip()
                : "";
    }

    /**
     * Lets a request in or answers it.
     *
     * @param then on the loop of the request, at once unless the keys of an issuer are read first
     */
    static void check(RoutingContext context, TokenVerifier tokens, Consumer<Principal> then) {
        String header = context.request().getHeader(HttpHeaders.AUTHORIZATION);
        CompletionStage<TokenVerdict> deciding = tokens.decide(token(header));
        TokenVerdict decided = deciding.toCompletableFuture().getNow(null);
        if (decided != null) {
            admit(context, decided, then);
            return;
        }
        context.request().pause(); // its body must not come before somebody listens
        Context loop = context.vertx().getOrCreateContext();
        var _ =
                deciding.whenComplete((verdict, error) ->
                        loop.runOnContext(_ -> {
                            if (context.response().ended() || context.response().closed()) {
                                return; // it took too long
                            }
                            if (verdict == null) {
                                context.fail(error);
                            } else {
                                admit(context, verdict, then);
                            }
                        }));
    }

    private static void admit(
            RoutingContext context, TokenVerdict verdict, Consumer<Principal> then) {
        switch (verdict) {
            case TokenVerdict.Verified(var principal, _) -> then.accept(principal);
            case TokenVerdict.Rejected _ -> {
                context.response().putHeader("WWW-Authenticate", "Bearer");
                context.fail(ErrorCode.UNAUTHENTICATED.number());
            }
            case TokenVerdict.Undecided _ -> {
                long seconds = PublishedKeys.RETRY.toSeconds();
                context.response().putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(seconds));
                Problem.of(
                                ErrorCode.UNAVAILABLE,
                                "the keys of the token's issuer cannot be read; try again in "
                                        + seconds
                                        + " s")
                        .send(context);
            }
        }
    }
}
