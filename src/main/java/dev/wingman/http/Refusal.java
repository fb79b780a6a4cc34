package dev.wingman.http;

import dev.wingman.connection.Admission;
import dev.wingman.protocol.ErrorCode;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;

/** The answer to who is not let in now: 503, and when to come back. */
public final class Refusal {
    private Refusal() {}

    public static void send(RoutingContext context, Admission.Refused refused) {
        long seconds = refused.retryAfter().toSeconds();
        context.response().putHeader(HttpHeaders.RETRY_AFTER, String.valueOf(seconds));
        Problem.of(
                        ErrorCode.UNAVAILABLE,
                        "the server is %s; try again in %d s"
                                .formatted(
                                        refused.reason().name().toLowerCase(Locale.ROOT), seconds))
                .send(context);
    }
}
