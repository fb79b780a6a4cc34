package dev.wingman.rest;

import com.fasterxml.jackson.databind.JsonNode;
import dev.wingman.mission.Mission;
import dev.wingman.mission.MissionLog;
import dev.wingman.mission.Spec;
import dev.wingman.mission.SpecFinding;
import dev.wingman.mission.SpecStatus;
import dev.wingman.mission.Specs;
import dev.wingman.security.account.Role;
import dev.wingman.security.account.User;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** The bodies of answers. */
final class Answers {
    private Answers() {}

    /** A user. */
    @Schema(name = "User")
    record UserJson(
            @Schema(required = true) UUID id,
            @Schema(required = true) String email,
            @Nullable String name,
            @Schema(required = true) Set<String> roles,
            @Schema(required = true) boolean disabled,
            @Schema(required = true) long version,
            @Schema(required = true) Instant createdAt,
            @Schema(required = true) Instant updatedAt) {
        static UserJson of(User user) {
            return new UserJson(
                    user.id(),
                    user.email(),
                    user.name(),
                    Role.texts(user.roles()),
                    user.disabled(),
                    user.version(),
                    user.createdAt(),
                    user.updatedAt());
        }
    }

    /**
     * A login.
     *
     * @param expiresIn seconds
     */
    @Schema(name = "Session")
    record SessionJson(
            @Schema(required = true) String accessToken,
            @Schema(required = true) String tokenType,
            @Schema(required = true, description = "seconds") long expiresIn,
            @Schema(required = true) String refreshToken,
            @Schema(required = true) UserJson user) {
        /** Without the tokens. */
        @Override
        public String toString() {
            return "SessionJson[" + user.id() + "]";
        }
    }

    @Schema(name = "Users")
    record UserPage(@Schema(required = true) List<UserJson> items, @Nullable String nextCursor) {}

    @Schema(name = "Mission")
    record MissionJson(
            @Schema(required = true) UUID id,
            @Schema(required = true) String title,
            @Schema(required = true) String description,
            @Schema(required = true) String status,
            @Schema(required = true) List<String> tags,
            @Schema(type = SchemaType.OBJECT, description = "any JSON") @Nullable JsonNode metadata,
            @Schema(required = true) UUID ownerId,
            @Schema(required = true) StatsJson stats,
            @Schema(required = true) long version,
            @Schema(required = true) Instant createdAt,
            @Schema(required = true) Instant updatedAt,
            @Nullable Instant startedAt,
            @Nullable Instant endedAt) {
        static MissionJson of(Mission mission) {
            Mission.Content content = mission.content();
            return new MissionJson(
                    mission.id(),
                    content.title(),
                    content.description(),
                    mission.state().status().text(),
                    content.tags(),
                    Metadata.read(content.metadata()),
                    mission.ownerId(),
                    new StatsJson(
                            mission.stats().total(),
                            mission.stats().completed(),
                            mission.stats().inProgress(),
                            mission.stats().completionPercentage()),
                    mission.version(),
                    mission.createdAt(),
                    mission.updatedAt(),
                    mission.state().startedAt(),
                    mission.state().endedAt());
        }
    }

    @Schema(name = "Stats")
    record StatsJson(
            @Schema(required = true) long totalSpecs,
            @Schema(required = true) long completedSpecs,
            @Schema(required = true) long inProgressSpecs,
            @Schema(required = true) double completionPercentage) {}

    @Schema(name = "Missions")
    record MissionPage(
            @Schema(required = true) List<MissionJson> items, @Nullable String nextCursor) {}

    @Schema(name = "LogEntry")
    record LogJson(
            @Schema(required = true) UUID id,
            @Schema(required = true) String level,
            @Schema(required = true) String message,
            @Schema(required = true) Instant at,
            @Schema(type = SchemaType.OBJECT, description = "any JSON")
                    @Nullable JsonNode metadata) {
        static LogJson of(MissionLog line) {
            return new LogJson(
                    line.id(),
                    line.level().text(),
                    line.message(),
                    line.at(),
                    Metadata.read(line.metadata()));
        }
    }

    @Schema(name = "LogEntries")
    record LogPage(@Schema(required = true) List<LogJson> items, @Nullable String nextCursor) {}

    @Schema(name = "Spec")
    record SpecJson(
            @Schema(required = true) UUID id,
            @Schema(required = true) UUID missionId,
            @Schema(required = true) int number,
            @Schema(required = true) String title,
            @Schema(required = true) String description,
            @Schema(required = true) String acceptanceCriteria,
            @Schema(required = true) String implementationDetails,
            @Schema(required = true) String testingRequirements,
            @Schema(required = true) Set<UUID> dependencies,
            @Schema(required = true) Set<UUID> dependents,
            @Nullable Integer estimatedContext,
            @Schema(required = true) List<String> tags,
            @Schema(required = true) String status,
            @Schema(required = true) long version,
            @Schema(required = true) Instant createdAt,
            @Schema(required = true) Instant updatedAt) {
        static SpecJson of(Spec spec) {
            Spec.Content content = spec.content();
            return new SpecJson(
                    spec.id(),
                    spec.missionId(),
                    content.number(),
                    content.title(),
                    content.texts().description(),
                    content.texts().acceptanceCriteria(),
                    content.texts().implementationDetails(),
                    content.texts().testingRequirements(),
                    content.dependencies(),
                    spec.dependents(),
                    content.estimatedContext(),
                    content.tags(),
                    spec.status().text(),
                    spec.version(),
                    spec.createdAt(),
                    spec.updatedAt());
        }
    }

    @Schema(name = "Specs")
    record SpecPage(@Schema(required = true) List<SpecJson> items, @Nullable String nextCursor) {}

    @Schema(name = "Transition")
    record TransitionJson(
            @Schema(required = true) String from,
            @Schema(required = true) String to,
            @Nullable String notes,
            @Schema(required = true) UUID actorId,
            @Schema(required = true) Instant at) {
        static TransitionJson of(Spec.Transition step) {
            return new TransitionJson(
                    step.from().text(), step.to().text(), step.notes(), step.actorId(), step.at());
        }
    }

    @Schema(name = "Transitions")
    record TransitionPage(
            @Schema(required = true) List<TransitionJson> items, @Nullable String nextCursor) {}

    /** A spec and everything that it needs, directly or not. */
    @Schema(name = "Dependencies")
    record DependenciesJson(
            @Schema(required = true) List<NodeJson> nodes,
            @Schema(required = true) List<EdgeJson> edges) {
        static DependenciesJson of(Specs.Needs needs) {
            List<NodeJson> nodes = new ArrayList<>();
            for (Map.Entry<UUID, SpecStatus> node : needs.nodes().entrySet()) {
                nodes.add(new NodeJson(node.getKey(), node.getValue().text()));
            }
            return new DependenciesJson(
                    nodes,
                    needs.edges().stream()
                            .map(edge -> new EdgeJson(edge.from(), edge.to()))
                            .toList());
        }
    }

    @Schema(name = "Findings")
    record FindingsJson(
            @Schema(required = true, description = "whether there are none") boolean valid,
            @Schema(required = true) List<FindingJson> findings) {
        static FindingsJson of(List<SpecFinding> findings) {
            return new FindingsJson(
                    findings.isEmpty(),
                    findings.stream()
                            .map(each ->
                                    new FindingJson(
                                            each.code().text(), each.message(), each.spec()))
                            .toList());
        }
    }

    @Schema(name = "Finding")
    record FindingJson(
            @Schema(required = true, description = "stable, for programs") String code,
            @Schema(required = true) String message,
            @Schema(description = "another spec that it is about") @Nullable UUID specId) {}

    @Schema(name = "DependencyNode")
    record NodeJson(@Schema(required = true) UUID id, @Schema(required = true) String status) {}

    /** {@code from} needs {@code to}. */
    @Schema(name = "DependencyEdge")
    record EdgeJson(@Schema(required = true) UUID from, @Schema(required = true) UUID to) {}
}
