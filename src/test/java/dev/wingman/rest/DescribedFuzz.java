package dev.wingman.rest;

import dev.wingman.testing.ApiClient;
import dev.wingman.testing.ApiDescription.Operation;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * Requests drawn from the OpenAPI document: some as described, most a little wrong. That the
 * answers are described is checked by {@link ApiClient#send}; what is described is never 500 by
 * chance.
 */
final class DescribedFuzz {
    /**
     * The first does not end; the others would end the account of who asks, its password, the
     * server, its patience with who asks often, or what everybody may do.
     */
    private static final Set<String> LEFT_OUT =
            Set.of(
                    "followEvents",
                    "deleteMe",
                    "changePassword",
                    "drain",
                    "changeSettings",
                    "createPolicy");

    private static final List<Object> STRANGE =
            List.of(
                    "",
                    " ",
                    "x".repeat(300),
                    "'; DROP TABLE users; --",
                    "../../etc/passwd",
                    "\u0000",
                    "\ud83d\ude80",
                    "%",
                    "_",
                    "completed",
                    0,
                    -1,
                    1.5,
                    1e300,
                    Long.MAX_VALUE,
                    true,
                    new JsonArray(),
                    new JsonArray().add(new JsonObject()),
                    new JsonObject().put("a", new JsonObject()));

    private final ApiClient client;
    private final SplittableRandom random;
    private final List<String> ids = new ArrayList<>();
    private final List<Operation> operations;

    /**
     * @param client logged in
     * @param ids that mean something to the server
     */
    DescribedFuzz(ApiClient client, List<String> ids, long seed) {
        this.client = client;
        this.random = new SplittableRandom(seed);
        this.ids.addAll(ids);
        this.operations =
                client.description().operations().stream()
                        .filter(operation -> operation.path().startsWith("/api/v1/"))
                        .filter(operation -> !LEFT_OUT.contains(operation.id()))
                        .toList();
    }

    /**
     * @return the status
     */
    int next() {
        Operation operation = oneOf(operations);
        String body = operation.bodySchema() == null ? null : body(operation);
        var request =
                client.request(operation.method().toUpperCase(Locale.ROOT), path(operation), body);
        if (random.nextInt(4) > 0) {
            request.header("If-Match", oneOf(List.of("*", "\"1\"", "\"2\"", "\"x\"", "1")));
        }
        if (random.nextInt(8) == 0) {
            request.header("Idempotency-Key", oneOf(List.of("a", "b", "c c")));
        }
        if (body != null && random.nextInt(20) == 0) {
            request.setHeader("Content-Type", oneOf(List.of("text/plain", "application/xml", "x")));
        }
        if (random.nextInt(20) == 0) {
            request.header("Accept", oneOf(List.of("text/csv", "application/json", "*/*")));
        }
        return client.send(request).statusCode();
    }

    private <T> T oneOf(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private String path(Operation operation) {
        String path = operation.path().replaceFirst("^/api/v1", "");
        path = path.replace("{id}", id()).replace("{name}", "default");
        path = path.replace("{move}", oneOf(List.of("start", "pause", "resume", "cancel", "nope")));
        var query = new StringBuilder();
        for (Object each : operation.content().getJsonArray("parameters", new JsonArray())) {
            JsonObject parameter = (JsonObject) each;
            if ("query".equals(parameter.getString("in")) && random.nextBoolean()) {
                query.append(query.isEmpty() ? '?' : '&')
                        .append(parameter.getString("name"))
                        .append('=')
                        .append(URLEncoder.encode(value(parameter), StandardCharsets.UTF_8));
            }
        }
        return path + query;
    }

    private String value(JsonObject parameter) {
        JsonArray permitted = parameter.getJsonObject("schema").getJsonArray("enum");
        if (permitted != null && random.nextBoolean()) {
            return permitted.getString(random.nextInt(permitted.size()));
        }
        return random.nextBoolean()
                ? String.valueOf(random.nextInt(-2, 103))
                : String.valueOf(oneOf(STRANGE));
    }

    private String id() {
        return switch (random.nextInt(8)) {
            case 0 -> new UUID(random.nextLong(), random.nextLong()).toString();
            case 1 -> oneOf(List.of("nope", "%2e%2e", "%00", "0", "%F0%9F%9A%80", "a%2Fb"));
            default -> oneOf(ids);
        };
    }

    private String body(Operation operation) {
        JsonObject body =
                client.description()
                        .examples(Objects.requireNonNull(operation.bodySchema()))
                        .getJsonObject(0)
                        .copy();
        if (body.containsKey("number")) {
            body.put("number", random.nextInt(1, 9999));
        }
        for (int changes = random.nextInt(3); changes > 0 && !body.isEmpty(); changes--) {
            String field = oneOf(List.copyOf(body.fieldNames()));
            switch (random.nextInt(5)) {
                case 0 -> body.remove(field);
                case 1 -> body.put("unknown", 1);
                case 2 -> body.putNull(field);
                default -> body.put(field, oneOf(STRANGE));
            }
        }
        String text = body.encode();
        return random.nextInt(10) == 0 ? text.substring(0, random.nextInt(text.length())) : text;
    }
}
