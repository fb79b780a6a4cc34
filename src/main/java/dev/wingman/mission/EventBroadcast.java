package dev.wingman.mission;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * The last events of the process, for listeners that take them at their own pace: memory does not
 * depend on how slow they are.
 *
 * <p>Thread-safe.
 */
public final class EventBroadcast {
    /** Events kept. */
    public static final int CAPACITY = 1_000;

    @GuardedBy("this")
    private final Deque<Event> recent = new ArrayDeque<>(CAPACITY);

    @GuardedBy("this")
    private long last;

    private final Set<Runnable> bells = ConcurrentHashMap.newKeySet();
    private final Set<Consumer<Event>> followers = ConcurrentHashMap.newKeySet();

    /** What a listener gets. */
    public sealed interface Portion {
        /**
         * @param position to ask from the next time
         */
        record Next(List<Event> events, long position) implements Portion {}

        /**
         * What came after the position is not kept any more, or never was.
         *
         * @param position the present end
         */
        record Lost(long position) implements Portion {}
    }

    /**
     * Begins after what was there before the process.
     *
     * @param history the last events, oldest first
     */
    synchronized void begin(List<Event> history, long lastId) {
        recent.clear();
        recent.addAll(history);
        last = lastId;
    }

    /**
     * @param events that follow the ones before, oldest first
     */
    void publish(List<Event> events) {
        synchronized (this) {
            for (Event event : events) {
                if (event.id() != last + 1) {
                    recent.clear(); // pruned before we came to it: whoever was behind has lost it
                } else if (recent.size() == CAPACITY) {
                    recent.removeFirst();
                }
                recent.addLast(event);
                last = event.id();
            }
        }
        events.forEach(event -> followers.forEach(follower -> follower.accept(event)));
        ring();
    }

    /** Has the listeners look whether there is something new, or what they heard by has ended. */
    public void ring() {
        bells.forEach(Runnable::run);
    }

    /** The id of the newest event. */
    public synchronized long position() {
        return last;
    }

    /** The events after the position, oldest first, at most {@code limit}. */
    public synchronized Portion after(long position, int limit) {
        long oldest = recent.isEmpty() ? last + 1 : recent.getFirst().id();
        if (position > last || position < oldest - 1) {
            return new Portion.Lost(last);
        }
        List<Event> events = new ArrayList<>();
        for (Event event : recent) {
            if (event.id() > position && events.size() < limit) {
                events.add(event);
            }
        }
        return new Portion.Next(events, events.isEmpty() ? position : events.getLast().id());
    }

    /**
     * Rings when there may be something new.
     *
     * @param bell must neither block nor throw
     * @return stops the ringing
     */
    public Runnable onNews(Runnable bell) {
        bells.add(bell);
        return () -> bells.remove(bell);
    }

    /**
     * Hands every event on, in order.
     *
     * @param follower must neither block nor throw
     */
    public void follow(Consumer<Event> follower) {
        followers.add(follower);
    }

    public int listeners() {
        return bells.size();
    }
}
