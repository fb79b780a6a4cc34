package dev.wingman.rest;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.wingman.mission.Event;
import dev.wingman.mission.EventBroadcast;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The events for one listener, handed over as fast as it takes them. A listener that falls behind
 * holds nothing but its position: when that is too old it gets one {@link Item.Reset}. One that
 * takes nothing at all is cut.
 *
 * <p>Thread-safe; for one subscriber.
 */
final class EventStream implements Flow.Publisher<EventStream.Item> {
    /** So that both ends notice when the other is gone. */
    private static final Duration PULSE = Duration.ofSeconds(15);

    private static final int PORTION = 16;

    private final EventBroadcast broadcast;
    private final ScheduledExecutorService timer;
    private final Listener listener;
    private final Patience patience;

    /**
     * Who listens.
     *
     * @param position the id of the last event that it has
     * @param wanted which events it may and wants to see
     * @param entitled whether it still is: its token and its account may come to an end
     */
    record Listener(long position, Predicate<Event> wanted, BooleanSupplier entitled) {}

    /**
     * With a listener that does not read.
     *
     * @param time after which it is cut
     * @param cut ends its connection
     */
    record Patience(Duration time, Runnable cut) {}

    /** What is written to the listener. */
    sealed interface Item {
        record Change(Event event) implements Item {}

        /** Events were missed. */
        record Reset(long position) implements Item {}

        record Alive() implements Item {}
    }

    EventStream(
            EventBroadcast broadcast,
            ScheduledExecutorService timer,
            Listener listener,
            Patience patience) {
        this.broadcast = broadcast;
        this.timer = timer;
        this.listener = listener;
        this.patience = patience;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super Item> subscriber) {
        new Delivery(subscriber).begin();
    }

    private final class Delivery implements Flow.Subscription {
        private final Flow.Subscriber<? super Item> subscriber;

        @GuardedBy("this")
        private final Deque<Item> ready = new ArrayDeque<>();

        @GuardedBy("this")
        private long position = listener.position();

        @GuardedBy("this")
        private long demand;

        /** How often it asked for more. */
        @GuardedBy("this")
        private long taken;

        @GuardedBy("this")
        private boolean isWatched;

        @GuardedBy("this")
        private boolean isPulseDue = true; // the first tells that the stream is open

        @GuardedBy("this")
        private boolean isDelivering;

        @GuardedBy("this")
        private boolean isCalledAgain;

        @GuardedBy("this")
        private boolean isOver;

        private @Nullable Runnable stopNews;
        private @Nullable Future<?> pulse;

        Delivery(Flow.Subscriber<? super Item> subscriber) {
            this.subscriber = subscriber;
        }

        void begin() {
            subscriber.onSubscribe(this);
            synchronized (this) {
                if (isOver) {
                    return;
                }
                stopNews = broadcast.onNews(() -> timer.execute(this::deliver));
                pulse =
                        timer.scheduleWithFixedDelay(
                                this::pulse,
                                PULSE.toMillis(),
                                PULSE.toMillis(),
                                TimeUnit.MILLISECONDS);
            }
            deliver();
        }

        private void pulse() {
            synchronized (this) {
                isPulseDue = true;
            }
            deliver();
        }

        @Override
        public void request(long n) {
            synchronized (this) {
                demand = demand + n < 0 ? Long.MAX_VALUE : demand + n;
                taken++;
            }
            deliver();
        }

        @Override
        public void cancel() {
            Runnable stop;
            Future<?> beat;
            synchronized (this) {
                isOver = true;
                stop = stopNews;
                beat = pulse;
            }
            if (stop != null) {
                stop.run();
            }
            if (beat != null) {
                beat.cancel(false);
            }
        }

        /**
         * One thread at a time, and never within the lock: the subscriber asks for more at once.
         */
        private void deliver() {
            synchronized (this) {
                if (isOver || isDelivering) {
                    isCalledAgain = true;
                    return;
                }
                isDelivering = true;
            }
            while (listener.entitled().getAsBoolean()) {
                Item item = next();
                if (item != null) {
                    subscriber.onNext(item);
                } else if (!isCalledMeanwhile()) {
                    return;
                }
            }
            cancel();
            subscriber.onComplete();
        }

        /**
         * Whether there is another reason to look, which is not lost between looking and ending.
         */
        private synchronized boolean isCalledMeanwhile() {
            isDelivering = isCalledAgain && !isOver;
            isCalledAgain = false;
            return isDelivering;
        }

        private synchronized @Nullable Item next() {
            if (isOver || demand == 0) {
                watch();
                return null;
            }
            if (ready.isEmpty()) {
                fill();
            }
            Item item = ready.poll();
            if (item != null) {
                demand--;
            }
            return item;
        }

        /** It is written to and has not asked for more: one task at a time looks after that. */
        @GuardedBy("this")
        private void watch() {
            if (isOver || isWatched || taken == 0) {
                return;
            }
            long before = taken;
            try {
                var _ =
                        timer.schedule(
                                () -> look(before),
                                patience.time().toMillis(),
                                TimeUnit.MILLISECONDS);
                isWatched = true;
            } catch (RejectedExecutionException stopping) {
                isOver = true;
            }
        }

        private void look(long before) {
            synchronized (this) {
                isWatched = false;
                if (isOver || demand > 0) {
                    return;
                }
                if (taken != before) {
                    watch();
                    return;
                }
            }
            cancel();
            patience.cut().run();
        }

        @GuardedBy("this")
        private void fill() {
            if (isPulseDue) {
                isPulseDue = false;
                ready.add(new Item.Alive());
            }
            boolean hasMore = true;
            while (hasMore && ready.isEmpty()) {
                switch (broadcast.after(position, PORTION)) {
                    case EventBroadcast.Portion.Next(var events, long end) -> {
                        for (Event event : events) {
                            if (listener.wanted().test(event)) {
                                ready.add(new Item.Change(event));
                            }
                        }
                        hasMore = end != position;
                        position = end;
                    }
                    case EventBroadcast.Portion.Lost(long end) -> {
                        ready.add(new Item.Reset(end));
                        position = end;
                    }
                }
            }
        }
    }
}
