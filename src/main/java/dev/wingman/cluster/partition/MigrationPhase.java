package dev.wingman.cluster.partition;

import java.util.Locale;

/** How far a migration is, as the master sees it. */
public enum MigrationPhase {
    REPLICATING,
    /** The destination has everything. */
    READY,
    FINALIZING,
    FAILED;

    private final String text = name().toLowerCase(Locale.ROOT);

    /** As it stands in answers to administrators and in metric tags. */
    public String text() {
        return text;
    }
}
