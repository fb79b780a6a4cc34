package dev.wingman.http;

import dev.wingman.connection.Admission;
import dev.wingman.lifecycle.InFlightGuard;
import dev.wingman.protocol.ErrorCode;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;

/**
 * Stands before resources that block: a request gets a thread when it is here as a whole, so that
 * slow senders hold none, and no body grows beyond the limit however it is sent.
 */
public final class BodyGate {
    private final SyncRoute.Gate gate;
    private final SyncRoute.Limits limits;

    public BodyGate(SyncRoute.Gate gate, SyncRoute.Limits limits) {
        this.gate = gate;
        this.limits = limits;
    }

    /**
     * @param path ends with {@code *}
     * @param stream the one path below it whose answers never end
     */
    public void install(Router router, String path, String stream) {
        router.route(path).order(HttpLayers.ROUTES).handler(context -> admit(context, stream));
    }

    private void admit(RoutingContext context, String stream) {
        switch (gate.admission().get()) {
            case Admission.Refused refused -> Refusal.send(context, refused);
            case Admission.Admitted _ -> {
                if (!stream.equals(context.request().path())) {
                    expectAnswer(context);
                }
                pass(context);
            }
        }
    }

    /** Counted as in flight, and given up on after a while. */
    private void expectAnswer(RoutingContext context) {
        InFlightGuard inFlight = gate.inFlight().get();
        long timer =
                context.vertx()
                        .setTimer(
                                limits.timeout().toMillis(),
                                _ -> {
                                    if (!context.response().ended()) {
                                        context.fail(ErrorCode.TIMEOUT.number());
                                    }
                                });
        context.addEndHandler(_ -> {
            context.vertx().cancelTimer(timer);
            inFlight.close();
        });
    }

    private void pass(RoutingContext context) {
        if (hasBody(context.request())) {
            new BodyReader(
                            limits.maxBodyBytes(),
                            (whole, body) -> {
                                ((RoutingContextInternal) whole).setBody(body);
                                whole.next();
                            })
                    .handle(context);
        } else {
            context.next();
        }
    }

    private static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null
                || (length != null && !length.equals("0"));
    }
}
