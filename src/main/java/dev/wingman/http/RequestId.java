package dev.wingman.http;

import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import java.util.UUID;
import java.util.regex.Pattern;

/** The name of a request in answers and logs: the caller's when it has a safe form, else ours. */
final class RequestId {
    static final String HEADER = "X-Request-Id";

    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    private RequestId() {}

    /** The same each time it is asked for one request; the answer carries it from then on. */
    static String of(HttpServerRequest request) {
        MultiMap answer = request.response().headers();
        String given = answer.get(HEADER);
        if (given != null) {
            return given;
        }
        String offered = request.getHeader(HEADER);
        String id =
                offered != null && SAFE.matcher(offered).matches()
                        ? offered
                        : UUID.randomUUID().toString();
        answer.set(HEADER, id);
        return id;
    }
}
