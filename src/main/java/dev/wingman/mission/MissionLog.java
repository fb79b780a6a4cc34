package dev.wingman.mission;

import java.time.Instant;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One line of what an agent says of its work; never changed.
 *
 * @param metadata any JSON; null for none
 */
public record MissionLog(
        UUID id, Level level, String message, @Nullable String metadata, Instant at) {
    /** How much it matters. */
    public enum Level {
        DEBUG,
        INFO,
        WARN,
        ERROR;

        /** As in the database and in JSON. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
