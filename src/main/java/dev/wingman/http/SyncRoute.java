package dev.wingman.http;

import dev.wingman.lifecycle.HealthState;
import dev.wingman.lifecycle.InFlightGuard;
import dev.wingman.lifecycle.ShutdownController;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.ProtocolException;
import dev.wingman.protocol.SyncRequest;
import dev.wingman.security.TokenVerdict;
import dev.wingman.security.TokenVerifier;
import dev.wingman.sync.HttpSync;
import dev.wingman.sync.SyncServer;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.TimeoutHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code POST /sync}. */
public final class SyncRoute {
    private static final String PATH = "/sync";
    private static final String BEARER = "Bearer ";

    /**
     * Limits of one request.
     *
     * @param maxBodyBytes larger bodies are refused, however they are sent
     */
    public record Limits(int maxBodyBytes, Duration timeout) {}

    private final ShutdownController lifecycle;
    private final Supplier<SyncServer> server;
    private final Limits limits;

    /**
     * @param server asked only when the server is ready or draining
     */
    public SyncRoute(ShutdownController lifecycle, Supplier<SyncServer> server, Limits limits) {
        this.lifecycle = lifecycle;
        this.server = server;
        this.limits = limits;
    }

    public void install(Router router) {
        HttpLayers.permit(router, PATH, HttpMethod.POST);
        router.post(PATH)
                .handler(
                        TimeoutHandler.create(
                                limits.timeout().toMillis(), ErrorCode.TIMEOUT.number()))
                .handler(this::refuseUnlessServing)
                .handler(this::authenticate)
                .handler(new BodyReader(limits.maxBodyBytes(), this::sync));
    }

    private void refuseUnlessServing(RoutingContext context) {
        HealthState state = lifecycle.healthState();
        if (state == HealthState.READY || state == HealthState.DRAINING) {
            context.next();
            return;
        }
        context.response().putHeader("Retry-After", "1");
        Problem.of(ErrorCode.UNAVAILABLE, "the server is " + state.text() + "; try again soon")
                .send(context);
    }

    private void authenticate(RoutingContext context) {
        TokenVerifier tokens = server.get().tokens();
        String header = context.request().getHeader("Authorization");
        String token =
                header != null && header.regionMatches(true, 0, BEARER, 0, BEARER.length())
                        ? header.substring(BEARER.length()).strip()
                        : "";
        if (tokens == null || tokens.verify(token) instanceof TokenVerdict.Verified) {
            context.next();
            return;
        }
        context.response().putHeader("WWW-Authenticate", "Bearer");
        context.fail(ErrorCode.UNAUTHENTICATED.number());
    }

    private void sync(RoutingContext context, Buffer body) {
        SyncRequest request;
        try {
            request = server.get().codec().decodeSyncRequest(body.getBytes());
        } catch (ProtocolException e) {
            Problem.of(e.code(), String.valueOf(e.getMessage())).send(context);
            return;
        }
        Context loop = context.vertx().getOrCreateContext();
        InFlightGuard inFlight = lifecycle.inFlightGuard();
        var _ =
                CompletableFuture.completedFuture(request)
                        .thenCompose(new HttpSync(server.get())::answer)
                        .thenApply(server.get().codec()::encode)
                        .whenComplete((answer, error) ->
                                loop.runOnContext(_ -> {
                                    try (inFlight) {
                                        finish(context, answer, error);
                                    }
                                }));
    }

    /** On the loop of the request, where its time-out fires as well. */
    private static void finish(
            RoutingContext context, byte @Nullable [] answer, @Nullable Throwable error) {
        if (answer == null) {
            context.fail(error);
        } else if (!context.response().ended() && !context.response().closed()) {
            context.response()
                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/msgpack")
                    .end(Buffer.buffer(answer));
        }
    }
}
