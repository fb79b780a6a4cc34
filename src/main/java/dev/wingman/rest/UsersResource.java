package dev.wingman.rest;

import dev.wingman.rest.Answers.UserJson;
import dev.wingman.rest.Answers.UserPage;
import dev.wingman.security.account.Accounts;
import dev.wingman.security.account.Role;
import dev.wingman.security.account.User;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Accounts of people, for administrators. */
@Path("/api/v1/users")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Authenticated
@Tag(name = "users")
class UsersResource {
    private final RestServer server;
    private final Visit visit;

    UsersResource(RestServer server, Visit visit) {
        this.server = server;
        this.visit = visit;
    }

    @GET
    @Operation(operationId = "listUsers", summary = "All accounts, oldest first")
    public RestResponse<UserPage> list(@BeanParam PageRequest request) {
        Accounts accounts = accounts();
        Page page = Page.of(visit, request);
        return page.answer(
                accounts.list(page.fetch(), page.positionId()),
                user -> new String[] {user.id().toString()},
                (items, next) -> new UserPage(items.stream().map(UserJson::of).toList(), next));
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getUser", summary = "One account")
    public RestResponse<UserJson> get(@PathParam("id") UUID id) {
        User user = accounts().get(id);
        return Versions.ok(UserJson.of(user), user.version());
    }

    @PATCH
    @Path("{id}")
    @Operation(
            operationId = "changeUser",
            summary = "Change roles, or disable an account",
            description =
                    "Counts at once, also for tokens given out before; sockets keep the roles of"
                            + " their token. Disabling ends all logins and closes the sockets of"
                            + " the account with 1008.")
    public RestResponse<UserJson> change(
            @PathParam("id") UUID id,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            Requests.UserChange change) {
        Accounts accounts = accounts();
        User user =
                accounts.change(
                        id,
                        new Accounts.Change(
                                change.roles() == null ? null : Role.among(change.roles()),
                                change.disabled(),
                                Versions.required(ifMatch)),
                        visit.caller(),
                        visit.origin());
        return Versions.ok(UserJson.of(user), user.version());
    }

    private Accounts accounts() {
        Administrators.require(server, visit, "users");
        return server.parts().accounts();
    }
}
