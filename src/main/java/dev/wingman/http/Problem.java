package dev.wingman.http;

import dev.wingman.protocol.ErrorCode;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;

/**
 * An error as clients see it: RFC 9457, with {@code code} and {@code message} for clients that look
 * for those. Nothing of the inside goes out.
 *
 * @param detail for people: what was wrong and what to do
 */
public record Problem(int status, String title, String code, String detail) {
    static final String MEDIA_TYPE = "application/problem+json";

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
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        if (response.headWritten()) {
            response.reset();
            return;
        }
        String requestId = RequestId.of(context);
        boolean givesUp = status == ErrorCode.TIMEOUT.number() && isHttp1(context);
        if (givesUp) {
            // The rest of the request may never come.
            response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
            response.endHandler(_ -> context.request().connection().close());
        }
        response.setStatusCode(status)
                .putHeader(HttpHeaders.CONTENT_TYPE, MEDIA_TYPE)
                .end(
                        new JsonObject()
                                .put("type", "about:blank")
                                .put("title", title)
                                .put("status", status)
                                .put("detail", detail)
                                .put("instance", context.request().path())
                                .put("code", code)
                                .put("message", detail)
                                .put("request_id", requestId)
                                .toBuffer());
    }

    private static boolean isHttp1(RoutingContext context) {
        return context.request().version() != HttpVersion.HTTP_2;
    }
}
