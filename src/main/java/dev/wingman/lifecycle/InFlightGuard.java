package dev.wingman.lifecycle;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One piece of work that a stop waits for. Belongs in a try-with-resources, or is closed by the
 * callback that ends the work.
 *
 * <p>Thread-safe: only the first {@link #close} counts, whoever calls it.
 */
public final class InFlightGuard implements AutoCloseable {
    private final ShutdownController owner;
    private final AtomicBoolean released = new AtomicBoolean();

    InFlightGuard(ShutdownController owner) {
        this.owner = owner;
    }

    @Override
    public void close() {
        if (released.compareAndSet(false, true)) {
            owner.release();
        }
    }
}
