package dev.wingman.http;

import io.vertx.core.http.HttpServerResponse;

/** What keeps browsers from guessing types, framing pages and telling other sites of ours. */
final class SecurityHeaders {
    private SecurityHeaders() {}

    static void addTo(HttpServerResponse response) {
        response.putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Content-Security-Policy", "default-src 'self'")
                .putHeader("Referrer-Policy", "no-referrer");
    }
}
