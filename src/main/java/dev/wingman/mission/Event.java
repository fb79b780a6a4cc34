package dev.wingman.mission;

import dev.wingman.security.account.Caller;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One committed change.
 *
 * @param id rises by one from event to event
 * @param ownerId whose mission, or whose notification, it is; decides who may see it and is not
 *     shown
 */
public record Event(
        long id,
        Type type,
        Instant at,
        UUID ownerId,
        @Nullable UUID missionId,
        @Nullable UUID specId,
        @Nullable String from,
        @Nullable String to,
        @Nullable Long version,
        @Nullable UUID actorId) {
    /** Viewers see all missions, but not what concerns other people. */
    public boolean isVisibleTo(Caller caller) {
        return type == Type.NOTIFICATION
                ? caller.id().equals(ownerId) || caller.isAdmin()
                : caller.maySee(ownerId);
    }

    /** What has changed. */
    public enum Type {
        MISSION_CREATED("mission.created"),
        MISSION_UPDATED("mission.updated"),
        MISSION_STATUS_CHANGED("mission.status_changed"),
        MISSION_PROGRESS("mission.progress"),
        MISSION_DELETED("mission.deleted"),
        SPEC_CREATED("spec.created"),
        SPEC_UPDATED("spec.updated"),
        SPEC_STATUS_CHANGED("spec.status_changed"),
        SPEC_DELETED("spec.deleted"),
        /** Somebody else changed an account, or a mission of its owner. */
        NOTIFICATION("notification"),
        /** Something was logged of a mission. */
        METRICS("metrics");

        private final String text;

        Type(String text) {
            this.text = text;
        }

        /** As in the database, in JSON and as the name of SSE events. */
        public String text() {
            return text;
        }

        static Type of(String text) {
            for (Type type : values()) {
                if (type.text.equals(text)) {
                    return type;
                }
            }
            throw new IllegalStateException("an event is stored with an unknown type: " + text);
        }
    }
}
