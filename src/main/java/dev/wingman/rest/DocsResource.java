package dev.wingman.rest;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Singleton;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * The description of the API: for programs, and for people as one page without scripts and without
 * anything from elsewhere.
 */
@Path("/api/v1")
@Blocking
@Singleton
@Tag(name = "description")
class DocsResource {
    /** The build makes it of the resources' annotations and of {@link Description}. */
    static final String DOCUMENT = "META-INF/rest/openapi.json";

    private final ObjectMapper mapper;

    /** Made at the first request: hardly any server is asked. */
    private volatile @Nullable String page;

    DocsResource(ObjectMapper mapper) {
        this.mapper = mapper;
    }

    @GET
    @Path("openapi.json")
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(operationId = "openapi", summary = "This description, as OpenAPI 3.1")
    @APIResponse(
            responseCode = "200",
            description = "OK",
            content = @Content(schema = @Schema(type = SchemaType.OBJECT)))
    public String openapi() {
        return resource(DOCUMENT);
    }

    @GET
    @Path("docs")
    @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
    @Operation(operationId = "docs", summary = "This description as a page")
    public String docs() {
        String present = page;
        if (present == null) {
            try {
                present = new DocsPage(mapper.readTree(resource(DOCUMENT))).html();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            page = present;
        }
        return present;
    }

    @GET
    @Path("docs.css")
    @Produces("text/css;charset=UTF-8")
    @Operation(operationId = "docsStyle", summary = "How the page looks")
    public String style() {
        return resource("docs.css");
    }

    static String resource(String name) {
        ClassLoader classes = Thread.currentThread().getContextClassLoader();
        try (InputStream in = classes.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the build lacks " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
