package dev.wingman.rest;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.wingman.security.RefusedException;
import dev.wingman.security.TokenVerdict;
import dev.wingman.security.account.Accounts;
import dev.wingman.security.account.AuditLog.Entry;
import dev.wingman.security.account.AuditLog.Origin;
import dev.wingman.security.account.RefreshTokens;
import dev.wingman.security.account.TokenIssuer;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.CompletionStage;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * The two calls by which clients of the wire protocol get tokens (section 2.7), with its names: the
 * client library knows them, and not those of the REST API.
 */
@Path("/api/auth")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Tag(name = "accounts")
class WireAuthResource {
    private final RestServer server;
    private final Visit visit;

    WireAuthResource(RestServer server, Visit visit) {
        this.server = server;
        this.visit = visit;
    }

    /** Times are milliseconds since 1970, as the wire protocol has them. */
    @Schema(name = "WireToken")
    record TokenJson(
            @Schema(required = true) String token,
            @Schema(required = true, description = "milliseconds since 1970")
                    @JsonProperty("expiresAt")
                    long expiresAt,
            @JsonProperty("refreshToken") @Nullable String refreshToken,
            @Schema(description = "milliseconds since 1970") @JsonProperty("refreshExpiresAt")
                    @Nullable Long refreshExpiresAt) {
        /** Without the tokens. */
        @Override
        public String toString() {
            return "TokenJson[" + expiresAt + "]";
        }
    }

    @POST
    @Path("token")
    @LimitedByAddress
    @Operation(
            operationId = "exchangeToken",
            summary = "Trade a token of another issuer for one of this server",
            description =
                    "404 when no other issuer is trusted. It ends with the token it was made from,"
                            + " and cannot be refreshed: trade again.")
    public CompletionStage<TokenJson> exchange(Requests.Exchange request) {
        RestServer.Parts parts = server.parts();
        RestServer.OtherIssuer other = parts.other();
        boolean isKnown =
                other != null
                        && (request.provider() == null || request.provider().equals(other.name()));
        if (other == null || !isKnown) {
            throw RefusedException.absent("issuer whose tokens are traded here");
        }
        Origin origin = visit.origin();
        return other.tokens()
                .decide(request.token())
                .thenApplyAsync(verdict -> exchanged(parts, verdict, origin), parts.hashing());
    }

    private static TokenJson exchanged(
            RestServer.Parts parts, TokenVerdict verdict, Origin origin) {
        return switch (verdict) {
            case TokenVerdict.Verified(var principal, var validUntil) -> {
                Instant end = TokenIssuer.end(parts.clock().instant(), validUntil);
                String token = parts.issuer().issueForeign(principal, end, parts.ids().next());
                parts.audit().add(origin, new Entry(principal.subject(), "exchange", null, "ok"));
                yield new TokenJson(token, end.toEpochMilli(), null, null);
            }
            case TokenVerdict.Rejected _ -> {
                parts.audit().add(origin, new Entry(null, "exchange", null, "invalid_token"));
                throw new RefusedException(
                        RefusedException.Kind.UNAUTHENTICATED,
                        "invalid_token",
                        "the token does not hold: get another one from its issuer");
            }
            case TokenVerdict.Undecided _ -> throw TokenCheck.undecided();
        };
    }

    @POST
    @Path("refresh")
    @LimitedByAddress
    @Operation(
            operationId = "refreshWireToken",
            summary = "Trade a refresh token of a login for new tokens",
            description = "Each is good once; showing one again ends the login.")
    public TokenJson refresh(Requests.WireRefresh request) {
        RestServer.Parts parts = server.parts();
        Instant now = parts.clock().instant().truncatedTo(ChronoUnit.SECONDS);
        Accounts.Session session = parts.accounts().refresh(request.refreshToken(), visit.origin());
        return new TokenJson(
                session.accessToken(),
                now.plus(TokenIssuer.LIFETIME).toEpochMilli(),
                session.refreshToken(),
                now.plus(RefreshTokens.LIFETIME).toEpochMilli());
    }
}
