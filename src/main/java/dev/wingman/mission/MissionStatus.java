package dev.wingman.mission;

import dev.wingman.security.RefusedException;
import java.util.Arrays;
import java.util.Locale;

/** The name of a {@link MissionState}. */
public enum MissionStatus {
    DRAFT,
    ACTIVE,
    PAUSED,
    COMPLETED,
    FAILED,
    CANCELLED,
    ARCHIVED;

    /** As in the database and in JSON. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static MissionStatus of(String text) {
        return Arrays.stream(values())
                .filter(status -> status.text().equals(text))
                .findFirst()
                .orElseThrow(() -> RefusedException.invalid("status", "there is no such status"));
    }
}
