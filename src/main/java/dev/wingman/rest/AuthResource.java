package dev.wingman.rest;

import dev.wingman.rest.Answers.SessionJson;
import dev.wingman.rest.Answers.UserJson;
import dev.wingman.security.RefusedException;
import dev.wingman.security.account.Accounts;
import dev.wingman.security.account.AuditLog.Origin;
import dev.wingman.security.account.TokenIssuer;
import dev.wingman.security.account.User;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Accounts of people, as themselves. */
@Path("/api/v1/auth")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "accounts")
class AuthResource {
    private final RestServer server;
    private final Visit visit;

    AuthResource(RestServer server, Visit visit) {
        this.server = server;
        this.visit = visit;
    }

    @POST
    @Path("register")
    @LimitedByAddress
    @Operation(operationId = "register", summary = "Make an account")
    @APIResponseSchema(
            value = UserJson.class,
            responseCode = "201",
            responseDescription = "The account")
    public CompletionStage<RestResponse<UserJson>> register(Requests.Registration registration) {
        if (!server.settings().values().registration()) {
            throw new RefusedException(
                    RefusedException.Kind.FORBIDDEN, "registration_closed", "ask an administrator");
        }
        Accounts accounts = server.parts().accounts();
        Origin origin = visit.origin();
        return hashing(() -> {
            User user =
                    accounts.register(
                            registration.email(),
                            registration.password(),
                            registration.name(),
                            origin);
            return RestResponse.ResponseBuilder.create(
                            RestResponse.Status.CREATED, UserJson.of(user))
                    .header("ETag", Versions.tag(user.version()))
                    .build();
        });
    }

    @POST
    @Path("login")
    @LimitedByAddress
    @Operation(operationId = "login", summary = "Trade email and password for tokens")
    public CompletionStage<SessionJson> login(Requests.Credentials credentials) {
        Accounts accounts = server.parts().accounts();
        Origin origin = visit.origin();
        return hashing(
                () -> session(accounts.login(credentials.email(), credentials.password(), origin)));
    }

    @POST
    @Path("refresh")
    @LimitedByAddress
    @Operation(
            operationId = "refresh",
            summary = "Trade a refresh token for new tokens",
            description = "Each is good once; showing one again ends the login.")
    public SessionJson refresh(Requests.Refresh refresh) {
        return session(server.parts().accounts().refresh(refresh.refreshToken(), visit.origin()));
    }

    private static SessionJson session(Accounts.Session session) {
        return new SessionJson(
                session.accessToken(),
                "Bearer",
                TokenIssuer.LIFETIME.toSeconds(),
                session.refreshToken(),
                UserJson.of(session.user()));
    }

    @POST
    @Path("logout")
    @LimitedByAddress
    @ResponseStatus(204)
    @Operation(operationId = "logout", summary = "End a login")
    @APIResponse(responseCode = "204", description = "Done")
    public void logout(Requests.Refresh refresh) {
        server.parts().accounts().logout(refresh.refreshToken(), visit.origin());
    }

    @GET
    @Path("me")
    @Authenticated
    @Operation(operationId = "me", summary = "The account of the token")
    public RestResponse<UserJson> me() {
        User user = server.parts().accounts().current(visit.caller().id());
        return Versions.ok(UserJson.of(user), user.version());
    }

    @DELETE
    @Path("me")
    @Authenticated
    @ResponseStatus(204)
    @Operation(
            operationId = "deleteMe",
            summary = "Delete the account of the token",
            description =
                    "Counts at once, and closes the sockets of the account with 1008. Its missions"
                            + " stay for administrators.")
    public void deleteMe(@HeaderParam("If-Match") @Nullable String ifMatch) {
        Long version = Versions.required(ifMatch);
        UUID id = visit.caller().id();
        server.parts().accounts().delete(id, version, visit.origin());
    }

    @POST
    @Path("change-password")
    @Authenticated
    @Operation(
            operationId = "changePassword",
            summary = "Change the password",
            description = "Ends all logins; access tokens stay good until they expire.")
    @APIResponse(responseCode = "204", description = "Done")
    public CompletionStage<RestResponse<Void>> changePassword(Requests.PasswordChange change) {
        Accounts accounts = server.parts().accounts();
        UUID id = visit.caller().id();
        Origin origin = visit.origin();
        return hashing(() -> {
            accounts.changePassword(id, change.currentPassword(), change.newPassword(), origin);
            return RestResponse.noContent();
        });
    }

    /** Away from the threads that serve everybody: a hash takes half a second. */
    private <T> CompletionStage<T> hashing(Supplier<T> work) {
        try {
            return CompletableFuture.supplyAsync(work, server.parts().hashing());
        } catch (RejectedExecutionException full) {
            throw new RefusedException(
                    RefusedException.Kind.BUSY,
                    "unavailable",
                    "too many logins at once; try again soon");
        }
    }
}
