package dev.wingman.mission;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which missions, in which order.
 *
 * @param owner null for everybody's
 * @param text somewhere in title or description, whatever its case
 * @param after the last mission of the page before; null for the first page
 */
public record MissionQuery(
        @Nullable UUID owner,
        @Nullable MissionStatus status,
        @Nullable String tag,
        @Nullable String text,
        Order order,
        @Nullable Position after,
        int limit) {
    /** Where a page ended. */
    public record Position(Instant createdAt, String title, UUID id) {}

    /** How missions can be sorted; the id breaks ties. */
    public enum Order {
        OLDEST("created_at", "m.created_at", false),
        NEWEST("-created_at", "m.created_at", true),
        TITLE("title", "m.title", false),
        TITLE_BACKWARDS("-title", "m.title", true);

        private final String text;
        private final String column;
        private final boolean isDescending;

        Order(String text, String column, boolean isDescending) {
            this.text = text;
            this.column = column;
            this.isDescending = isDescending;
        }

        /** As in {@code ?sort=}. */
        public String text() {
            return text;
        }

        String column() {
            return column;
        }

        boolean isDescending() {
            return isDescending;
        }

        Object value(Position position) {
            return switch (this) {
                case OLDEST, NEWEST -> position.createdAt();
                case TITLE, TITLE_BACKWARDS -> position.title();
            };
        }
    }

    /** The same from another owner's point of view. */
    MissionQuery of(@Nullable UUID otherOwner) {
        return new MissionQuery(otherOwner, status, tag, text, order, after, limit);
    }
}
