package dev.wingman.rest;

import dev.wingman.http.Bearer;
import dev.wingman.security.RefusedException;
import dev.wingman.security.TokenVerdict;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.util.concurrent.CompletionStage;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveContainerRequestContext;

/**
 * Checks the token for the {@link Doorkeeper}. A filter of its own: a request may have to wait for
 * the keys of an issuer here, without a thread.
 */
@Authenticated
@Provider
@Priority(Priorities.AUTHENTICATION - 1)
class TokenCheck implements ContainerRequestFilter {
    private static final String VERDICT = TokenVerdict.class.getName();

    private final RestServer server;

    TokenCheck(RestServer server) {
        this.server = server;
    }

    @Override
    public void filter(ContainerRequestContext request) {
        String token = Bearer.token(request.getHeaderString(HttpHeaders.AUTHORIZATION));
        CompletionStage<TokenVerdict> deciding = server.parts().tokens().decide(token);
        TokenVerdict decided = deciding.toCompletableFuture().getNow(null);
        if (decided != null) {
            request.setProperty(VERDICT, decided);
            return;
        }
        var waiting = (ResteasyReactiveContainerRequestContext) request;
        waiting.suspend();
        var _ =
                deciding.whenComplete((verdict, error) -> {
                    if (verdict == null) {
                        waiting.resume(error);
                    } else {
                        request.setProperty(VERDICT, verdict);
                        waiting.resume();
                    }
                });
    }

    static RefusedException undecided() {
        return new RefusedException(
                RefusedException.Kind.BUSY,
                "unavailable",
                "the keys of the token's issuer cannot be read; try again soon");
    }

    static TokenVerdict verdict(ContainerRequestContext request) {
        return (TokenVerdict) request.getProperty(VERDICT);
    }
}
