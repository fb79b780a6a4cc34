package dev.wingman;

import org.jboss.logging.Logger;

/**
 * A task of a timer that goes on after a failure: a timer runs nothing again that once threw. The
 * first of several failures in a row is logged.
 *
 * <p>Confined to its timer.
 */
final class Chore implements Runnable {
    private static final Logger LOG = Logger.getLogger(Chore.class);

    private final Runnable task;
    private boolean failed;

    Chore(Runnable task) {
        this.task = task;
    }

    @Override
    @SuppressWarnings("IllegalCatch") // the outermost handler of its thread
    public void run() {
        try {
            task.run();
            failed = false;
        } catch (RuntimeException e) {
            if (!failed) {
                LOG.error("a periodic task failed and will be tried again", e);
            }
            failed = true;
        }
    }
}
