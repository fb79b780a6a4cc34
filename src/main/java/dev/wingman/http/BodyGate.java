package dev.wingman.http;

import dev.wingman.lifecycle.HealthState;
import dev.wingman.lifecycle.InFlightGuard;
import dev.wingman.lifecycle.ShutdownController;
import dev.wingman.protocol.ErrorCode;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.time.Duration;

/**
 * Stands before resources that block: a request gets a thread when it is here as a whole, so that
 * slow senders hold none, and no body grows beyond the limit however it is sent.
 */
public final class BodyGate {
    /** After the layers, before every route of the framework. */
    private static final int ORDER = HttpLayers.ROUTES;

    private final ShutdownController lifecycle;
    private final int maxBodyBytes;
    private final Duration timeout;

    public BodyGate(ShutdownController lifecycle, int maxBodyBytes, Duration timeout) {
        this.lifecycle = lifecycle;
        this.maxBodyBytes = maxBodyBytes;
        this.timeout = timeout;
    }

    /**
     * @param path ends with {@code *}
     * @param streams the one path below it whose answers never end
     */
    public void install(Router router, String path, String streams) {
        router.route(path).order(ORDER).handler(context -> pass(context, streams));
    }

    private void pass(RoutingContext context, String streams) {
        HealthState state = lifecycle.healthState();
        if (state != HealthState.READY && state != HealthState.DRAINING) {
            context.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
            Problem.of(ErrorCode.UNAVAILABLE, "the server is " + state.text() + "; try again soon")
                    .send(context);
            return;
        }
        if (!context.request().path().equals(streams)) {
            expectAnswer(context);
        }
        if (hasBody(context.request())) {
            new BodyReader(
                            maxBodyBytes,
                            (whole, body) -> {
                                ((RoutingContextInternal) whole).setBody(body);
                                whole.next();
                            })
                    .handle(context);
        } else {
            context.next();
        }
    }

    /** Counted as in flight, and given up on after a while. */
    private void expectAnswer(RoutingContext context) {
        InFlightGuard inFlight = lifecycle.inFlightGuard();
        long timer =
                context.vertx()
                        .setTimer(
                                timeout.toMillis(),
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

    private static boolean hasBody(HttpServerRequest request) {
        String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        return request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null
                || (length != null && !length.equals("0"));
    }
}
