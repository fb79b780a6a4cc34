package dev.wingman.rest;

import dev.wingman.connection.ConnectionHandle;
import dev.wingman.connection.ConnectionId;
import dev.wingman.connection.ConnectionMetadata;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.TopicName;
import dev.wingman.security.RefusedException;
import dev.wingman.security.account.AuditLog.Entry;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Provider;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Who is connected to this node, for administrators. */
@Path("/api/v1/admin/connections")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
@Blocking
@Authenticated
@Tag(name = "operations")
class ConnectionsResource {
    private final RestServer server;
    private final Visit visit;
    private final Provider<ConnectionRegistry> registry;

    ConnectionsResource(RestServer server, Visit visit, Provider<ConnectionRegistry> registry) {
        this.server = server;
        this.visit = visit;
        this.registry = registry;
    }

    /**
     * A connection.
     *
     * @param topics that it follows; null in lists
     */
    @Schema(name = "Connection")
    record ConnectionJson(
            @Schema(required = true) long id,
            @Schema(
                            required = true,
                            enumeration = {"client", "cluster_peer"})
                    String kind,
            @Schema(description = "the subject of its token") @Nullable String user,
            @Schema(required = true) boolean authenticated,
            @Schema(required = true, description = "it reads more slowly than it is written to")
                    boolean congested,
            @Schema(required = true) Instant connectedAt,
            @Schema(required = true, description = "live queries") int queries,
            @Nullable List<String> topics) {
        static ConnectionJson of(ConnectionHandle handle, boolean isWhole) {
            ConnectionMetadata metadata = handle.metadata();
            return new ConnectionJson(
                    handle.id().value(),
                    handle.kind().name().toLowerCase(Locale.ROOT),
                    metadata.principal(),
                    metadata.authenticated(),
                    handle.isCongested(),
                    handle.connectedAt(),
                    metadata.subscriptions().size(),
                    isWhole
                            ? metadata.topics().stream().map(TopicName::value).sorted().toList()
                            : null);
        }
    }

    @Schema(name = "Connections")
    record ConnectionPage(
            @Schema(required = true) List<ConnectionJson> items, @Nullable String nextCursor) {}

    @GET
    @Operation(
            operationId = "listConnections",
            summary = "Open connections of this node, oldest first",
            description = "With congested=true those alone that read too slowly.")
    public RestResponse<ConnectionPage> list(
            @BeanParam PageRequest request,
            @QueryParam("congested") @Parameter(schema = @Schema(enumeration = {"true", "false"}))
                    @Nullable String congested) {
        Administrators.require(server, visit, "connections");
        if (congested != null && !List.of("true", "false").contains(congested)) {
            throw RefusedException.invalid("congested", "must be true or false");
        }
        Page page = Page.of(visit, request, "congested", congested);
        Long position = page.position(1, values -> Long.valueOf(values.getFirst()));
        long after = position == null ? 0 : position;
        List<ConnectionHandle> found =
                registry.get().connections().stream()
                        .filter(handle -> handle.id().value() > after)
                        .filter(handle ->
                                congested == null
                                        || handle.isCongested() == congested.equals("true"))
                        .sorted(Comparator.comparingLong(handle -> handle.id().value()))
                        .limit(page.fetch())
                        .toList();
        return page.answer(
                found,
                handle -> new String[] {String.valueOf(handle.id().value())},
                (items, next) ->
                        new ConnectionPage(
                                items.stream()
                                        .map(handle -> ConnectionJson.of(handle, false))
                                        .toList(),
                                next));
    }

    @GET
    @Path("{id: [1-9][0-9]{0,17}}")
    @Operation(operationId = "getConnection", summary = "One connection")
    public ConnectionJson get(@PathParam("id") long id) {
        Administrators.require(server, visit, "connections");
        return ConnectionJson.of(find(id), true);
    }

    @POST
    @Path("{id: [1-9][0-9]{0,17}}/disconnect")
    @ResponseStatus(204)
    @Operation(
            operationId = "disconnect",
            summary = "Close a connection",
            description =
                    "With 1008. Clients connect again; to keep somebody out, disable the account,"
                            + " which closes all its connections.")
    @APIResponse(responseCode = "204", description = "It is being closed")
    public void disconnect(@PathParam("id") long id) {
        Administrators.require(server, visit, "connections");
        ConnectionHandle handle = find(id);
        server.parts()
                .audit()
                .add(
                        visit.origin(),
                        new Entry(
                                visit.caller().id().toString(),
                                "disconnect",
                                String.valueOf(id),
                                "ok"));
        handle.close(CloseCode.POLICY_VIOLATION, "closed by an administrator");
    }

    private ConnectionHandle find(long id) {
        return registry.get()
                .get(new ConnectionId(id))
                .orElseThrow(() -> RefusedException.absent("connection"));
    }
}
