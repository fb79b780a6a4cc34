package dev.wingman.http;

import dev.wingman.protocol.ErrorCode;
import dev.wingman.recorder.RecordingName;
import dev.wingman.recorder.Shelf;
import dev.wingman.security.TokenVerifier;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code /api/v1/recordings}: what the recorder has, and what is to be done with it. There only
 * while the recorder is on, and so is its description, {@code /recorder/openapi.yaml}.
 */
public final class RecordingRoutes {
    private static final String ALL = "/api/v1/recordings";
    private static final String DESCRIPTION = "/recorder/openapi.yaml";
    private static final String ADMIN = "admin";
    private static final int MAX_UNUSED = 1000;

    /** Before the routes of the REST API, which would answer with 404. */
    private static final int EARLY = -500;

    private final Shelf shelf;
    private final @Nullable Supplier<TokenVerifier> tokens;

    /**
     * @param tokens null where nobody need authenticate; asked for once the server is open
     */
    public RecordingRoutes(Shelf shelf, @Nullable Supplier<TokenVerifier> tokens) {
        this.shelf = shelf;
        this.tokens = tokens;
    }

    public void install(Router router) {
        Buffer description = description();
        router.get(DESCRIPTION)
                .order(EARLY)
                .handler(context -> {
                    var _ =
                            context.response()
                                    .putHeader(HttpHeaders.CONTENT_TYPE, "application/yaml")
                                    .end(description);
                });
        router.route(ALL).order(EARLY).handler(context -> serve(context, this::collection));
        router.route(ALL + "/*").order(EARLY).handler(context -> serve(context, this::recording));
    }

    private static Buffer description() {
        try (InputStream in =
                Objects.requireNonNull(
                        RecordingRoutes.class.getResourceAsStream("/META-INF" + DESCRIPTION))) {
            return Buffer.buffer(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An answer that may need the disk. */
    private interface Work {
        Reply run(HttpMethod method, String path) throws IOException;
    }

    /**
     * @param body null for none
     */
    private record Reply(int status, @Nullable JsonObject body, @Nullable String detail) {
        static Reply ok(JsonObject body) {
            return new Reply(200, body, null);
        }

        static Reply problem(int status, String detail) {
            return new Reply(status, null, detail);
        }
    }

    private void serve(RoutingContext context, Work work) {
        if (tokens == null) {
            work(context, work);
            return;
        }
        Bearer.check(
                context,
                tokens.get(),
                principal -> {
                    if (principal.roles().contains(ADMIN)) {
                        work(context, work);
                    } else {
                        String detail = "recordings are for the role " + ADMIN;
                        new Problem(403, "Forbidden", "forbidden", detail).send(context);
                    }
                });
    }

    private static void work(RoutingContext context, Work work) {
        HttpMethod method = context.request().method();
        String path = Objects.requireNonNullElse(context.request().path(), ALL);
        context.request().resume();
        context.vertx()
                .executeBlocking(() -> work.run(method, path), false)
                .onSuccess(reply -> send(context, reply))
                .onFailure(context::fail);
    }

    private static void send(RoutingContext context, Reply reply) {
        if (reply.detail() != null) {
            switch (reply.status()) {
                case 404 -> Problem.of(ErrorCode.NOT_FOUND, reply.detail()).send(context);
                case 405 -> Problem.of(ErrorCode.METHOD_NOT_ALLOWED, reply.detail()).send(context);
                case 409 -> new Problem(409, "Conflict", "conflict", reply.detail()).send(context);
                default -> Problem.of(ErrorCode.BAD_REQUEST, reply.detail()).send(context);
            }
        } else if (reply.body() == null) {
            var _ = context.response().setStatusCode(reply.status()).end();
        } else {
            var _ =
                    context.response()
                            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
                            .end(reply.body().toBuffer());
        }
    }

    private Reply collection(HttpMethod method, String path) {
        if (!method.equals(HttpMethod.GET)) {
            return Reply.problem(405, "recordings are listed with GET");
        }
        var all = new JsonArray();
        shelf.list().forEach(each -> all.add(json(each)));
        return Reply.ok(new JsonObject().put("recordings", all));
    }

    private static JsonObject json(Shelf.Summary recording) {
        return new JsonObject()
                .put("name", recording.name())
                .put("state", recording.state())
                .put("interactions", recording.interactions())
                .put("bytes", recording.bytes())
                .put("updated_at", recording.updatedAt().toString());
    }

    private Reply recording(HttpMethod method, String path) throws IOException {
        String[] parts = path.substring(ALL.length() + 1).split("/", -1);
        String text;
        try {
            text = URLDecoder.decode(parts[0].replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return Reply.problem(400, "the name is not percent-encoded");
        }
        RecordingName name = RecordingName.parse(text).orElse(null);
        if (name == null) {
            return Reply.problem(400, "this is no name of a recording");
        }
        if (parts.length == 1 && method.equals(HttpMethod.GET)) {
            return show(name);
        }
        if (parts.length == 1 && method.equals(HttpMethod.DELETE)) {
            return shelf.delete(name) ? new Reply(204, null, null) : unknown();
        }
        if (parts.length == 2 && method.equals(HttpMethod.POST)) {
            return switch (parts[1]) {
                case "finalize" -> publish(name);
                case "rewind" -> shelf.rewind(name) ? show(name) : unknown();
                default -> unknown();
            };
        }
        return parts.length <= 2
                ? Reply.problem(405, "GET or DELETE a recording; POST its finalize or rewind")
                : unknown();
    }

    private static Reply unknown() {
        return Reply.problem(404, "there is no such recording");
    }

    private Reply show(RecordingName name) throws IOException {
        Shelf.Summary summary = shelf.summary(name).orElse(null);
        if (summary == null) {
            return unknown();
        }
        var unused = new JsonArray();
        for (Shelf.Unused each : shelf.unused(name, MAX_UNUSED)) {
            unused.add(
                    new JsonObject()
                            .put("number", each.number())
                            .put("endpoint", each.endpoint())
                            .put("method", each.method())
                            .put("target", each.target()));
        }
        return Reply.ok(json(summary).put("unused", unused));
    }

    private Reply publish(RecordingName name) throws IOException {
        return switch (shelf.publish(name)) {
            case Shelf.Publication.Published() -> show(name);
            case Shelf.Publication.NotFound() -> unknown();
            case Shelf.Publication.Refused(long position) ->
                    Reply.problem(
                            409,
                            "a secret is at byte "
                                    + position
                                    + " of the file: delete the recording and record it again");
        };
    }
}
