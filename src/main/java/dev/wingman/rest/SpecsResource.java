package dev.wingman.rest;

import dev.wingman.mission.Spec;
import dev.wingman.mission.SpecStatus;
import dev.wingman.mission.Specs;
import dev.wingman.rest.Answers.DependenciesJson;
import dev.wingman.rest.Answers.FindingsJson;
import dev.wingman.rest.Answers.SpecJson;
import dev.wingman.rest.Answers.SpecPage;
import dev.wingman.rest.Answers.TransitionJson;
import dev.wingman.rest.Answers.TransitionPage;
import dev.wingman.security.RefusedException;
import dev.wingman.security.account.AuditLog.Entry;
import dev.wingman.security.account.Caller;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** The numbered steps of missions, one by one. */
@Path("/api/v1/specs")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Authenticated
@Tag(name = "specs")
class SpecsResource {
    /** Not whatever stands there, or the methods of {@code search} would be those of a spec. */
    private static final String ONE = "{id: [0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}}";

    private final RestServer server;
    private final Visit visit;

    SpecsResource(RestServer server, Visit visit) {
        this.server = server;
        this.visit = visit;
    }

    private Specs specs() {
        return server.parts().specs();
    }

    @GET
    @Path("search")
    @Operation(operationId = "searchSpecs", summary = "Specs with a text, whatever its case")
    public RestResponse<SpecPage> search(
            @QueryParam("q") @Nullable String text, @BeanParam PageRequest request) {
        if (text == null || text.isBlank()) {
            throw RefusedException.invalid("q", "must say what to look for");
        }
        Page page = Page.of(visit, request, "q", text);
        return page.answer(
                specs().search(visit.caller(), text, page.positionId(), page.fetch()),
                spec -> new String[] {spec.id().toString()},
                (items, next) -> new SpecPage(items.stream().map(SpecJson::of).toList(), next));
    }

    @GET
    @Path(ONE)
    @Operation(operationId = "getSpec", summary = "One spec")
    public RestResponse<SpecJson> get(@PathParam("id") UUID id) {
        return answer(specs().get(visit.caller(), id));
    }

    @PUT
    @Path(ONE)
    @Operation(operationId = "replaceSpec", summary = "Replace what people wrote")
    public RestResponse<SpecJson> replace(
            @PathParam("id") UUID id,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            Requests.SpecContent content) {
        Long version = Versions.required(ifMatch);
        return answer(specs().replace(visit.caller(), id, version, content(content)));
    }

    @DELETE
    @Path(ONE)
    @ResponseStatus(204)
    @Operation(
            operationId = "deleteSpec",
            summary = "Delete a spec",
            description = "Not while others depend on it.")
    public void delete(
            @PathParam("id") UUID id, @HeaderParam("If-Match") @Nullable String ifMatch) {
        Caller caller = visit.caller();
        var entry = new Entry(caller.id().toString(), "delete_spec", id.toString(), "ok");
        specs().delete(
                        caller,
                        id,
                        Versions.required(ifMatch),
                        tx -> server.parts().audit().add(tx, visit.origin(), entry));
    }

    @PATCH
    @Path("{id}/status")
    @Operation(operationId = "changeSpecStatus", summary = "Move a spec to another status")
    public RestResponse<SpecJson> changeStatus(
            @PathParam("id") UUID id,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            Requests.StatusChange change) {
        Long version = Versions.required(ifMatch);
        return answer(
                specs().changeStatus(
                                visit.caller(),
                                id,
                                version,
                                SpecStatus.of(change.status()),
                                change.notes()));
    }

    static Spec.Content content(Requests.SpecContent content) {
        return new Spec.Content(
                content.number(),
                content.title(),
                new Spec.Texts(
                        orEmpty(content.description()),
                        orEmpty(content.acceptanceCriteria()),
                        orEmpty(content.implementationDetails()),
                        orEmpty(content.testingRequirements())),
                content.dependencies() == null ? Set.of() : content.dependencies(),
                content.estimatedContext(),
                content.tags() == null ? List.of() : content.tags());
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static RestResponse<SpecJson> answer(Spec spec) {
        return Versions.ok(SpecJson.of(spec), spec.version());
    }

    @GET
    @Path("{id}/dependencies")
    @Operation(
            operationId = "getDependencies",
            summary = "A spec and everything that it needs, as a graph")
    public DependenciesJson dependencies(@PathParam("id") UUID id) {
        return DependenciesJson.of(specs().dependencies(visit.caller(), id));
    }

    @POST
    @Path("{id}/validate")
    @Consumes(MediaType.WILDCARD)
    @Operation(
            operationId = "validateSpec",
            summary = "What should be put right before work begins",
            description =
                    "No acceptance criteria, dependencies that are unknown or not completed, an"
                            + " estimate above 80 % of the context. Changes nothing.")
    public FindingsJson validate(@PathParam("id") UUID id) {
        return FindingsJson.of(specs().findings(visit.caller(), id));
    }

    @GET
    @Path("{id}/history")
    @Operation(operationId = "getHistory", summary = "The way of a spec so far, oldest first")
    public RestResponse<TransitionPage> history(
            @PathParam("id") UUID id, @BeanParam PageRequest request) {
        Page page = Page.of(visit, request);
        return page.answer(
                specs().history(visit.caller(), id, page.positionId(), page.fetch()),
                step -> new String[] {step.id().toString()},
                (items, next) ->
                        new TransitionPage(items.stream().map(TransitionJson::of).toList(), next));
    }
}
