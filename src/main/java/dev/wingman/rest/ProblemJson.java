package dev.wingman.rest;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** An error, as RFC 9457 has it. No method of a resource returns one, so it is registered here. */
@RegisterForReflection
@Schema(name = "Problem", description = "An error (RFC 9457).")
record ProblemJson(
        @Schema(required = true, description = "always about:blank") String type,
        @Schema(required = true) String title,
        @Schema(required = true) int status,
        @Schema(required = true, description = "what was wrong and what to do") String detail,
        @Schema(description = "the path of the request, where it could be read") String instance,
        @Schema(required = true, description = "stable, for programs") String code,
        @Schema(required = true, description = "the same as detail") String message,
        @Schema(required = true) String requestId,
        @JsonInclude(JsonInclude.Include.NON_EMPTY)
                @Schema(description = "what is wrong with which field")
                List<FieldJson> errors,
        @JsonIgnore Map<String, List<String>> details) {
    /** One field that will not do. */
    @RegisterForReflection
    @Schema(name = "FieldProblem")
    record FieldJson(
            @Schema(required = true) String field,
            @Schema(required = true) String code,
            @Schema(required = true) String message) {}

    /** Such as the moves that would be allowed, by their name. */
    @JsonAnyGetter
    @Schema(hidden = true)
    Map<String, List<String>> further() {
        return details;
    }
}
