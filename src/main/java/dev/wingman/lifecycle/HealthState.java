package dev.wingman.lifecycle;

import java.util.Locale;

/** Where the process stands. It only ever moves down this list. */
public enum HealthState {
    /** The port is open and recovery runs. */
    STARTING,
    READY,
    /** Asked to stop: what is in flight is finished. */
    DRAINING,
    STOPPED;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** As it stands in {@code GET /health}. */
    public String text() {
        return text;
    }

    /** A start may be broken off, so STARTING leads to DRAINING as well. */
    boolean leadsTo(HealthState next) {
        return switch (this) {
            case STARTING -> next == READY || next == DRAINING;
            case READY -> next == DRAINING;
            case DRAINING -> next == STOPPED;
            case STOPPED -> false;
        };
    }
}
