package dev.wingman.recorder;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;

/**
 * An answer of the recorder's own, as {@code application/problem+json}.
 *
 * @param detail for people: what is wrong and what to do
 * @param more members of the problem beside the standard ones
 */
record Refusal(int status, String detail, JsonObject more) {
    private static final String RETRY_SECONDS = "1";

    /** Of HTTP/2. */
    private static final long INTERNAL_ERROR = 2;

    Refusal(int status, String detail) {
        this(status, detail, new JsonObject());
    }

    static Refusal busy(String detail) {
        return new Refusal(503, detail);
    }

    private String title() {
        return switch (status) {
            case 400 -> "Bad request";
            case 404 -> "Not recorded";
            case 409 -> "Out of order";
            case 413 -> "Body too large";
            case 414 -> "Path too long";
            case 431 -> "Headers too large";
            case 502 -> "Target failed";
            case 503 -> "Busy";
            case 504 -> "Timed out";
            default -> "Refused";
        };
    }

    /** Ends the exchange with this, or breaks it off when an answer is under way. */
    void send(HttpServerRequest request) {
        // What is left of the body may never come or never end, so the connection goes with it.
        send(request, !request.isEnded() && request.version() != HttpVersion.HTTP_2);
    }

    /** Ends the exchange and the connection. */
    void sendAndClose(HttpServerRequest request) {
        send(request, true);
    }

    /** An answer under way ends here, and the client sees that it is not complete. */
    static void breakOff(HttpServerResponse response) {
        response.reset(INTERNAL_ERROR);
    }

    private void send(HttpServerRequest request, boolean close) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (response.headWritten()) {
            breakOff(response);
            return;
        }
        response.headers().clear();
        response.setStatusCode(status).putHeader("Content-Type", "application/problem+json");
        if (status == 503) {
            response.putHeader("Retry-After", RETRY_SECONDS);
        }
        if (close && request.version() != HttpVersion.HTTP_2) {
            response.putHeader("Connection", "close");
        }
        Buffer problem =
                new JsonObject()
                        .put("type", "about:blank")
                        .put("title", title())
                        .put("status", status)
                        .put("detail", detail)
                        .mergeIn(more)
                        .toBuffer();
        var sent =
                request.method().equals(HttpMethod.HEAD) ? response.end() : response.end(problem);
        if (close) {
            sent.onComplete(_ -> request.connection().close());
        }
    }
}
