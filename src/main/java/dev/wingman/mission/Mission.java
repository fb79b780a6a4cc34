package dev.wingman.mission;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A piece of work. */
public record Mission(
        UUID id,
        UUID ownerId,
        Content content,
        MissionState state,
        Stats stats,
        long version,
        Instant createdAt,
        Instant updatedAt) {
    /**
     * What people write; checked at the edge.
     *
     * @param metadata any JSON; null for none
     */
    public record Content(
            String title, String description, List<String> tags, @Nullable String metadata) {
        public Content {
            tags = List.copyOf(tags);
        }
    }

    /** How far the specs are. */
    public record Stats(long total, long completed, long inProgress) {
        /** 0..100, with one decimal; 0 without specs. */
        public double completionPercentage() {
            return total == 0 ? 0 : Math.round(1000.0 * completed / total) / 10.0;
        }
    }
}
