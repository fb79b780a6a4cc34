package dev.wingman.rest;

import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** What others check our tokens with. */
@Path("/.well-known/jwks.json")
@Blocking
@Tag(name = "accounts")
class KeysResource {
    private final RestServer server;

    KeysResource(RestServer server) {
        this.server = server;
    }

    @GET
    @Produces(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "keys",
            summary = "The public keys (RFC 7517)",
            description = "Empty when tokens are signed with a secret.")
    @APIResponse(
            responseCode = "200",
            description = "The keys",
            content = @Content(schema = @Schema(implementation = KeySet.class)))
    public String keys() {
        return server.parts().issuer().publicKeys();
    }

    /** For the description alone. */
    @Schema(name = "KeySet")
    record KeySet(@Schema(required = true) java.util.List<Object> keys) {}
}
