package dev.wingman.rest;

import dev.wingman.http.Listener;
import dev.wingman.security.account.AuditLog.Origin;
import dev.wingman.security.account.Caller;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.RequestScoped;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One request: who makes it and where it comes from. Confined to it. */
@RequestScoped
class Visit {
    private final RoutingContext context;
    private @Nullable Caller caller;
    private Instant expiry = Instant.MAX;

    Visit(RoutingContext context) {
        this.context = context;
    }

    void authenticated(Caller who, Instant until) {
        caller = who;
        expiry = until;
    }

    /** Only behind {@link Authenticated}. */
    Caller caller() {
        Caller present = caller;
        if (present == null) {
            throw new IllegalStateException("the resource lacks @Authenticated");
        }
        return present;
    }

    /** When the caller's token ends. */
    Instant expiry() {
        return expiry;
    }

    Origin origin() {
        return new Origin(address(), requestId());
    }

    String address() {
        var address = context.request().remoteAddress();
        return address == null ? "unknown" : String.valueOf(address.hostAddress());
    }

    String requestId() {
        return String.valueOf(context.response().headers().get("X-Request-Id"));
    }

    /** Ends the answer without waiting for a client that does not read it. Any thread may. */
    Runnable cut() {
        HttpServerRequest request = context.request();
        return () -> Listener.cut(request);
    }

    String method() {
        return context.request().method().name();
    }

    String path() {
        return String.valueOf(context.request().path());
    }

    /** As it was sent; empty when there was none. */
    Buffer body() {
        var body = context.body();
        Buffer buffer = body == null ? null : body.buffer();
        return buffer == null ? Buffer.buffer() : buffer;
    }

    /** Sets a header of the answer, whatever the answer will be. */
    void answerWith(String header, String value) {
        context.response().putHeader(header, value);
    }
}
