package dev.wingman.recorder;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A number of things that may be held at a time. Thread-safe. */
final class Permits {
    private final int limit;
    private final AtomicInteger taken = new AtomicInteger();

    /** As long again as there are permits. */
    @GuardedBy("this")
    private final Queue<Waiter> waiters = new ArrayDeque<>();

    Permits(int limit) {
        this.limit = limit;
    }

    int limit() {
        return limit;
    }

    int taken() {
        return taken.get();
    }

    /** One of them. Gives itself back once, however often it is closed. */
    final class Permit implements AutoCloseable {
        private final AtomicBoolean held = new AtomicBoolean(true);

        @Override
        public void close() {
            if (held.compareAndSet(true, false)) {
                release();
            }
        }
    }

    /** Somebody who waits for a permit. */
    static final class Waiter {
        private final AtomicBoolean decided = new AtomicBoolean();
        private final Consumer<Permit> taker;

        Waiter(Consumer<Permit> taker) {
            this.taker = taker;
        }

        /** True when no permit has come and none will. */
        boolean giveUp() {
            return decided.compareAndSet(false, true);
        }
    }

    Optional<Permit> tryAcquire() {
        int seen = taken.get();
        while (seen < limit) {
            if (taken.compareAndSet(seen, seen + 1)) {
                return Optional.of(new Permit());
            }
            seen = taken.get();
        }
        return Optional.empty();
    }

    /**
     * Calls the waiter, on any thread, when a permit is free for it.
     *
     * @return false when too many wait already
     */
    boolean await(Waiter waiter) {
        synchronized (this) {
            waiters.removeIf(each -> each.decided.get());
            if (waiters.size() >= limit) {
                return false;
            }
            waiters.add(waiter);
        }
        serve(); // what was given back before we stood in the queue
        return true;
    }

    private void release() {
        taken.decrementAndGet();
        serve();
    }

    private void serve() {
        Permit permit = null;
        while (true) {
            Waiter next;
            synchronized (this) {
                if (waiters.isEmpty()) {
                    break;
                }
                permit = permit == null ? tryAcquire().orElse(null) : permit;
                if (permit == null) {
                    return;
                }
                next = waiters.remove();
            }
            if (next.decided.compareAndSet(false, true)) {
                next.taker.accept(permit);
                permit = null;
            }
        }
        if (permit != null) {
            permit.close();
        }
    }
}
