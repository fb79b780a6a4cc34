package dev.wingman.rest;

import dev.wingman.protocol.ProtocolException;
import dev.wingman.rest.IdempotentPosts.Answer;
import dev.wingman.security.RefusedException;
import dev.wingman.security.policy.MapPattern;
import dev.wingman.security.policy.Policy;
import dev.wingman.security.policy.PolicyStore;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** What may be done with maps, for administrators. */
@Path("/api/v1/admin/policies")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Authenticated
@Tag(name = "operations")
class PoliciesResource {
    private final RestServer server;
    private final Visit visit;
    private final IdempotentPosts posts;

    PoliciesResource(RestServer server, Visit visit, IdempotentPosts posts) {
        this.server = server;
        this.visit = visit;
        this.posts = posts;
    }

    /** A rule about maps. It is never changed: delete it and make another. */
    @Schema(name = "Policy")
    record PolicyJson(
            @Schema(required = true) String id,
            @Schema(required = true) String mapPattern,
            @Schema(
                            required = true,
                            enumeration = {"read", "write", "remove", "all"})
                    String action,
            @Schema(
                            required = true,
                            enumeration = {"allow", "deny"})
                    String effect) {
        static PolicyJson of(Policy policy) {
            return new PolicyJson(
                    policy.id(),
                    policy.maps().value(),
                    policy.action().text(),
                    policy.effect().text());
        }
    }

    @Schema(name = "Policies")
    record PolicyPage(
            @Schema(required = true) List<PolicyJson> items, @Nullable String nextCursor) {}

    @GET
    @Operation(operationId = "listPolicies", summary = "What may be done with maps, by id")
    public RestResponse<PolicyPage> list(@BeanParam PageRequest request) {
        PolicyStore policies = policies();
        Page page = Page.of(visit, request);
        return page.answer(
                policies.list(page.fetch(), page.position(1, List::getFirst)),
                policy -> new String[] {policy.id()},
                (items, next) -> new PolicyPage(items.stream().map(PolicyJson::of).toList(), next));
    }

    @POST
    @Operation(
            operationId = "createPolicy",
            summary = "Allow or deny something to everybody",
            description =
                    "Counts at once. Without any policy everything is allowed; from the first on"
                            + " only what one allows and none denies, even when all are deleted"
                            + " again. The subjects in wingman.security.admin-subjects may do"
                            + " everything, roles make no difference.")
    @APIResponseSchema(
            value = PolicyJson.class,
            responseCode = "201",
            responseDescription = "The policy")
    public RestResponse<PolicyJson> create(
            @HeaderParam("Idempotency-Key") @Nullable String key, Requests.PolicyContent content) {
        PolicyStore policies = policies();
        Policy policy =
                policy(
                        server,
                        content.id(),
                        pattern("map_pattern", content.mapPattern()),
                        content.action(),
                        content.effect());
        RestResponse<PolicyJson> answer =
                posts.answer(
                        visit,
                        key,
                        PolicyJson.class,
                        tx -> {
                            policies.add(tx, policy, actor(), visit.origin());
                            return new Answer<>(
                                    201,
                                    PolicyJson.of(policy),
                                    null,
                                    "/api/v1/admin/policies/" + policy.id());
                        });
        policies.refresh();
        return answer;
    }

    /**
     * A valid policy.
     *
     * @param id null has one made up
     */
    static Policy policy(
            RestServer server, @Nullable String id, MapPattern maps, String action, String effect) {
        return new Policy(
                id == null ? server.parts().ids().next().toString() : id,
                maps,
                Policy.Action.valueOf(action.toUpperCase(Locale.ROOT)),
                Policy.Effect.valueOf(effect.toUpperCase(Locale.ROOT)));
    }

    static MapPattern pattern(String field, String value) {
        try {
            return new MapPattern(value);
        } catch (ProtocolException | IllegalArgumentException e) {
            throw RefusedException.invalid(field, String.valueOf(e.getMessage()));
        }
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getPolicy", summary = "One policy")
    public PolicyJson get(@PathParam("id") String id) {
        return policies()
                .find(id)
                .map(PolicyJson::of)
                .orElseThrow(() -> RefusedException.absent("policy"));
    }

    @DELETE
    @Path("{id}")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(204)
    @Operation(operationId = "deletePolicy", summary = "Delete a policy")
    @APIResponse(responseCode = "204", description = "It counts no more")
    public void delete(@PathParam("id") String id) {
        policies().remove(id, actor(), visit.origin());
    }

    private PolicyStore policies() {
        Administrators.require(server, visit, "policies");
        return server.parts().policies();
    }

    private String actor() {
        return visit.caller().id().toString();
    }
}
