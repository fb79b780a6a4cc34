package dev.wingman.mission;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A numbered step of a mission. */
public record Spec(
        UUID id,
        UUID missionId,
        Content content,
        Set<UUID> dependents,
        SpecStatus status,
        long version,
        Instant createdAt,
        Instant updatedAt) {
    /**
     * What people write; checked at the edge.
     *
     * @param number 1..9999, unique in the mission
     * @param estimatedContext 0..100; null when nobody has said
     */
    public record Content(
            int number,
            String title,
            Texts texts,
            Set<UUID> dependencies,
            @Nullable Integer estimatedContext,
            List<String> tags) {
        public Content {
            tags = List.copyOf(tags);
        }
    }

    /** Markdown; empty where nobody has written anything. */
    public record Texts(
            String description,
            String acceptanceCriteria,
            String implementationDetails,
            String testingRequirements) {}

    /** One step on the way of a spec. */
    public record Transition(
            UUID id,
            SpecStatus from,
            SpecStatus to,
            @Nullable String notes,
            UUID actorId,
            Instant at) {}
}
