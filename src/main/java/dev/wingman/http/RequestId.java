package dev.wingman.http;

import io.vertx.ext.web.RoutingContext;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The name of a request in answers and logs: the caller's when it has a safe form, else ours. */
final class RequestId {
    static final String HEADER = "X-Request-Id";

    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    private final RandomIds ids;

    /** Where ids come from. */
    @FunctionalInterface
    interface RandomIds {
        String next();
    }

    RequestId(RandomIds ids) {
        this.ids = ids;
    }

    void handle(RoutingContext context) {
        context.response().putHeader(HEADER, choose(context.request().getHeader(HEADER)));
        context.next();
    }

    String choose(@Nullable String offered) {
        return offered != null && SAFE.matcher(offered).matches() ? offered : ids.next();
    }
}
