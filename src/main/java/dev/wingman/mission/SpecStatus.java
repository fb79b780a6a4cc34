package dev.wingman.mission;

import dev.wingman.security.RefusedException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;

/** Where a spec stands, and where it can go from there. */
public enum SpecStatus {
    PLANNED,
    IN_PROGRESS,
    IN_REVIEW,
    TESTING,
    BLOCKED,
    DEFERRED,
    /** Final. */
    COMPLETED;

    /** As in the database and in JSON. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static SpecStatus of(String text) {
        return Arrays.stream(values())
                .filter(status -> status.text().equals(text))
                .findFirst()
                .orElseThrow(() -> RefusedException.invalid("status", "there is no such status"));
    }

    public Set<SpecStatus> next() {
        return switch (this) {
            case PLANNED -> Set.of(IN_PROGRESS, BLOCKED, DEFERRED);
            case IN_PROGRESS -> Set.of(IN_REVIEW, BLOCKED, TESTING);
            case IN_REVIEW -> Set.of(IN_PROGRESS, TESTING, COMPLETED);
            case TESTING -> Set.of(IN_PROGRESS, COMPLETED);
            case BLOCKED -> Set.of(PLANNED, IN_PROGRESS);
            case DEFERRED -> Set.of(PLANNED);
            case COMPLETED -> Set.of();
        };
    }
}
