package dev.wingman.connection;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.wingman.connection.Backlog.Entry;
import dev.wingman.connection.Backlog.Waiting;
import dev.wingman.connection.OutboundMessage.Binary;
import dev.wingman.connection.OutboundMessage.Close;
import dev.wingman.connection.SendOutcome.Failed;
import dev.wingman.protocol.EntryKey;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What waits to be written to one connection, in order, bounded in frames and in bytes: many small
 * frames cost as much as few large ones.
 *
 * <p>A queue that is empty takes any single frame, since the largest message is larger than the
 * queue. A queue is full for newcomers as long as anything waits in its {@link Backlog}, so that
 * nobody overtakes those who wait. The backlog moves up as frames leave.
 *
 * <p>Thread-safe; guarded by itself, and nothing is called while the lock is held. All storage is
 * allocated when it is needed and let go when it is empty: of a hundred thousand connections most
 * have nothing to write.
 */
final class OutboundQueue {
    /** Messages that may be lost in a row before the client counts as too slow. */
    static final int MAX_DROPS_IN_ROW = 256;

    /** What became of an offered frame. */
    enum Offer {
        QUEUED,
        /** Put in the place of an older event of the same entry. */
        COALESCED,
        /** Put into the backlog. */
        WAITING,
        /** Not taken; the caller decides what that means. */
        REFUSED,
        /** Not taken, and the limit of such losses is reached. */
        EXHAUSTED,
        /** Not taken: the connection is closed, or will be once what is queued is written. */
        CLOSED
    }

    private enum State {
        OPEN,
        CLOSING,
        CLOSED
    }

    private static final SendOutcome ACCEPTED = new SendOutcome.Accepted();

    private record Settled(CompletableFuture<SendOutcome> promise, SendOutcome outcome) {}

    private final ConnectionConfig limits;
    private final LongSupplier nanoClock;

    @GuardedBy("this")
    private State state = State.OPEN;

    /** Null when empty; the backlog and the drain actions likewise. */
    @GuardedBy("this")
    private @Nullable ArrayDeque<Entry> entries;

    @GuardedBy("this")
    private long queuedBytes;

    @GuardedBy("this")
    private @Nullable Backlog backlog;

    @GuardedBy("this")
    private @Nullable Map<String, Runnable> drainActions;

    @GuardedBy("this")
    private int dropsInRow;

    /** The close that is written last; set while CLOSING. */
    @GuardedBy("this")
    private @Nullable Close close;

    @GuardedBy("this")
    private long closeDeadlineNanos;

    /** Promises to be kept after the lock is released. */
    @GuardedBy("this")
    private @Nullable List<Settled> settled;

    OutboundQueue(ConnectionConfig limits, LongSupplier nanoClock) {
        this.limits = limits;
        this.nanoClock = nanoClock;
    }

    synchronized boolean isOpen() {
        return state == State.OPEN;
    }

    synchronized boolean hasNothingToWrite() {
        return entries == null && state != State.CLOSING;
    }

    /** Whether half of the room is taken, or something waits for room. */
    synchronized boolean isHalfFull() {
        return backlog != null
                || (entries != null && entries.size() >= limits.outboundQueueCapacity() / 2)
                || queuedBytes >= limits.outboundQueueBytes() / 2;
    }

    /**
     * What waits.
     *
     * @param bytes of the frames
     */
    record Depth(int frames, long bytes) {
        static final Depth NONE = new Depth(0, 0);
    }

    synchronized Depth depth() {
        if (entries == null) {
            return Depth.NONE;
        }
        return backlog == null
                ? new Depth(entries.size(), queuedBytes)
                : new Depth(entries.size() + backlog.frames(), queuedBytes + backlog.bytes());
    }

    synchronized boolean holdsStorage() {
        return entries != null || backlog != null || drainActions != null || settled != null;
    }

    /** Takes the frame if there is room at once. */
    synchronized Offer offer(byte[] frame) {
        if (state != State.OPEN) {
            return Offer.CLOSED;
        }
        if (!isFree(frame)) {
            return Offer.REFUSED;
        }
        append(new Entry(null, frame));
        return Offer.QUEUED;
    }

    /** As {@link #offer} for a frame that may be lost, though not {@link #MAX_DROPS_IN_ROW}. */
    synchronized Offer offerDroppable(byte[] frame) {
        Offer offer = offer(frame);
        dropsInRow = offer == Offer.REFUSED ? dropsInRow + 1 : 0;
        return dropsInRow < MAX_DROPS_IN_ROW ? offer : Offer.EXHAUSTED;
    }

    /**
     * Takes the frame at once or when there is room; {@link Offer#REFUSED} when too much waits.
     *
     * @param promise told once the frame is queued or never will be; null for a reply, whose
     *     time-out {@link #expire} reports instead
     */
    synchronized Offer await(
            byte[] frame, Duration patience, @Nullable CompletableFuture<SendOutcome> promise) {
        Offer offer = offer(frame);
        if (offer != Offer.REFUSED) {
            return offer;
        }
        long deadlineNanos = nanoClock.getAsLong() + patience.toNanos();
        var sender = new Waiting(new Entry(null, frame), deadlineNanos, promise);
        return backlog().await(sender) ? Offer.WAITING : Offer.REFUSED;
    }

    /**
     * Takes the newest event of an entry. When full it replaces an older one of the same entry, or
     * waits for room.
     */
    synchronized Offer event(EntryKey key, byte[] frame) {
        if (state != State.OPEN) {
            return Offer.CLOSED;
        }
        if (isFree(frame)) {
            append(new Entry(key, frame));
            return Offer.QUEUED;
        }
        // The backlog first: what is in it is younger than what is queued.
        if (backlog != null && backlog.holds(key)) {
            return backlog.put(key, frame) ? Offer.COALESCED : Offer.REFUSED;
        }
        if (replaceQueued(key, frame)) {
            return Offer.COALESCED;
        }
        return backlog().put(key, frame) ? Offer.WAITING : Offer.REFUSED;
    }

    /**
     * The next message to write, or null.
     *
     * @param writable false to get nothing but a close that has nothing before it
     */
    synchronized @Nullable OutboundMessage poll(boolean writable) {
        if (entries == null) {
            return takeClose();
        }
        if (!writable) {
            return null;
        }
        Entry first = entries.remove();
        queuedBytes -= first.frame.length;
        if (entries.isEmpty()) {
            entries = null;
        }
        moveUp();
        return new Binary(first.frame);
    }

    /**
     * Has the action run, once, when everything is written. A later action takes the place of an
     * earlier one of the same key.
     */
    synchronized Offer onDrained(String key, Runnable action) {
        if (state != State.OPEN) {
            return Offer.CLOSED;
        }
        if (drainActions == null) {
            drainActions = new LinkedHashMap<>(4);
        }
        // One for each live query, and one for the reading side.
        if (drainActions.size() > ConnectionMetadata.MAX_NAMES && !drainActions.containsKey(key)) {
            return Offer.REFUSED;
        }
        drainActions.put(key, action);
        return Offer.QUEUED;
    }

    /** The actions that are due, for the caller to run. */
    synchronized Collection<Runnable> takeDrainActions() {
        if (drainActions == null || entries != null) {
            return List.of();
        }
        Collection<Runnable> due = drainActions.values();
        drainActions = null;
        return due;
    }

    /**
     * Takes no more; what is queued or waits is written first.
     *
     * @return false when a close was asked for before; that one stands
     */
    synchronized boolean close(Close last) {
        if (state != State.OPEN) {
            return false;
        }
        state = State.CLOSING;
        close = last;
        closeDeadlineNanos = nanoClock.getAsLong() + limits.sendTimeout().toNanos();
        drainActions = null;
        return true;
    }

    /** As {@link #close}, only that nothing is written before it. */
    synchronized boolean abandon(Close last) {
        boolean first = close(last);
        discard();
        return first;
    }

    /**
     * The socket is gone.
     *
     * @return whether that was not our doing
     */
    synchronized boolean disconnect() {
        boolean wasOpen = state == State.OPEN;
        state = State.CLOSED;
        close = null;
        drainActions = null;
        discard();
        return wasOpen;
    }

    /**
     * Fails the sends whose time is up.
     *
     * @return whether a reply or the close has waited for too long: the client does not read
     */
    synchronized boolean expire(long nowNanos) {
        boolean stuck = state == State.CLOSING && nowNanos - closeDeadlineNanos >= 0;
        if (backlog == null) {
            return stuck;
        }
        var timedOut = new ArrayList<CompletableFuture<SendOutcome>>(0);
        stuck |= backlog.expire(nowNanos, timedOut);
        for (CompletableFuture<SendOutcome> promise : timedOut) {
            settle(promise, new Failed(SendError.TIMEOUT));
        }
        moveUp(); // what was behind a large frame may fit
        return stuck;
    }

    /** Tells the senders what the calls before have decided. Not to be called under a lock. */
    void keepPromises() {
        List<Settled> due;
        synchronized (this) {
            due = settled;
            settled = null;
        }
        if (due != null) {
            due.forEach(send -> send.promise().complete(send.outcome()));
        }
    }

    @GuardedBy("this")
    private boolean isFree(byte[] frame) {
        return backlog == null && fits(frame);
    }

    @GuardedBy("this")
    private boolean fits(byte[] frame) {
        return entries == null
                || (entries.size() < limits.outboundQueueCapacity()
                        && frame.length <= limits.outboundQueueBytes() - queuedBytes);
    }

    @GuardedBy("this")
    private void append(Entry entry) {
        if (entries == null) {
            entries = new ArrayDeque<>(4);
        }
        entries.add(entry);
        queuedBytes += entry.frame.length;
    }

    @GuardedBy("this")
    private Backlog backlog() {
        if (backlog == null) {
            backlog = new Backlog(limits.outboundQueueBytes());
        }
        return backlog;
    }

    /**
     * Only the youngest queued event of the entry may be replaced: before an older one the newest
     * would be overtaken by the one between them. A look through the whole queue is affordable
     * because it happens only to clients who do not keep up.
     */
    @GuardedBy("this")
    private boolean replaceQueued(EntryKey key, byte[] frame) {
        if (entries == null) {
            return false;
        }
        for (var youngestFirst = entries.descendingIterator(); youngestFirst.hasNext(); ) {
            Entry entry = youngestFirst.next();
            if (key.equals(entry.key)) {
                long bytes = queuedBytes - entry.frame.length + frame.length;
                if (bytes > limits.outboundQueueBytes()) {
                    return false;
                }
                queuedBytes = bytes;
                entry.frame = frame;
                return true;
            }
        }
        return false;
    }

    @GuardedBy("this")
    private void moveUp() {
        if (backlog == null) {
            return;
        }
        Entry next = backlog.peek();
        while (next != null && fits(next.frame)) {
            append(next);
            settle(backlog.remove(), ACCEPTED);
            next = backlog.peek();
        }
        if (next == null) {
            backlog = null;
        }
    }

    @GuardedBy("this")
    private @Nullable Close takeClose() {
        if (state != State.CLOSING) {
            return null;
        }
        state = State.CLOSED;
        return close;
    }

    @GuardedBy("this")
    private void discard() {
        entries = null;
        queuedBytes = 0;
        while (backlog != null && backlog.peek() != null) {
            settle(backlog.remove(), new Failed(SendError.DISCONNECTED));
        }
        backlog = null;
    }

    @GuardedBy("this")
    private void settle(@Nullable CompletableFuture<SendOutcome> promise, SendOutcome outcome) {
        if (promise == null) {
            return;
        }
        if (settled == null) {
            settled = new ArrayList<>(1);
        }
        settled.add(new Settled(promise, outcome));
    }
}
