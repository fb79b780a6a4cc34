package dev.wingman.rest;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wingman.mission.Event;
import dev.wingman.security.RefusedException;
import dev.wingman.security.account.Caller;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import jakarta.ws.rs.sse.Sse;
import java.time.Instant;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Every change as it happens. */
@Path("/api/v1/events")
@Blocking
@Authenticated
@Tag(name = "events")
class EventsResource {
    private static final Logger LOG = Logger.getLogger(EventsResource.class);

    private final RestServer server;
    private final Visit visit;
    private final Sse sse;
    private final ObjectMapper mapper;
    private final AnswerCounters answers;

    EventsResource(
            RestServer server, Visit visit, Sse sse, ObjectMapper mapper, AnswerCounters answers) {
        this.answers = answers;
        this.server = server;
        this.visit = visit;
        this.sse = sse;
        this.mapper = mapper;
    }

    /** An event as it is shown. No method of a resource returns one, so it is registered here. */
    @RegisterForReflection
    @Schema(name = "Event")
    record EventJson(
            @Schema(required = true) long id,
            @Schema(required = true) String type,
            @Schema(required = true) Instant at,
            @Nullable UUID missionId,
            @Nullable UUID specId,
            @Nullable String from,
            @Nullable String to,
            @Nullable Long version,
            @Nullable UUID actorId) {
        static EventJson of(Event event) {
            return new EventJson(
                    event.id(),
                    event.type().text(),
                    event.at(),
                    event.missionId(),
                    event.specId(),
                    event.from(),
                    event.to(),
                    event.version(),
                    event.actorId());
        }
    }

    @GET
    @Produces(MediaType.SERVER_SENT_EVENTS)
    @Operation(
            operationId = "followEvents",
            summary = "Changes of the missions that you may see, as they happen",
            description =
                    """
                    Server-sent events: the name is the type, the data an Event, the id goes into
                    Last-Event-ID to resume. An event named reset means that some were missed: read
                    again what you show. A notification says that somebody else changed your account
                    or mission, metrics that something was logged of a mission. The stream ends with
                    the token or its account, and when it is not read.\
                    """)
    @APIResponse(
            responseCode = "200",
            description = "The stream",
            content =
                    @Content(
                            mediaType = MediaType.SERVER_SENT_EVENTS,
                            schema = @Schema(implementation = EventJson.class)))
    public Multi<OutboundSseEvent> events(
            @QueryParam("mission") @Parameter(schema = @Schema(format = "uuid"))
                    @Nullable String missionId,
            @HeaderParam("Last-Event-ID") @Nullable String lastEventId) {
        Caller caller = visit.caller();
        RestServer.Parts parts = server.parts();
        UUID mission = missionId == null ? null : id(missionId);
        if (mission != null) {
            parts.missions().get(caller, mission);
        }
        Predicate<Event> wanted =
                event ->
                        event.isVisibleTo(caller)
                                && (mission == null || mission.equals(event.missionId()));
        long position =
                lastEventId == null ? parts.events().position() : position(lastEventId.strip());
        var stream =
                new EventStream(
                        parts.events(),
                        parts.timer(),
                        new EventStream.Listener(position, wanted, entitled(parts, caller)),
                        patience(caller));
        return Multi.createFrom().publisher(stream).map(this::message);
    }

    private BooleanSupplier entitled(RestServer.Parts parts, Caller caller) {
        Instant end = visit.expiry();
        String subject = caller.id().toString();
        return () ->
                !parts.clock().instant().isAfter(end) && parts.revocations().cause(subject) == null;
    }

    private EventStream.Patience patience(Caller caller) {
        Runnable cut = visit.cut();
        return new EventStream.Patience(
                server.limits().sendTimeout(),
                () -> {
                    answers.cutListener();
                    LOG.infof("listener to events cut user=%s: it does not read", caller.id());
                    cut.run();
                });
    }

    private static UUID id(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException notAnId) {
            throw new RefusedException(
                    RefusedException.Kind.MALFORMED,
                    "bad_request",
                    "mission: the id of a mission is expected");
        }
    }

    private static long position(String lastEventId) {
        try {
            return Long.parseLong(lastEventId);
        } catch (NumberFormatException notOurs) {
            throw new RefusedException(
                    RefusedException.Kind.MALFORMED,
                    "bad_request",
                    "Last-Event-ID is the id of an event");
        }
    }

    private OutboundSseEvent message(EventStream.Item item) {
        OutboundSseEvent.Builder message = sse.newEventBuilder();
        return switch (item) {
            case EventStream.Item.Change(Event event) ->
                    message.id(String.valueOf(event.id()))
                            .name(event.type().text())
                            .data(json(event))
                            .build();
            case EventStream.Item.Reset(long position) ->
                    message.id(String.valueOf(position)).name("reset").data("{}").build();
            case EventStream.Item.Alive _ -> message.comment("alive").build();
        };
    }

    private String json(Event event) {
        try {
            return mapper.writeValueAsString(EventJson.of(event));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException("an event cannot be written", e);
        }
    }
}
