package dev.wingman.rest;

import dev.wingman.mission.Mission;
import dev.wingman.mission.MissionLog;
import dev.wingman.mission.MissionMove;
import dev.wingman.mission.MissionQuery;
import dev.wingman.mission.MissionStatus;
import dev.wingman.mission.Missions;
import dev.wingman.rest.Answers.LogJson;
import dev.wingman.rest.Answers.LogPage;
import dev.wingman.rest.Answers.MissionJson;
import dev.wingman.rest.Answers.MissionPage;
import dev.wingman.rest.IdempotentPosts.Answer;
import dev.wingman.security.RefusedException;
import dev.wingman.security.account.AuditLog.Entry;
import dev.wingman.security.account.Caller;
import io.smallrye.common.annotation.Blocking;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponseSchema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.ResponseStatus;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** Missions and what is logged of them. */
@Path("/api/v1/missions")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Blocking
@Authenticated
@Tag(name = "missions")
class MissionsResource {
    private static final String KEY = "Idempotency-Key";

    private final RestServer server;
    private final IdempotentPosts posts;
    private final Visit visit;

    MissionsResource(RestServer server, IdempotentPosts posts, Visit visit) {
        this.server = server;
        this.posts = posts;
        this.visit = visit;
    }

    private Missions missions() {
        return server.parts().missions();
    }

    @GET
    @Operation(operationId = "listMissions", summary = "The missions that you may see")
    public RestResponse<MissionPage> list(
            @BeanParam PageRequest request,
            @QueryParam("sort")
                    @DefaultValue("created_at")
                    @Parameter(
                            schema =
                                    @Schema(
                                            enumeration = {
                                                "created_at",
                                                "-created_at",
                                                "title",
                                                "-title"
                                            }))
                    String sort,
            @QueryParam("status") @Nullable String status,
            @QueryParam("tag") @Nullable String tag,
            @QueryParam("q") @Nullable String text) {
        Page page = Page.of(visit, request, "sort", sort, "status", status, "tag", tag, "q", text);
        MissionQuery.Order order = order(sort);
        var query =
                new MissionQuery(
                        null,
                        status == null ? null : MissionStatus.of(status),
                        tag,
                        text,
                        order,
                        position(page),
                        page.fetch());
        return page.answer(
                missions().list(visit.caller(), query),
                mission ->
                        new String[] {
                            mission.createdAt().toString(),
                            mission.content().title(),
                            mission.id().toString()
                        },
                (items, next) ->
                        new MissionPage(items.stream().map(MissionJson::of).toList(), next));
    }

    private static MissionQuery.Order order(String sort) {
        for (MissionQuery.Order order : MissionQuery.Order.values()) {
            if (order.text().equals(sort)) {
                return order;
            }
        }
        throw RefusedException.invalid("sort", "must be created_at, -created_at, title or -title");
    }

    private static MissionQuery.@Nullable Position position(Page page) {
        return page.position(
                3,
                values ->
                        new MissionQuery.Position(
                                Page.time(values.get(0)),
                                values.get(1),
                                UUID.fromString(values.get(2))));
    }

    @POST
    @Operation(operationId = "createMission", summary = "Make a mission")
    @APIResponseSchema(
            value = MissionJson.class,
            responseCode = "201",
            responseDescription = "The mission")
    public RestResponse<MissionJson> create(
            @HeaderParam(KEY) @Nullable String key, Requests.MissionContent content) {
        Mission.Content checked = content(content);
        Caller caller = visit.caller();
        return posts.answer(
                visit,
                key,
                MissionJson.class,
                tx -> {
                    Mission mission = missions().create(tx, caller, checked);
                    return new Answer<>(
                            201,
                            MissionJson.of(mission),
                            mission.version(),
                            "/api/v1/missions/" + mission.id());
                });
    }

    @POST
    @Path("{id}/duplicate")
    @Operation(
            operationId = "duplicateMission",
            summary = "Make a draft like another mission",
            description = "It is yours; its specs are planned anew and its log is empty.")
    @APIResponseSchema(
            value = MissionJson.class,
            responseCode = "201",
            responseDescription = "The new mission")
    public RestResponse<MissionJson> duplicate(
            @PathParam("id") UUID id,
            @HeaderParam(KEY) @Nullable String key,
            Requests.Duplication duplication) {
        Caller caller = visit.caller();
        boolean withSpecs = !Boolean.FALSE.equals(duplication.includeSpecs());
        return posts.answer(
                visit,
                key,
                MissionJson.class,
                tx -> {
                    Mission bare = missions().duplicate(tx, caller, id, duplication.title());
                    Mission mission =
                            withSpecs ? server.parts().specs().copy(tx, caller, id, bare) : bare;
                    return new Answer<>(
                            201,
                            MissionJson.of(mission),
                            mission.version(),
                            "/api/v1/missions/" + mission.id());
                });
    }

    private static Mission.Content content(Requests.MissionContent content) {
        return new Mission.Content(
                content.title(),
                content.description() == null ? "" : content.description(),
                content.tags() == null ? List.of() : content.tags(),
                Metadata.write(content.metadata()));
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getMission", summary = "One mission")
    public RestResponse<MissionJson> get(@PathParam("id") UUID id) {
        return answer(missions().get(visit.caller(), id));
    }

    @PUT
    @Path("{id}")
    @Operation(operationId = "replaceMission", summary = "Replace what people wrote")
    public RestResponse<MissionJson> replace(
            @PathParam("id") UUID id,
            @HeaderParam("If-Match") @Nullable String ifMatch,
            Requests.MissionContent content) {
        Long version = Versions.required(ifMatch);
        return answer(missions().replace(visit.caller(), id, version, content(content)));
    }

    private static RestResponse<MissionJson> answer(Mission mission) {
        return Versions.ok(MissionJson.of(mission), mission.version());
    }

    @DELETE
    @Path("{id}")
    @ResponseStatus(204)
    @Operation(
            operationId = "deleteMission",
            summary = "Delete a mission with its specs and logs",
            description = "Not while it is active.")
    public void delete(
            @PathParam("id") UUID id, @HeaderParam("If-Match") @Nullable String ifMatch) {
        Caller caller = visit.caller();
        var entry = new Entry(caller.id().toString(), "delete_mission", id.toString(), "ok");
        missions()
                .delete(
                        caller,
                        id,
                        Versions.required(ifMatch),
                        tx -> server.parts().audit().add(tx, visit.origin(), entry));
    }

    @POST
    @Path("{id}/{move: start|activate|pause|resume|complete|fail|cancel|archive}")
    @Consumes(MediaType.WILDCARD)
    @Operation(
            operationId = "moveMission",
            summary = "Move a mission to another status",
            description = "activate is another name for start; repeating a move changes nothing.")
    public RestResponse<MissionJson> move(
            @PathParam("id") UUID id,
            @PathParam("move")
                    @Parameter(
                            schema =
                                    @Schema(
                                            enumeration = {
                                                "start",
                                                "activate",
                                                "pause",
                                                "resume",
                                                "complete",
                                                "fail",
                                                "cancel",
                                                "archive"
                                            }))
                    String move,
            @HeaderParam(KEY) @Nullable String key) {
        MissionMove parsed =
                move.equals("activate")
                        ? MissionMove.START
                        : MissionMove.valueOf(move.toUpperCase(Locale.ROOT));
        Caller caller = visit.caller();
        return posts.answer(
                visit,
                key,
                MissionJson.class,
                tx -> {
                    Mission mission = missions().move(tx, caller, id, parsed);
                    return Answer.ok(MissionJson.of(mission), mission.version());
                });
    }

    @GET
    @Path("{id}/logs")
    @Operation(operationId = "listLogs", summary = "What was logged, oldest first")
    public RestResponse<LogPage> logs(
            @PathParam("id") UUID id,
            @BeanParam PageRequest request,
            @QueryParam("level") @Nullable String level) {
        Page page = Page.of(visit, request, "level", level);
        return page.answer(
                missions()
                        .logs(
                                visit.caller(),
                                id,
                                level == null ? null : level(level),
                                page.positionId(),
                                page.fetch()),
                line -> new String[] {line.id().toString()},
                (items, next) -> new LogPage(items.stream().map(LogJson::of).toList(), next));
    }

    private static MissionLog.Level level(String text) {
        for (MissionLog.Level level : MissionLog.Level.values()) {
            if (level.text().equals(text)) {
                return level;
            }
        }
        throw RefusedException.invalid("level", "must be debug, info, warn or error");
    }

    @POST
    @Path("{id}/logs")
    @Operation(operationId = "addLog", summary = "Log something")
    @APIResponseSchema(
            value = LogJson.class,
            responseCode = "201",
            responseDescription = "The entry")
    public RestResponse<LogJson> addLog(
            @PathParam("id") UUID id,
            @HeaderParam(KEY) @Nullable String key,
            Requests.LogContent content) {
        var line =
                new MissionLog(
                        id,
                        level(content.level()),
                        content.message(),
                        Metadata.write(content.metadata()),
                        Instant.EPOCH);
        Caller caller = visit.caller();
        return posts.answer(
                visit,
                key,
                LogJson.class,
                tx ->
                        new Answer<>(
                                201,
                                LogJson.of(missions().addLog(tx, caller, id, line)),
                                null,
                                null));
    }
}
