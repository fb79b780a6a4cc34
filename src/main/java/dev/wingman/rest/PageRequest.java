package dev.wingman.rest;

import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.QueryParam;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/**
 * What every list is asked with. Not checked yet: {@link Page#of} does, and says what is wrong.
 *
 * @param limit items of a page, as text: the framework answers 404 to what is no number
 * @param cursor null for the first page
 */
record PageRequest(
        @QueryParam("limit")
                @DefaultValue("20")
                @Parameter(
                        schema =
                                @Schema(
                                        type = SchemaType.INTEGER,
                                        minimum = "1",
                                        maximum = "" + Page.MAX_LIMIT))
                String limit,
        @QueryParam("cursor") @Nullable String cursor) {}
