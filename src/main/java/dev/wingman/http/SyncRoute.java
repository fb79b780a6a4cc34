package dev.wingman.http;

import dev.wingman.connection.Admission;
import dev.wingman.lifecycle.InFlightGuard;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.ProtocolException;
import dev.wingman.protocol.SyncRequest;
import dev.wingman.security.Principal;
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

    /**
     * Limits of one request.
     *
     * @param maxBodyBytes larger bodies are refused, however they are sent
     */
    public record Limits(int maxBodyBytes, Duration timeout) {}

    /**
     * Who lets requests in, and has the stop wait for those that are.
     *
     * @param admission of one more request
     * @param inFlight a guard for one that was let in
     */
    public record Gate(Supplier<Admission> admission, Supplier<InFlightGuard> inFlight) {}

    private final Gate gate;
    private final Supplier<SyncServer> server;
    private final Limits limits;

    /**
     * @param server asked only for requests that are let in
     */
    public SyncRoute(Gate gate, Supplier<SyncServer> server, Limits limits) {
        this.gate = gate;
        this.server = server;
        this.limits = limits;
    }

    public void install(Router router) {
        HttpLayers.permit(router, PATH, HttpMethod.POST);
        router.post(PATH)
                .handler(
                        TimeoutHandler.create(
                                limits.timeout().toMillis(), ErrorCode.TIMEOUT.number()))
                .handler(this::admit);
    }

    /** One request that was let in. Confined to its loop. */
    private final class Exchange {
        private final RoutingContext context;
        private final InFlightGuard inFlight;

        /** The work ends in its own time, even when nobody waits for its answer any more. */
        private boolean working;

        Exchange(RoutingContext context, InFlightGuard inFlight) {
            this.context = context;
            this.inFlight = inFlight;
            context.addEndHandler(_ -> {
                if (!working) {
                    inFlight.close();
                }
            });
        }

        void run() {
            TokenVerifier tokens = server.get().tokens();
            if (tokens == null) {
                read(null);
            } else {
                Bearer.check(context, tokens, this::read);
            }
        }

        private void read(@Nullable Principal who) {
            new BodyReader(limits.maxBodyBytes(), (_, body) -> sync(who, body)).handle(context);
        }

        private void sync(@Nullable Principal who, Buffer body) {
            SyncRequest request;
            try {
                request = server.get().codec().decodeSyncRequest(body.getBytes());
            } catch (ProtocolException e) {
                Problem.of(e.code(), String.valueOf(e.getMessage())).send(context);
                return;
            }
            Context loop = context.vertx().getOrCreateContext();
            working = true;
            var _ =
                    CompletableFuture.completedFuture(request)
                            .thenCompose(new HttpSync(server.get(), who)::answer)
                            .thenApply(server.get().codec()::encode)
                            .whenComplete((answer, error) ->
                                    loop.runOnContext(_ -> {
                                        try (inFlight) {
                                            finish(answer, error);
                                        }
                                    }));
        }

        /** On the loop of the request, where its time-out fires as well. */
        private void finish(byte @Nullable [] answer, @Nullable Throwable error) {
            if (context.response().ended() || context.response().closed()) {
                return;
            }
            if (answer != null) {
                context.response()
                        .putHeader(HttpHeaders.CONTENT_TYPE, "application/msgpack")
                        .end(Buffer.buffer(answer));
            } else if (gate.admission().get() instanceof Admission.Refused refused) {
                Refusal.send(context, refused); // what it needed has been closed meanwhile
            } else {
                context.fail(error);
            }
        }
    }

    /** Counted before it is let in: a stop closes the doors first and then looks at the count. */
    private void admit(RoutingContext context) {
        InFlightGuard inFlight = gate.inFlight().get();
        switch (gate.admission().get()) {
            case Admission.Refused refused -> {
                inFlight.close();
                Refusal.send(context, refused);
            }
            case Admission.Admitted _ -> new Exchange(context, inFlight).run();
        }
    }
}
