package dev.wingman.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.json.schema.Draft;
import io.vertx.json.schema.JsonSchema;
import io.vertx.json.schema.JsonSchemaOptions;
import io.vertx.json.schema.OutputFormat;
import io.vertx.json.schema.OutputUnit;
import io.vertx.json.schema.Validator;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The OpenAPI document of a server, and whether its answers are as described. Thread-safe. */
public final class ApiDescription {
    private static final Map<URI, ApiDescription> KNOWN = new ConcurrentHashMap<>();
    private static final Set<String> METHODS = Set.of("get", "put", "post", "delete", "patch");

    /** Of HTTP itself, and on every answer of the server. */
    private static final Set<String> GENERAL_HEADERS =
            Set.of(
                    "content-encoding",
                    "content-length",
                    "content-security-policy",
                    "content-type",
                    "date",
                    "referrer-policy",
                    "transfer-encoding",
                    "vary",
                    "x-content-type-options",
                    "x-frame-options");

    private final JsonObject document;
    private final JsonObject schemas;
    private final Map<String, Validator> validators = new ConcurrentHashMap<>();

    /** One thing that can be done. */
    public record Operation(String method, String path, JsonObject content) {
        public String id() {
            return content.getString("operationId");
        }

        /** The name of the schema of its body; null for none. */
        public @Nullable String bodySchema() {
            JsonObject body = content.getJsonObject("requestBody");
            return body == null
                    ? null
                    : lastWord(
                            body.getJsonObject("content")
                                    .getJsonObject("application/json")
                                    .getJsonObject("schema")
                                    .getString("$ref"));
        }
    }

    private ApiDescription(JsonObject document) {
        this.document = document;
        this.schemas = document.getJsonObject("components").getJsonObject("schemas");
    }

    /** What the server says of itself. */
    public static ApiDescription of(URI server) {
        return KNOWN.computeIfAbsent(server, ApiDescription::read);
    }

    private static ApiDescription read(URI server) {
        try (WebClient http = WebClient.http1(server)) {
            return new ApiDescription(WebClient.json(http.get("/api/v1/openapi.json")));
        }
    }

    /** As if a header had been forgotten. */
    public ApiDescription without(String header) {
        return new ApiDescription(
                new JsonObject(document.encode().replace("\"" + header + "\"", "\"X-Other\"")));
    }

    /** Examples of a body. */
    public JsonArray examples(String schema) {
        return schemas.getJsonObject(schema).getJsonArray("examples");
    }

    public List<Operation> operations() {
        List<Operation> all = new ArrayList<>();
        for (Map.Entry<String, Object> path : document.getJsonObject("paths")) {
            for (Map.Entry<String, Object> method : (JsonObject) path.getValue()) {
                if (METHODS.contains(method.getKey())) {
                    all.add(
                            new Operation(
                                    method.getKey(),
                                    path.getKey(),
                                    (JsonObject) method.getValue()));
                }
            }
        }
        return all;
    }

    /** Fails unless the document describes the answer: status, media type, headers and body. */
    public void check(HttpResponse<byte[]> answer) {
        String method = answer.request().method().toLowerCase(Locale.ROOT);
        Operation operation = operation(method, answer.uri().getRawPath());
        if (method.equals("options") && answer.statusCode() == 204) {
            return; // of any path, and described by RFC 9110
        }
        if (operation == null) {
            assertThat(answer.statusCode()).as(() -> text(answer)).isIn(404, 405);
            checkBody("Problem", new JsonObject().put("$ref", "#/$defs/Problem"), answer);
            return;
        }
        String status = String.valueOf(answer.statusCode());
        JsonObject responses = operation.content().getJsonObject("responses");
        assertThat(responses.fieldNames()).as(() -> text(answer)).contains(status);
        JsonObject response = resolved(responses.getJsonObject(status));
        checkHeaders(response.getJsonObject("headers", new JsonObject()), answer);
        JsonObject content = response.getJsonObject("content", new JsonObject());
        if (answer.body().length == 0) {
            assertThat(content).as(() -> text(answer)).isEmpty();
            return;
        }
        String type = WebClient.header(answer, "Content-Type").replaceAll(";.*", "");
        assertThat(mediaTypes(content)).as(() -> text(answer)).contains(type);
        if (type.endsWith("json")) {
            JsonObject schema = content.getJsonObject(type).getJsonObject("schema");
            checkBody(operation.id() + " " + status, schema, answer);
        }
    }

    private static List<String> mediaTypes(JsonObject content) {
        return content.fieldNames().stream().map(type -> type.replaceAll(";.*", "")).toList();
    }

    private @Nullable Operation operation(String method, String path) {
        // A path without parameters wins, even if it takes other methods.
        boolean isPlain = document.getJsonObject("paths").containsKey(path);
        return operations().stream()
                .filter(operation -> operation.method().equals(method))
                .filter(operation ->
                        isPlain
                                ? path.equals(operation.path())
                                : path.matches(operation.path().replaceAll("\\{\\w+}", "[^/]+")))
                .findFirst()
                .orElse(null);
    }

    private static void checkHeaders(JsonObject described, HttpResponse<byte[]> answer) {
        Set<String> names = new TreeSet<>(answer.headers().map().keySet());
        names.removeIf(GENERAL_HEADERS::contains);
        described.fieldNames().forEach(name -> names.remove(name.toLowerCase(Locale.ROOT)));
        assertThat(names).as(() -> "headers that are not described: " + text(answer)).isEmpty();
    }

    private JsonObject resolved(JsonObject object) {
        String ref = object.getString("$ref");
        return ref == null
                ? object
                : document.getJsonObject("components")
                        .getJsonObject("responses")
                        .getJsonObject(lastWord(ref));
    }

    private static String lastWord(String ref) {
        return ref.substring(ref.lastIndexOf('/') + 1);
    }

    private void checkBody(String what, JsonObject schema, HttpResponse<byte[]> answer) {
        checkValue(what, schema, WebClient.json(answer));
    }

    /** Fails unless the value is as the schema of that name says. */
    public void check(String schema, JsonObject value) {
        checkValue(schema, new JsonObject().put("$ref", "#/$defs/" + schema), value);
    }

    private void checkValue(String what, JsonObject schema, JsonObject value) {
        OutputUnit outcome =
                validators.computeIfAbsent(what, _ -> validator(schema)).validate(value);
        assertThat(outcome.getValid())
                .as(() -> what + ": " + value.encode() + " " + outcome.getErrors())
                .isTrue();
    }

    private Validator validator(JsonObject schema) {
        var whole =
                new JsonObject(
                        schema.copy()
                                .put("$defs", schemas)
                                .encode()
                                .replace("#/components/schemas/", "#/$defs/"));
        return Validator.create(
                JsonSchema.of(whole),
                new JsonSchemaOptions()
                        .setBaseUri("https://wingman.test/")
                        .setDraft(Draft.DRAFT202012)
                        .setOutputFormat(OutputFormat.Basic));
    }

    private static String text(HttpResponse<byte[]> answer) {
        return answer.request().method()
                + " "
                + answer.uri()
                + " "
                + answer.statusCode()
                + " "
                + answer.headers().map().keySet()
                + " "
                + new String(answer.body(), StandardCharsets.UTF_8);
    }
}
