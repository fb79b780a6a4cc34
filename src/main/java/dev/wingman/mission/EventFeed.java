package dev.wingman.mission;

import dev.wingman.storage.sql.Database;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jboss.logging.Logger;

/**
 * Carries committed events from the outbox to the {@link EventBroadcast}: at once for changes made
 * here, within {@link #POLL} for those of other nodes.
 *
 * <p>Its work runs on one thread; {@link #wake} may be called by any.
 */
public final class EventFeed {
    private static final Logger LOG = Logger.getLogger(EventFeed.class);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final int PORTION = 500;

    /** Events kept in the outbox, for nodes that were away a moment. */
    private static final int HISTORY = 10 * EventBroadcast.CAPACITY;

    private final Database database;
    private final EventBroadcast broadcast;
    private final ScheduledExecutorService thread;
    private final AtomicBoolean awake = new AtomicBoolean();

    /** Of {@code thread}. */
    private long position;

    private boolean isFailing;

    /**
     * @param thread one, which may block on the database
     */
    public EventFeed(Database database, EventBroadcast broadcast, ScheduledExecutorService thread) {
        this.database = database;
        this.broadcast = broadcast;
        this.thread = thread;
    }

    /** Takes over the history and begins to carry. Called once. */
    public void begin() {
        position = database.read(Outbox::last);
        List<Event> history =
                database.read(tx ->
                        Outbox.after(
                                tx, position - EventBroadcast.CAPACITY, EventBroadcast.CAPACITY));
        broadcast.begin(history, position);
        var _ =
                thread.scheduleWithFixedDelay(
                        this::carry, POLL.toMillis(), POLL.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** There is something new. Does not block. */
    public void wake() {
        if (awake.compareAndSet(false, true)) {
            try {
                thread.execute(() -> {
                    awake.set(false);
                    carry();
                });
            } catch (RejectedExecutionException stopping) {
                LOG.debug("events committed while stopping stay in the outbox");
            }
        }
    }

    @SuppressWarnings("IllegalCatch") // the outermost handler of its thread: it tries again
    private void carry() {
        try {
            List<Event> news = next();
            while (!news.isEmpty()) {
                position = news.getLast().id();
                broadcast.publish(news);
                forgetOld(news);
                news = next();
            }
            if (isFailing) {
                isFailing = false;
                LOG.info("events flow again");
            }
        } catch (RuntimeException e) {
            if (!isFailing) {
                isFailing = true;
                LOG.warnf("events wait for the database error=%s", e.getMessage());
            }
        }
    }

    private List<Event> next() {
        return database.read(tx -> Outbox.after(tx, position, PORTION));
    }

    /** Once every thousand, not every time. */
    private void forgetOld(List<Event> news) {
        boolean isDue = news.stream().anyMatch(event -> event.id() % EventBroadcast.CAPACITY == 0);
        if (isDue) {
            database.write(tx -> {
                Outbox.forgetUpTo(tx, position - HISTORY);
                return position;
            });
        }
    }
}
