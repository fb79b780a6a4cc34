package dev.wingman.rest;

import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.protocol.MapName;
import dev.wingman.security.account.AuditLog.Entry;
import dev.wingman.sync.SyncServer;
import io.smallrye.common.annotation.Blocking;
import jakarta.inject.Provider;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Objects;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Looking after this node, for administrators. */
@Path("/api/v1/admin")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Authenticated
@Tag(name = "operations")
class OperationsResource {
    private final RestServer server;
    private final Visit visit;
    private final Provider<Operations> operations;

    OperationsResource(RestServer server, Visit visit, Provider<Operations> operations) {
        this.server = server;
        this.visit = visit;
        this.operations = operations;
    }

    /** A replicated map. */
    @Schema(name = "Map")
    record MapJson(
            @Schema(required = true) String name,
            @Schema(required = true) long entries,
            @Schema(required = true, description = "entries that were removed") long tombstones,
            @Schema(required = true, description = "of its Merkle trie") long rootHash,
            @Schema(required = true, description = "connections that follow it") int followers) {
        static MapJson of(SyncServer sync, MapName name) {
            LeafSums sums = sync.maps().sums(name).toCompletableFuture().join();
            return new MapJson(
                    name.value(),
                    sums.liveCount(),
                    sums.tombstoneCount(),
                    Integer.toUnsignedLong(MerkleTrie.root(sums)),
                    sync.followers(name));
        }
    }

    @Schema(name = "Maps")
    record MapPage(@Schema(required = true) List<MapJson> items, @Nullable String nextCursor) {}

    /** What may change while the server runs. */
    @Schema(name = "Settings")
    record SettingsJson(
            @Schema(required = true, description = "whether people may make accounts")
                    boolean registration,
            @Schema(required = true, description = "requests of a user in rate-window")
                    int rateLimit,
            @Schema(required = true, description = "tries of a client address in a minute")
                    int authRateLimit,
            @Schema(required = true) long version) {
        static RestResponse<SettingsJson> answer(LiveSettings.Versioned settings) {
            LiveSettings.Values values = settings.values();
            var body =
                    new SettingsJson(
                            values.registration(),
                            values.rateLimit(),
                            values.authRateLimit(),
                            settings.version());
            return Versions.ok(body, settings.version());
        }
    }

    /** An orderly stop that has begun. */
    @Schema(name = "Drain")
    record DrainJson(@Schema(required = true, enumeration = "draining") String state) {}

    @GET
    @Path("maps")
    @Operation(operationId = "listMaps", summary = "The replicated maps, by their names")
    public RestResponse<MapPage> maps(
            @BeanParam PageRequest request, @QueryParam("prefix") @Nullable String prefix) {
        Administrators.require(server, visit, "maps");
        Page page = Page.of(visit, request, "prefix", prefix);
        String after = page.position(1, List::getFirst);
        SyncServer sync = operations.get().sync().get();
        List<MapName> found =
                sync.maps().names().stream()
                        .filter(name -> prefix == null || name.value().startsWith(prefix))
                        .filter(name -> after == null || name.value().compareTo(after) > 0)
                        .limit(page.fetch())
                        .toList();
        return page.answer(
                found,
                name -> new String[] {name.value()},
                (names, next) ->
                        new MapPage(
                                names.stream().map(name -> MapJson.of(sync, name)).toList(), next));
    }

    @GET
    @Path("settings")
    @Operation(
            operationId = "getSettings",
            summary = "What may change while the server runs",
            description = "Of this node, until it stops; it starts with what is configured.")
    public RestResponse<SettingsJson> settings() {
        Administrators.require(server, visit, "settings");
        return SettingsJson.answer(server.settings().versioned());
    }

    @PATCH
    @Path("settings")
    @Operation(
            operationId = "changeSettings",
            summary = "Change how the server runs",
            description = "Of this node, until it stops.")
    public RestResponse<SettingsJson> change(
            @HeaderParam("If-Match") @Nullable String ifMatch, Requests.SettingsChange change) {
        Administrators.require(server, visit, "settings");
        Long version = Versions.required(ifMatch);
        LiveSettings.Values before = server.settings().values();
        var next =
                new LiveSettings.Values(
                        Objects.requireNonNullElse(change.registration(), before.registration()),
                        Objects.requireNonNullElse(change.rateLimit(), before.rateLimit()),
                        Objects.requireNonNullElse(change.authRateLimit(), before.authRateLimit()));
        LiveSettings.Versioned after = server.settings().replace(version, next);
        record("change_settings", String.valueOf(after.values()));
        return SettingsJson.answer(after);
    }

    @POST
    @Path("drain")
    @Consumes(MediaType.WILDCARD)
    @Operation(
            operationId = "drain",
            summary = "Take this node out of service",
            description =
                    "As SIGTERM does: readiness first, then clients are asked to go elsewhere, then"
                            + " the process ends. Whoever keeps it running starts it again.")
    @APIResponseSchema(
            value = DrainJson.class,
            responseCode = "202",
            responseDescription = "It has begun")
    public RestResponse<DrainJson> drain() {
        Administrators.require(server, visit, "drain");
        record("drain", null);
        operations.get().drain().run();
        return RestResponse.status(RestResponse.Status.ACCEPTED, new DrainJson("draining"));
    }

    private void record(String action, @Nullable String target) {
        String actor = visit.caller().id().toString();
        server.parts().audit().add(visit.origin(), new Entry(actor, action, target, "ok"));
    }
}
