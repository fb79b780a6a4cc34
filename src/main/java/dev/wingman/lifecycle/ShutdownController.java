package dev.wingman.lifecycle;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Knows the state of the process and what is in flight in it.
 *
 * <p>Thread-safe. Several may ask for a stop (SIGTERM, a failed recovery): the first one does it,
 * the others are told so.
 */
public final class ShutdownController {
    private final AtomicReference<HealthState> state = new AtomicReference<>(HealthState.STARTING);
    private final CompletableFuture<Void> shutdown = new CompletableFuture<>();
    private final CompletionStage<Void> shutdownReceiver = shutdown.minimalCompletionStage();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Condition nothingInFlight = lock.newCondition();

    /**
     * @return false when a stop came before the start was done: the state is then as it was
     */
    public boolean setReady() {
        return moveTo(HealthState.READY);
    }

    /**
     * Begins the stop and tells the receivers, on this thread.
     *
     * @return false when it had begun before
     */
    public boolean triggerShutdown() {
        boolean first = moveTo(HealthState.DRAINING);
        if (first) {
            shutdown.complete(null);
        }
        return first;
    }

    /**
     * Completes when the stop begins; who asks later finds it completed. For parts of the process,
     * not for single connections: whoever subscribes stays subscribed.
     */
    public CompletionStage<Void> shutdownReceiver() {
        return shutdownReceiver;
    }

    public HealthState healthState() {
        return state.get();
    }

    /** Always answers with the present state and cannot change it. */
    public Supplier<HealthState> healthStateHandle() {
        return state::get;
    }

    /** Counts as in flight until it is closed. */
    public InFlightGuard inFlightGuard() {
        inFlight.incrementAndGet();
        return new InFlightGuard(this);
    }

    public int inFlightCount() {
        return inFlight.get();
    }

    /**
     * Waits until nothing is in flight.
     *
     * @return true when it came to that, and the state is STOPPED; false when the time was up
     *     before, and the state is what it was
     * @throws IllegalStateException when no stop was asked for
     */
    public boolean waitForDrain(Duration timeout) throws InterruptedException {
        if (state.get().compareTo(HealthState.DRAINING) < 0) {
            throw new IllegalStateException("draining has not begun: " + state.get().text());
        }
        lock.lock();
        try {
            long remainingNanos = timeout.toNanos();
            while (inFlight.get() > 0) {
                if (remainingNanos <= 0) {
                    return false;
                }
                remainingNanos = nothingInFlight.awaitNanos(remainingNanos);
            }
        } finally {
            lock.unlock();
        }
        moveTo(HealthState.STOPPED);
        return true;
    }

    void release() {
        // Whoever waits has set DRAINING before it looked at the count, so that either it sees this
        // decrement or the decrement sees DRAINING. Before that nobody waits, and no lock is taken.
        if (inFlight.decrementAndGet() == 0 && state.get() == HealthState.DRAINING) {
            lock.lock();
            try {
                nothingInFlight.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private boolean moveTo(HealthState next) {
        HealthState seen = state.get();
        while (seen.leadsTo(next)) {
            if (state.compareAndSet(seen, next)) {
                return true;
            }
            seen = state.get();
        }
        return false;
    }
}
