package dev.wingman.rest;

import dev.wingman.mission.Spec;
import dev.wingman.mission.SpecStatus;
import dev.wingman.mission.Specs;
import dev.wingman.rest.Answers.SpecJson;
import dev.wingman.rest.Answers.SpecPage;
import dev.wingman.rest.IdempotentPosts.Answer;
import dev.wingman.security.account.Caller;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The numbered steps of one mission. */
@Path("/api/v1/missions/{id}/specs")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Authenticated
@Tag(name = "specs")
class MissionSpecsResource {
    private final RestServer server;
    private final IdempotentPosts posts;
    private final Visit visit;

    MissionSpecsResource(RestServer server, IdempotentPosts posts, Visit visit) {
        this.server = server;
        this.posts = posts;
        this.visit = visit;
    }

    private Specs specs() {
        return server.parts().specs();
    }

    @GET
    @Operation(operationId = "listSpecs", summary = "The specs of a mission, by their numbers")
    public RestResponse<SpecPage> list(
            @PathParam("id") UUID id,
            @BeanParam PageRequest request,
            @QueryParam("status") @Nullable String status) {
        Page page = Page.of(visit, request, "status", status);
        Integer position = page.position(1, values -> Integer.valueOf(values.getFirst()));
        return page.answer(
                specs().list(
                                visit.caller(),
                                id,
                                status == null ? null : SpecStatus.of(status),
                                position == null ? 0 : position,
                                page.fetch()),
                spec -> new String[] {String.valueOf(spec.content().number())},
                (items, next) -> new SpecPage(items.stream().map(SpecJson::of).toList(), next));
    }

    @POST
    @Operation(operationId = "createSpec", summary = "Add a spec to a mission")
    @APIResponseSchema(
            value = SpecJson.class,
            responseCode = "201",
            responseDescription = "The spec")
    public RestResponse<SpecJson> create(
            @PathParam("id") UUID id,
            @HeaderParam("Idempotency-Key") @Nullable String key,
            Requests.SpecContent content) {
        Spec.Content checked = SpecsResource.content(content);
        Caller caller = visit.caller();
        return posts.answer(
                visit,
                key,
                SpecJson.class,
                tx -> {
                    Spec spec = specs().create(tx, caller, id, checked);
                    return new Answer<>(
                            201, SpecJson.of(spec), spec.version(), "/api/v1/specs/" + spec.id());
                });
    }
}
