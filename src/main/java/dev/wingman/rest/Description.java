package dev.wingman.rest;

import dev.wingman.mission.Event;
import dev.wingman.mission.MissionLog.Level;
import dev.wingman.mission.MissionStatus;
import dev.wingman.mission.SpecFinding;
import dev.wingman.mission.SpecStatus;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.Components;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.parameters.Parameter;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/**
 * Adds to the OpenAPI document what holds for all resources: how to show who one is, the refusals
 * that any of them may answer, and the headers of answers. The build runs it, after it has read the
 * resources; the server never does.
 */
public class Description implements OASFilter {
    private static final String BEARER = "bearer";
    private static final String COMPONENTS = "#/components/";
    private static final String OF_ITSELF = "/api/v1/(docs.*|openapi\\.json)";

    /** What refusals mean, by their status. */
    private static final Map<Integer, String> REFUSALS =
            Map.ofEntries(
                    Map.entry(400, "Malformed: the request cannot be read"),
                    Map.entry(401, "No valid token, or wrong credentials"),
                    Map.entry(403, "Not permitted"),
                    Map.entry(404, "Absent, or not visible"),
                    Map.entry(406, "The answer has another media type than the request accepts"),
                    Map.entry(408, "The request took too long"),
                    Map.entry(409, "The present state does not permit it"),
                    Map.entry(412, "It has changed since"),
                    Map.entry(413, "The body is too large"),
                    Map.entry(414, "The path and query are too long"),
                    Map.entry(415, "The body has another media type or encoding than is read here"),
                    Map.entry(422, "A value is not permitted"),
                    Map.entry(428, "If-Match is missing"),
                    Map.entry(429, "Too many requests"),
                    Map.entry(431, "The headers are too long"),
                    Map.entry(500, "A fault of the server"),
                    Map.entry(503, "The server or its database cannot answer now"));

    private static final Set<Integer> ANYWHERE =
            Set.of(400, 406, 408, 413, 414, 415, 429, 431, 500, 503);

    private static final Map<String, String> HEADERS =
            Map.of(
                    "X-Request-Id", "The name of the request, for questions about it",
                    "RateLimit-Policy", "Requests (q) in a window (w, seconds)",
                    "RateLimit", "Requests that are left (r), seconds until all are (t)",
                    "Retry-After", "Seconds to wait",
                    "WWW-Authenticate", "Bearer",
                    "Accept-Encoding", "What a body may be packed with",
                    "ETag", "The version, of what has one",
                    "Location", "Where it is, of what has a place",
                    "Link", "The next page of a list (RFC 8288)");

    private static final List<String> ON_ALL =
            List.of("X-Request-Id", "RateLimit-Policy", "RateLimit");

    private static final Map<String, List<String>> BY_STATUS =
            Map.of(
                    "200", List.of("ETag", "Link"),
                    "201", List.of("ETag", "Location"),
                    "401", List.of("WWW-Authenticate"),
                    "415", List.of("Accept-Encoding"),
                    "429", List.of("Retry-After"),
                    "503", List.of("Retry-After"));

    @Override
    public void filterOpenAPI(OpenAPI document) {
        if (document.getInfo() == null) {
            document.setInfo(OASFactory.createInfo());
        }
        document.getInfo()
                .description(
                        "Accounts, missions, their specs, and every change as it happens. Errors"
                                + " are problems (RFC 9457), also for paths and methods that are"
                                + " not described here: 404 and 405.");
        if (document.getComponents() == null) {
            document.setComponents(OASFactory.createComponents());
        }
        Components components = document.getComponents();
        components.addSecurityScheme(
                BEARER,
                OASFactory.createSecurityScheme()
                        .type(SecurityScheme.Type.HTTP)
                        .scheme("bearer")
                        .bearerFormat("JWT")
                        .description("The access_token of a login."));
        // Sorted, so that every build makes the same document.
        new TreeMap<>(HEADERS)
                .forEach((name, meaning) -> components.addHeader(name, header(meaning)));
        new TreeMap<>(REFUSALS)
                .forEach((status, meaning) ->
                        components.addResponse(
                                name(status), refusal(String.valueOf(status), meaning)));
        describeSchemas(components);
        Set<String> asked = new HashSet<>();
        document.getPaths()
                .getPathItems()
                .forEach((path, item) ->
                        item.getOperations()
                                .forEach((method, operation) -> {
                                    describe(path, method, operation);
                                    schemasOfBody(operation, asked);
                                }));
        asked.forEach(name -> describeBody(schema(components, name)));
        for (String field : List.of("conditionExpr", "condition")) {
            schema(components, "WirePolicyContent")
                    .addProperty(
                            field,
                            OASFactory.createSchema()
                                    .addType(Schema.SchemaType.NULL)
                                    .description("policies have no conditions here"));
        }
    }

    /** Unknown fields are refused, and null stands for a field that is left out. */
    private static void describeBody(Schema body) {
        body.additionalPropertiesSchema(OASFactory.createSchema().booleanSchema(false));
        List<String> required = Objects.requireNonNullElse(body.getRequired(), List.of());
        Objects.requireNonNull(body.getProperties())
                .forEach((name, field) -> {
                    if (field.getType() != null && !required.contains(name)) {
                        field.addType(Schema.SchemaType.NULL);
                    }
                });
    }

    private static String name(int status) {
        return "Refusal" + status;
    }

    private static Header header(String meaning) {
        return OASFactory.createHeader()
                .description(meaning)
                .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING));
    }

    private static APIResponse refusal(String status, String meaning) {
        var schema = OASFactory.createSchema().ref(COMPONENTS + "schemas/Problem");
        APIResponse response =
                OASFactory.createAPIResponse()
                        .description(meaning)
                        .content(
                                OASFactory.createContent()
                                        .addMediaType(
                                                "application/problem+json",
                                                OASFactory.createMediaType().schema(schema)));
        addHeaders(status, response);
        return response;
    }

    private static void addHeaders(String status, APIResponse response) {
        ON_ALL.forEach(name -> addHeader(name, response));
        BY_STATUS.getOrDefault(status, List.of()).forEach(name -> addHeader(name, response));
    }

    private static void addHeader(String name, APIResponse response) {
        response.addHeader(name, OASFactory.createHeader().ref(COMPONENTS + "headers/" + name));
    }

    /** Metadata is any JSON: what the generator finds in the class of a JSON tree is not meant. */
    private static void describeSchemas(Components components) {
        for (Schema schema : components.getSchemas().values()) {
            Map<String, Schema> properties = schema.getProperties();
            if (properties != null && properties.containsKey("metadata")) {
                schema.addProperty(
                        "metadata",
                        OASFactory.createSchema().description("any JSON, up to 64 KiB"));
            }
        }
        enumerate(components, "Mission", "status", MissionStatus.values(), MissionStatus::text);
        for (String name : List.of("Spec", "DependencyNode")) {
            enumerate(components, name, "status", SpecStatus.values(), SpecStatus::text);
        }
        enumerate(components, "Finding", "code", SpecFinding.Code.values(), SpecFinding.Code::text);
        enumerate(components, "LogEntry", "level", Level.values(), Level::text);
        enumerate(components, "Event", "type", Event.Type.values(), Event.Type::text);
        components.removeSchema("JsonNode");
        components.removeSchema("JsonNodeType");
        Schema problem = schema(components, "Problem");
        problem.additionalPropertiesSchema(
                OASFactory.createSchema()
                        .description("such as the moves that would be allowed, by their name")
                        .addType(Schema.SchemaType.ARRAY)
                        .items(OASFactory.createSchema().addType(Schema.SchemaType.STRING)));
    }

    private static Schema schema(Components components, String name) {
        return Objects.requireNonNull(components.getSchemas().get(name), name);
    }

    private static <E> void enumerate(
            Components components,
            String schema,
            String field,
            E[] values,
            Function<E, String> text) {
        Map<String, Schema> fields =
                Objects.requireNonNull(schema(components, schema).getProperties());
        enumerate(Objects.requireNonNull(fields.get(field), field), values, text);
    }

    private static <E> void enumerate(Schema schema, E[] values, Function<E, String> text) {
        schema.setEnumeration(Arrays.stream(values).<Object>map(text).toList());
    }

    private static void describe(String path, PathItem.HttpMethod method, Operation operation) {
        boolean isOpen =
                path.matches("/api/v1/auth/(register|login|refresh|logout)|/api/auth/.*")
                        || path.matches(OF_ITSELF)
                        || path.startsWith("/.well-known/");
        if (!isOpen) {
            operation.addSecurityRequirement(
                    OASFactory.createSecurityRequirement().addScheme(BEARER));
        }
        if (operation.getParameters() != null) {
            operation.getParameters().forEach(each -> describe(operation, each));
        }
        operation
                .getResponses()
                .getAPIResponses()
                .forEach((status, response) -> {
                    if (response.getRef() == null) {
                        addHeaders(status, response);
                    }
                });
        for (int status : refusals(path, method, operation)) {
            String text = String.valueOf(status);
            APIResponse present = operation.getResponses().getAPIResponse(text);
            if (present == null || (present.getRef() == null && present.getContent() == null)) {
                operation
                        .getResponses()
                        .addAPIResponse(
                                text,
                                OASFactory.createAPIResponse()
                                        .ref(COMPONENTS + "responses/" + name(status)));
            }
        }
    }

    private static void describe(Operation operation, Parameter parameter) {
        Schema schema = Objects.requireNonNull(parameter.getSchema());
        switch (operation.getOperationId() + " " + parameter.getName()) {
            case "listMissions status" ->
                    enumerate(schema, MissionStatus.values(), MissionStatus::text);
            case "listSpecs status" -> enumerate(schema, SpecStatus.values(), SpecStatus::text);
            case "listLogs level" -> enumerate(schema, Level.values(), Level::text);
            case "searchSpecs q" -> {
                parameter.required(true);
                schema.pattern("\\S");
            }
            default -> describe(parameter, schema);
        }
    }

    private static void describe(Parameter parameter, Schema schema) {
        switch (parameter.getName()) {
            case "If-Match" -> {
                parameter
                        .required(true)
                        .description("The ETag that was read, or * for any version");
                schema.pattern("^(\\*|\"[0-9]{1,18}\")$");
            }
            case "Idempotency-Key" -> {
                parameter.description("A retry within 24 hours gets the first answer");
                schema.pattern("^[!-~]{1,255}$");
            }
            case "cursor" -> {
                parameter.description("The next_cursor of the page before");
                schema.pattern("^[A-Za-z0-9_-]+$");
            }
            default -> {} // as its annotations have it
        }
    }

    private static Set<Integer> refusals(
            String path, PathItem.HttpMethod method, Operation operation) {
        Set<Integer> statuses = new TreeSet<>(ANYWHERE);
        if (path.startsWith("/api/") && !path.matches(OF_ITSELF)) {
            statuses.addAll(Set.of(401, 403));
        }
        // Users of other issuers have no account.
        boolean mayBeAbsent =
                path.contains("{")
                        || path.endsWith("/events")
                        || path.endsWith("/auth/me")
                        || path.endsWith("/auth/token");
        if (mayBeAbsent) {
            statuses.add(404);
        }
        if (operation.getRequestBody() != null || method == PathItem.HttpMethod.GET) {
            statuses.add(422);
        }
        if (method != PathItem.HttpMethod.GET) {
            statuses.add(409);
        }
        if (takes(operation, "If-Match")) {
            statuses.addAll(Set.of(412, 428));
        }
        return statuses;
    }

    private static boolean takes(Operation operation, String header) {
        return operation.getParameters() != null
                && operation.getParameters().stream()
                        .anyMatch(parameter -> header.equals(parameter.getName()));
    }

    /** Their unknown fields are refused. */
    private static void schemasOfBody(Operation operation, Set<String> names) {
        if (operation.getRequestBody() != null) {
            operation
                    .getRequestBody()
                    .getContent()
                    .getMediaTypes()
                    .values()
                    .forEach(type -> {
                        String ref = type.getSchema().getRef();
                        names.add(ref.substring(ref.lastIndexOf('/') + 1));
                    });
        }
    }
}
