package dev.wingman.http;

import dev.wingman.protocol.ErrorCode;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An error as clients see it: RFC 9457, with {@code code} and {@code message} for clients that look
 * for those. Nothing of the inside goes out.
 *
 * @param detail for people: what was wrong and what to do
 */
public record Problem(int status, String title, String code, String detail) {
    static final String MEDIA_TYPE = "application/problem+json";

    /**
     * Time in which a client that is still sending may read why it should stop. A connection that
     * is closed over unread bytes is reset, and takes the answer with it.
     */
    private static final Duration LINGER = Duration.ofSeconds(1);

    public static Problem of(ErrorCode code, String detail) {
        return new Problem(code.number(), title(code.text()), code.text(), detail);
    }

    /** For a status that something else chose, such as a body limit. */
    static Problem ofStatus(int status) {
        return switch (status) {
            case 400 -> of(ErrorCode.BAD_REQUEST, "the request is malformed");
            case 401 ->
                    of(
                            ErrorCode.UNAUTHENTICATED,
                            "send a valid token as 'Authorization: Bearer <token>'");
            case 403 -> of(ErrorCode.FORBIDDEN, "the request is not permitted");
            case 404 -> of(ErrorCode.NOT_FOUND, "there is nothing at this path");
            case 405 ->
                    of(
                            ErrorCode.METHOD_NOT_ALLOWED,
                            "this path takes other methods; see the Allow header");
            case 408 -> of(ErrorCode.TIMEOUT, "the request took too long");
            case 413 -> of(ErrorCode.TOO_LARGE, "the body is larger than the server accepts");
            case 414 ->
                    new Problem(
                            414,
                            "URI too long",
                            "uri_too_long",
                            "the request line has at most " + Listener.MAX_LINE_BYTES + " bytes");
            case 415 ->
                    new Problem(
                            415,
                            "Unsupported media type",
                            "unsupported_media_type",
                            "bodies are taken as they are: send it without Content-Encoding");
            case 431 ->
                    new Problem(
                            431,
                            "Headers too large",
                            "headers_too_large",
                            "the headers have at most " + Listener.MAX_HEADER_BYTES + " bytes");
            case 505 ->
                    new Problem(
                            505,
                            "HTTP version not supported",
                            "http_version_not_supported",
                            "the server speaks HTTP/1.1 and HTTP/2");
            case 503 -> of(ErrorCode.UNAVAILABLE, "the server does not take requests now");
            default ->
                    status >= 400 && status < 500
                            ? new Problem(status, "Refused", "refused", "the request was refused")
                            : of(
                                    ErrorCode.INTERNAL,
                                    "the request failed on the server; its log has the request id");
        };
    }

    private static String title(String code) {
        String words = code.replace('_', ' ');
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    /** Ends the exchange with this problem, or breaks it off when an answer is under way. */
    public void send(RoutingContext context) {
        HttpServerRequest request = context.request();
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (response.headWritten()) {
            response.reset();
        } else if (status == ErrorCode.TIMEOUT.number()) {
            giveUp(request, request.path()); // the rest of the request may never come
        } else {
            end(request, request.path());
        }
    }

    /**
     * Sends this problem and gives up the connection, where it has one request at a time.
     *
     * @param instance what was asked for; null when that cannot be told
     */
    void giveUp(HttpServerRequest request, @Nullable String instance) {
        if (request.version() == HttpVersion.HTTP_2) {
            end(request, instance);
        } else {
            request.response().putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            end(request, instance).onComplete(_ -> closeSoon(request.connection()));
        }
    }

    private static void closeSoon(HttpConnection connection) {
        Context loop = Objects.requireNonNull(Vertx.currentContext());
        loop.owner().setTimer(LINGER.toMillis(), _ -> connection.close());
    }

    private Future<Void> end(HttpServerRequest request, @Nullable String instance) {
        String requestId = RequestId.of(request);
        JsonObject body =
                new JsonObject()
                        .put("type", "about:blank")
                        .put("title", title)
                        .put("status", status)
                        .put("detail", detail);
        if (instance != null) {
            body.put("instance", instance);
        }
        body.put("code", code).put("message", detail).put("request_id", requestId);
        return request.response()
                .setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
                .end(body.toBuffer());
    }
}
