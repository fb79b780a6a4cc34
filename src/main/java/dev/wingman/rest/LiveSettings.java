package dev.wingman.rest;

import dev.wingman.security.RefusedException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What administrators may change while the server runs: on this node, until it stops. Thread-safe.
 */
public final class LiveSettings {
    /**
     * The keys {@code wingman.rest.*} of the same names.
     *
     * @param rateLimit requests of a user in a window, 1 or more
     * @param authRateLimit tries of an address in a minute, 1 or more
     */
    public record Values(boolean registration, int rateLimit, int authRateLimit) {}

    /**
     * @param version rises with every change
     */
    record Versioned(Values values, long version) {}

    private final AtomicReference<Versioned> present;

    /**
     * @param configured what holds until somebody changes it
     */
    public LiveSettings(Values configured) {
        this.present = new AtomicReference<>(new Versioned(configured, 1));
    }

    public Values values() {
        return present.get().values();
    }

    Versioned versioned() {
        return present.get();
    }

    /**
     * @param expectedVersion null for any
     * @throws RefusedException when somebody else was faster
     */
    Versioned replace(@Nullable Long expectedVersion, Values next) {
        return present.updateAndGet(before -> {
            if (expectedVersion != null && expectedVersion != before.version()) {
                throw RefusedException.stale(before.version());
            }
            return next.equals(before.values())
                    ? before
                    : new Versioned(next, before.version() + 1);
        });
    }
}
