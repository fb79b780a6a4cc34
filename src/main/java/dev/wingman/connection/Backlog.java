package dev.wingman.connection;

import dev.wingman.protocol.EntryKey;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Queue;
import java.util.SequencedMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What found its connection's queue full and may not be lost: replies and sends that wait for room,
 * in order, and the newest event of each entry. Exists only while something is in it.
 *
 * <p>Guarded by the lock of its {@link OutboundQueue}.
 */
final class Backlog {
    /** One frame on its way. */
    static final class Entry {
        final @Nullable EntryKey key;
        byte[] frame;

        /**
         * @param key null unless a newer event may replace the frame
         */
        Entry(@Nullable EntryKey key, byte[] frame) {
            this.key = key;
            this.frame = frame;
        }
    }

    /**
     * A frame with a limit to its patience.
     *
     * @param promise of a send; null for a reply, whose time-out costs the connection
     */
    record Waiting(
            Entry entry, long deadlineNanos, @Nullable CompletableFuture<SendOutcome> promise) {}

    /** What an entry costs beside its frame, so that a million empty frames do not cost nothing. */
    static final int ENTRY_BYTES = 128;

    private final long maxBytes;
    private final Queue<Waiting> waiting = new ArrayDeque<>(4);
    private final SequencedMap<EntryKey, Entry> events = new LinkedHashMap<>(4);
    private long waitingBytes;
    private long eventBytes;

    /**
     * @param maxBytes of the frames that wait and of the events, each; the first may be larger
     */
    Backlog(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * @return false when there is no room
     */
    boolean await(Waiting sender) {
        long cost = cost(sender.entry());
        if (!waiting.isEmpty() && cost > maxBytes - waitingBytes) {
            return false;
        }
        waitingBytes += cost;
        return waiting.add(sender);
    }

    int frames() {
        return waiting.size() + events.size();
    }

    /** With {@link #ENTRY_BYTES} for each frame. */
    long bytes() {
        return waitingBytes + eventBytes;
    }

    boolean holds(EntryKey key) {
        return events.containsKey(key);
    }

    /**
     * Takes the place of the older event of the same entry, if there is one.
     *
     * @return false when there is no room
     */
    boolean put(EntryKey key, byte[] frame) {
        Entry older = events.get(key);
        long othersBytes = eventBytes - (older == null ? 0 : cost(older));
        var newer = new Entry(key, frame);
        if (othersBytes > 0 && cost(newer) > maxBytes - othersBytes) {
            return false;
        }
        eventBytes = othersBytes + cost(newer);
        events.put(key, newer);
        return true;
    }

    /** The next to enter the queue: those who wait come before the events. */
    @Nullable Entry peek() {
        Waiting sender = waiting.peek();
        if (sender != null) {
            return sender.entry();
        }
        var event = events.firstEntry();
        return event == null ? null : event.getValue();
    }

    /**
     * Removes what {@link #peek} shows.
     *
     * @return the promise that goes with it
     */
    @Nullable CompletableFuture<SendOutcome> remove() {
        Waiting sender = waiting.poll();
        if (sender != null) {
            waitingBytes -= cost(sender.entry());
            return sender.promise();
        }
        var event = events.pollFirstEntry();
        if (event != null) {
            eventBytes -= cost(event.getValue());
        }
        return null;
    }

    /**
     * Moves the sends whose time is up to {@code timedOut}.
     *
     * @return whether the time of a reply is up
     */
    boolean expire(long nowNanos, List<CompletableFuture<SendOutcome>> timedOut) {
        boolean replyExpired = false;
        for (var senders = waiting.iterator(); senders.hasNext(); ) {
            Waiting sender = senders.next();
            if (nowNanos - sender.deadlineNanos() < 0) {
                continue;
            }
            if (sender.promise() == null) {
                replyExpired = true;
            } else {
                senders.remove();
                waitingBytes -= cost(sender.entry());
                timedOut.add(sender.promise());
            }
        }
        return replyExpired;
    }

    private static long cost(Entry entry) {
        return (long) ENTRY_BYTES + entry.frame.length;
    }
}
