package dev.wingman.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.wingman.mission.Mission;
import dev.wingman.mission.MissionLog;
import dev.wingman.mission.Spec;
import dev.wingman.rest.Answers.LogJson;
import dev.wingman.rest.Answers.MissionJson;
import dev.wingman.rest.Answers.SpecJson;
import dev.wingman.security.RefusedException;
import dev.wingman.security.account.Caller;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** A mission with its specs and logs as one file. */
@Path("/api/v1/missions/{id}/export")
@Blocking
@Authenticated
@Tag(name = "missions")
class ExportResource {
    private static final String YAML = "application/yaml"; // RFC 9512

    /** Of specs and of log entries: a file is written as it is read. */
    private static final int READ_AT_ONCE = 100;

    private final RestServer server;
    private final Visit visit;
    private final ObjectMapper mapper;

    ExportResource(RestServer server, Visit visit, ObjectMapper mapper) {
        this.server = server;
        this.visit = visit;
        this.mapper = mapper;
    }

    /** For the description: files are written piece by piece. */
    @Schema(name = "Export")
    record ExportJson(
            @Schema(required = true) MissionJson mission,
            @Schema(required = true) List<SpecJson> specs,
            @Schema(required = true) List<LogJson> logs) {}

    @GET
    @Produces({MediaType.APPLICATION_JSON, YAML})
    @Operation(
            operationId = "exportMission",
            summary = "A mission with its specs and logs as a file")
    @APIResponse(
            responseCode = "200",
            description = "The file",
            headers =
                    @Header(
                            name = HttpHeaders.CONTENT_DISPOSITION,
                            description = "attachment, with the name of the file",
                            schema = @Schema(implementation = String.class)),
            content = {
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = ExportJson.class)),
                @Content(mediaType = YAML, schema = @Schema(implementation = ExportJson.class))
            })
    public Response export(
            @PathParam("id") UUID id,
            @QueryParam("format")
                    @DefaultValue("json")
                    @Parameter(schema = @Schema(enumeration = {"json", "yaml"}))
                    String format) {
        boolean isYaml = format.equals("yaml");
        if (!isYaml && !format.equals("json")) {
            throw RefusedException.invalid("format", "must be json or yaml");
        }
        Caller caller = visit.caller();
        RestServer.Parts parts = server.parts();
        Mission mission = parts.missions().get(caller, id);
        StreamingOutput file =
                out -> {
                    try (JsonGenerator json = generator(isYaml, out)) {
                        write(json, parts, caller, mission);
                    }
                };
        return Response.ok(file, isYaml ? YAML : MediaType.APPLICATION_JSON)
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        "attachment; filename=\"mission-%s.%s\"".formatted(id, format))
                .build();
    }

    private JsonGenerator generator(boolean isYaml, OutputStream out) throws IOException {
        return isYaml
                ? new YAMLFactory().createGenerator(out)
                : mapper.getFactory().createGenerator(out);
    }

    private void write(JsonGenerator json, RestServer.Parts parts, Caller caller, Mission mission)
            throws IOException {
        json.writeStartObject();
        json.writeFieldName("mission");
        mapper.writeValue(json, MissionJson.of(mission));
        json.writeArrayFieldStart("specs");
        int number = 0;
        List<Spec> specs;
        do {
            specs = parts.specs().list(caller, mission.id(), null, number, READ_AT_ONCE);
            for (Spec spec : specs) {
                mapper.writeValue(json, SpecJson.of(spec));
                number = spec.content().number();
            }
        } while (specs.size() == READ_AT_ONCE);
        json.writeEndArray();
        json.writeArrayFieldStart("logs");
        @Nullable UUID last = null;
        List<MissionLog> lines;
        do {
            lines = parts.missions().logs(caller, mission.id(), null, last, READ_AT_ONCE);
            for (MissionLog line : lines) {
                mapper.writeValue(json, LogJson.of(line));
                last = line.id();
            }
        } while (lines.size() == READ_AT_ONCE);
        json.writeEndArray();
        json.writeEndObject();
    }
}
