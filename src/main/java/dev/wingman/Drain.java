package dev.wingman;

import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.lifecycle.HealthState;
import dev.wingman.lifecycle.InFlightGuard;
import dev.wingman.lifecycle.ShutdownController;
import dev.wingman.recorder.Recorder;
import dev.wingman.storage.RocksRecordStore;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Takes a node out of service without losing an acknowledged write: readiness first, then no new
 * clients, then those that are here at a pace, then the store.
 *
 * <p>Blocks the thread that shuts the process down, never longer than {@code drain-timeout}.
 */
final class Drain {
    private static final Logger LOG = Logger.getLogger(Drain.class);
    private static final String REASON = "server restarts, reconnect";

    /** Clients are closed in portions, about so many a second and never of less than one. */
    private static final int PORTIONS_PER_SECOND = 100;

    /** Most of the time for clients that is kept for the store instead. */
    private static final Duration MAX_STORE_TIME = Duration.ofSeconds(2);

    private final Node node;
    private final @Nullable Recorder recorder;
    private final ConnectionRegistry registry;
    private final ShutdownController lifecycle;
    private final WingmanConfig.Lifecycle times;
    private final long deadlineNanos;
    private final Duration storeTime;

    /** After a failed start nobody is drained, and the last line is the one that says why. */
    private final Logger.Level level;

    /**
     * Time for load balancers to hear of it; none has sent anybody to a server that was not ready.
     */
    private final Duration delay;

    /**
     * @param recorder null when it is off
     */
    Drain(Node node, @Nullable Recorder recorder) {
        this.node = node;
        this.recorder = recorder;
        this.registry = node.registry();
        this.lifecycle = node.lifecycle();
        this.times = node.settings().lifecycle();
        this.level = node.hasFailed() ? Logger.Level.DEBUG : Logger.Level.INFO;
        this.delay =
                lifecycle.healthState() == HealthState.READY ? times.drainDelay() : Duration.ZERO;
        this.deadlineNanos = System.nanoTime() + times.drainTimeout().toNanos();
        Duration half = times.drainTimeout().minus(times.drainDelay()).dividedBy(2);
        this.storeTime = half.compareTo(MAX_STORE_TIME) < 0 ? half : MAX_STORE_TIME;
    }

    void run() {
        long begun = System.nanoTime();
        LOG.logf(level, "draining connections=%d", registry.count());
        long unansweredBefore = registry.counters().unanswered();
        int cut;
        int unfinished;
        // Held until the store is flushed, so that STOPPED means what it says.
        try (InFlightGuard _ = lifecycle.inFlightGuard()) {
            lifecycle.triggerShutdown();
            if (recorder != null) {
                recorder.drain();
            }
            closeClients();
            long unanswered = registry.counters().unanswered() - unansweredBefore;
            cut = registry.count() + (int) unanswered;
            unfinished = lifecycle.inFlightCount() - 1;
            if (recorder != null) {
                recorder.close();
            }
            closeStore();
        }
        awaitStopped();
        LOG.logf(
                level,
                "stopped took_ms=%d connections_cut=%d requests_cut=%d",
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begun),
                cut,
                unfinished);
    }

    private void awaitStopped() {
        try {
            lifecycle.waitForDrain(
                    Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime())));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void closeClients() {
        var done = new CountDownLatch(1);
        int portion = Math.max(1, times.closeRate() / PORTIONS_PER_SECOND);
        long pauseNanos = TimeUnit.SECONDS.toNanos(portion) / times.closeRate();
        ScheduledFuture<?> pace =
                node.timer()
                        .scheduleAtFixedRate(
                                () -> {
                                    registry.drain(portion, REASON);
                                    if (registry.count() == 0 && lifecycle.inFlightCount() <= 1) {
                                        done.countDown();
                                    }
                                },
                                delay.toNanos(),
                                pauseNanos,
                                TimeUnit.NANOSECONDS);
        try {
            long left = deadlineNanos - System.nanoTime() - storeTime.toNanos();
            if (!done.await(Math.max(0, left), TimeUnit.NANOSECONDS)) {
                LOG.warnf("drain time-out connections=%d", registry.count());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            pace.cancel(false);
        }
    }

    private void closeStore() {
        RocksRecordStore store = node.store();
        if (store == null) {
            return;
        }
        try {
            node.server()
                    .maps()
                    .storeSums()
                    .toCompletableFuture()
                    .get(storeTime.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            // The next start reads more of the log instead.
            LOG.warnf("sums not stored error=%s", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        node.close();
    }
}
