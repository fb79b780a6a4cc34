package dev.wingman.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;

/**
 * What keeps browsers from guessing types, framing pages, telling other sites of ours, and from
 * asking again in clear text where there is TLS.
 */
final class SecurityHeaders {
    private static final Duration A_YEAR = Duration.ofDays(365);

    private SecurityHeaders() {}

    static void addTo(HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (request.isSSL()) {
            response.putHeader("Strict-Transport-Security", "max-age=" + A_YEAR.toSeconds());
        }
        response.putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("X-Frame-Options", "DENY")
                .putHeader("Content-Security-Policy", "default-src 'self'")
                .putHeader("Referrer-Policy", "no-referrer");
    }
}
