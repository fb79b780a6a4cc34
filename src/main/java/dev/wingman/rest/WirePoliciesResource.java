package dev.wingman.rest;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.wingman.security.policy.Policy;
import dev.wingman.security.policy.PolicyStore;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestResponse;

/** The policies by the paths and names of the wire protocol (section 2.7). */
@Path("/api/admin/policies")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Authenticated
@Tag(name = "operations")
class WirePoliciesResource {
    private final RestServer server;
    private final Visit visit;

    WirePoliciesResource(RestServer server, Visit visit) {
        this.server = server;
        this.visit = visit;
    }

    @Schema(name = "WirePolicy")
    record PolicyJson(
            @Schema(required = true) String id,
            @Schema(required = true) @JsonProperty("mapPattern") String mapPattern,
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

    @Schema(name = "WirePolicies")
    record PoliciesJson(@Schema(required = true) List<PolicyJson> policies) {}

    @GET
    @Operation(operationId = "listWirePolicies", summary = "All policies, by id")
    public PoliciesJson list() {
        return new PoliciesJson(
                policies().list(PolicyStore.MAX_POLICIES, null).stream()
                        .map(PolicyJson::of)
                        .toList());
    }

    @POST
    @Operation(
            operationId = "createWirePolicy",
            summary = "Allow or deny something to everybody",
            description = "As POST /api/v1/admin/policies.")
    @APIResponseSchema(
            value = PolicyJson.class,
            responseCode = "201",
            responseDescription = "The policy")
    public RestResponse<PolicyJson> create(Requests.WirePolicyContent content) {
        PolicyStore policies = policies();
        Policy policy =
                PoliciesResource.policy(
                        server,
                        content.id(),
                        PoliciesResource.pattern("mapPattern", content.mapPattern()),
                        content.action(),
                        content.effect());
        server.parts()
                .database()
                .write(tx -> {
                    policies.add(tx, policy, actor(), visit.origin());
                    return policy;
                });
        policies.refresh();
        return RestResponse.status(RestResponse.Status.CREATED, PolicyJson.of(policy));
    }

    @DELETE
    @Path("{id}")
    @Consumes(MediaType.WILDCARD)
    @ResponseStatus(204)
    @Operation(operationId = "deleteWirePolicy", summary = "Delete a policy")
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
