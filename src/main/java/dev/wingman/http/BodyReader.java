package dev.wingman.http;

import dev.wingman.protocol.ErrorCode;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BiConsumer;

/**
 * Hands on a request with its whole body, up to a limit and of whatever type. (The reader that
 * comes with the router takes apart what it believes to be a form.)
 */
final class BodyReader implements Handler<RoutingContext> {
    private final int maxBytes;
    private final BiConsumer<RoutingContext, Buffer> next;

    BodyReader(int maxBytes, BiConsumer<RoutingContext, Buffer> next) {
        this.maxBytes = maxBytes;
        this.next = next;
    }

    @Override
    public void handle(RoutingContext context) {
        HttpServerRequest request = context.request();
        if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
            context.response().writeContinue();
        }
        Buffer body = Buffer.buffer();
        request.exceptionHandler(_ -> fail(context, ErrorCode.BAD_REQUEST));
        request.handler(part -> {
            if (body.length() + part.length() <= maxBytes) {
                body.appendBuffer(part);
            } else {
                request.handler(_ -> {}); // the rest is read and dropped: the client may be writing
                fail(context, ErrorCode.TOO_LARGE);
            }
        });
        request.endHandler(_ -> {
            if (!context.failed()) {
                next.accept(context, body);
            }
        });
        request.resume();
    }

    private static void fail(RoutingContext context, ErrorCode code) {
        if (!context.failed()) {
            context.fail(code.number());
        }
    }
}
