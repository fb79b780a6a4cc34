package dev.wingman.rest;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.Operation;
import org.eclipse.microprofile.openapi.models.PathItem;
import org.eclipse.microprofile.openapi.models.headers.Header;
import org.eclipse.microprofile.openapi.models.media.Schema;
import org.eclipse.microprofile.openapi.models.responses.APIResponse;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/**
 * Adds to the OpenAPI document what holds for all resources: how to show who one is, the problems
 * that any of them may answer, and the headers of answers. Runs when Wingman is built.
 */
@OpenApiFilter(stages = OpenApiFilter.RunStage.BUILD)
public class Description implements OASFilter {
    private static final String PROBLEM = "application/problem+json";
    private static final String BEARER = "bearer";

    private static final Map<Integer, String> ANYWHERE =
            Map.of(
                    400, "Malformed: the request cannot be read",
                    406, "The answer has another media type than the request accepts",
                    408, "The request took too long",
                    413, "The body is too large",
                    429, "Too many requests",
                    500, "A fault of the server",
                    503, "The server or its database cannot answer now");

    private static final Map<Integer, String> WITH_TOKEN =
            Map.of(401, "No valid token", 403, "Not permitted");

    private static final Map<Integer, String> WITH_ID = Map.of(404, "Absent, or not visible");

    private static final Map<Integer, String> WITH_BODY =
            Map.of(
                    415, "The body has another media type than JSON",
                    422, "A value is not permitted");

    private static final Map<Integer, String> WITH_VERSION =
            Map.of(412, "It has changed since", 428, "If-Match is missing");

    @Override
    public void filterOpenAPI(OpenAPI document) {
        document.getComponents()
                .addSecurityScheme(
                        BEARER,
                        OASFactory.createSecurityScheme()
                                .type(SecurityScheme.Type.HTTP)
                                .scheme("bearer")
                                .bearerFormat("JWT")
                                .description("The access_token of a login."));
        document.getComponents().getSchemas().values().forEach(Description::openMetadata);
        Schema problem = document.getComponents().getSchemas().get("Problem");
        if (problem != null) {
            problem.additionalPropertiesSchema(stringList());
        }
        document.getPaths().getPathItems().forEach(Description::describe);
    }

    /** Metadata is any JSON, and no property of its own means any type. */
    private static void openMetadata(Schema schema) {
        Map<String, Schema> properties = schema.getProperties();
        if (properties != null && properties.containsKey("metadata")) {
            schema.addProperty(
                    "metadata", OASFactory.createSchema().description("any JSON, up to 64 KiB"));
        }
    }

    private static Schema stringList() {
        return OASFactory.createSchema()
                .addType(Schema.SchemaType.ARRAY)
                .items(OASFactory.createSchema().addType(Schema.SchemaType.STRING));
    }

    private static void describe(String path, PathItem item) {
        item.getOperations().forEach((method, operation) -> describe(path, method, operation));
    }

    private static void describe(String path, PathItem.HttpMethod method, Operation operation) {
        boolean isOpen =
                path.matches("/api/v1/auth/(register|login|refresh|logout)")
                        || path.startsWith("/.well-known/");
        boolean hasBody = operation.getRequestBody() != null;
        Map<Integer, String> refusals = new TreeMap<>(ANYWHERE);
        if (!isOpen) {
            operation.addSecurityRequirement(
                    OASFactory.createSecurityRequirement().addScheme(BEARER));
        }
        if (!path.startsWith("/.well-known/")) {
            refusals.putAll(WITH_TOKEN);
        }
        if (path.contains("{") || path.endsWith("/events")) {
            refusals.putAll(WITH_ID);
        }
        if (hasBody) {
            refusals.putAll(WITH_BODY);
        }
        if (method == PathItem.HttpMethod.GET) {
            refusals.put(422, "A value is not permitted");
        } else {
            refusals.put(409, "The present state does not permit it");
        }
        if (path.endsWith("{move}")) {
            refusals.put(415, "The body has another media type than JSON");
        }
        if (List.of(PathItem.HttpMethod.PUT, PathItem.HttpMethod.PATCH, PathItem.HttpMethod.DELETE)
                .contains(method)) {
            refusals.putAll(WITH_VERSION);
        }
        refusals.forEach((status, why) -> refuse(operation, status, why));
        operation
                .getResponses()
                .getAPIResponses()
                .forEach((status, response) -> addHeaders(method, status, response));
    }

    private static void refuse(Operation operation, int status, String why) {
        var schema = OASFactory.createSchema().ref("#/components/schemas/Problem");
        operation
                .getResponses()
                .addAPIResponse(
                        String.valueOf(status),
                        OASFactory.createAPIResponse()
                                .description(why)
                                .content(
                                        OASFactory.createContent()
                                                .addMediaType(
                                                        PROBLEM,
                                                        OASFactory.createMediaType()
                                                                .schema(schema))));
    }

    private static void addHeaders(
            PathItem.HttpMethod method, String status, APIResponse response) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("X-Request-Id", "The name of the request, for questions about it");
        headers.put("RateLimit-Policy", "Requests (q) in a window (w, seconds)");
        headers.put("RateLimit", "Requests that are left (r), seconds until all are (t)");
        switch (status) {
            case "401" -> headers.put("WWW-Authenticate", "Bearer");
            case "429", "503" -> headers.put("Retry-After", "Seconds to wait");
            case "201" -> {
                headers.put("ETag", "The version");
                headers.put("Location", "Where it is");
            }
            case "200" -> {
                headers.put("ETag", "The version, of what has one");
                if (method == PathItem.HttpMethod.GET) {
                    headers.put("Link", "The next page of a list (RFC 8288)");
                }
            }
            default -> {}
        }
        headers.forEach((name, meaning) -> response.addHeader(name, header(meaning)));
    }

    private static Header header(String meaning) {
        return OASFactory.createHeader()
                .description(meaning)
                .schema(OASFactory.createSchema().addType(Schema.SchemaType.STRING));
    }
}
