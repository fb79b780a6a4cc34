package dev.wingman.connection;

import dev.wingman.connection.OutboundMessage.Binary;
import dev.wingman.connection.OutboundMessage.Close;
import dev.wingman.connection.OutboundQueue.Offer;
import dev.wingman.connection.SendOutcome.Failed;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.EntryKey;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/**
 * One connection, for those who have something to say to it. There is one method for each kind of
 * message, because they differ in what happens when the client reads too slowly:
 *
 * <ul>
 *   <li>{@link #reply} waits, then costs the connection;
 *   <li>{@link #event} gives way to a newer event of the same entry;
 *   <li>{@link #change} costs the connection;
 *   <li>{@link #update} is refused, and {@link #onDrained} says when to ask again;
 *   <li>{@link #topic} is dropped and counted; too many in a row cost the connection.
 * </ul>
 *
 * <p>Thread-safe, and nothing here blocks. {@link #drain} belongs to the thread that writes to the
 * socket. Frames are shared by all receivers and must never be written to.
 */
public final class ConnectionHandle {
    /** What all connections of a registry have in common. */
    record Surroundings(
            ConnectionConfig config, LongSupplier nanoClock, ConnectionCounters counters) {}

    private static final Logger LOG = Logger.getLogger(ConnectionHandle.class);

    private final ConnectionId id;
    private final ConnectionKind kind;
    private final Transport transport;
    private final Instant connectedAt;
    private final long connectedNanos;
    private final Surroundings surroundings;
    private final ConnectionMetadata metadata;
    private final OutboundQueue queue;

    /** True from a call of {@link Transport#wake} until the writer has found nothing to write. */
    private final AtomicBoolean awake = new AtomicBoolean();

    private final AtomicBoolean wentAway = new AtomicBoolean();

    ConnectionHandle(
            ConnectionId id,
            ConnectionKind kind,
            Transport transport,
            Instant connectedAt,
            Surroundings surroundings) {
        this.id = id;
        this.kind = kind;
        this.transport = transport;
        this.connectedAt = connectedAt;
        this.connectedNanos = surroundings.nanoClock().getAsLong();
        this.surroundings = surroundings;
        this.metadata = new ConnectionMetadata(connectedNanos);
        this.queue = new OutboundQueue(surroundings.config(), surroundings.nanoClock());
    }

    public ConnectionId id() {
        return id;
    }

    public ConnectionKind kind() {
        return kind;
    }

    public Instant connectedAt() {
        return connectedAt;
    }

    public ConnectionMetadata metadata() {
        return metadata;
    }

    /** False as soon as a close was asked for. */
    public boolean isConnected() {
        return queue.isOpen();
    }

    /**
     * Whether the other end reads more slowly than it is written to. Time to stop reading from it:
     * {@link #onDrained} says when to go on.
     */
    public boolean isCongested() {
        return queue.isHalfFull();
    }

    /** The other end gave a sign of life. */
    public void heartbeat() {
        metadata.heartbeat(surroundings.nanoClock().getAsLong());
    }

    /**
     * Queues the message if there is room now.
     *
     * @return false when the queue is full or the connection closed
     */
    public boolean trySend(OutboundMessage message) {
        return switch (message) {
            case Binary(byte[] frame) -> isQueued(queue.offer(frame));
            case Close last -> close(last);
        };
    }

    /**
     * Queues the message as soon as there is room, in the order of the calls. Completes on the
     * thread that made room, or noticed that there will be none; a time-out is noticed by the next
     * {@link IdleSweep}.
     */
    public CompletionStage<SendOutcome> send(OutboundMessage message, Duration timeout) {
        var promise = new CompletableFuture<SendOutcome>();
        Offer offer =
                switch (message) {
                    case Binary(byte[] frame) -> queue.await(frame, timeout, promise);
                    case Close last -> close(last) ? Offer.QUEUED : Offer.CLOSED;
                };
        switch (offer) {
            case QUEUED, COALESCED -> {
                wake();
                promise.complete(new SendOutcome.Accepted());
            }
            case WAITING -> wake();
            case REFUSED, EXHAUSTED -> promise.complete(new Failed(SendError.FULL));
            case CLOSED -> promise.complete(new Failed(SendError.DISCONNECTED));
        }
        return promise;
    }

    /** The answer to a request. Waits for room up to {@code send-timeout}, then closes. */
    public void reply(byte[] frame) {
        Offer offer = queue.await(frame, surroundings.config().sendTimeout(), null);
        wakeOrClose(offer, "slow consumer: replies are not read");
    }

    /** A change of an entry that the newest event alone tells. */
    public void event(EntryKey key, byte[] frame) {
        Offer offer = queue.event(key, frame);
        if (offer == Offer.COALESCED) {
            surroundings.counters().countCoalesced();
        }
        wakeOrClose(offer, "slow consumer: events are not read");
    }

    /** A change that builds on the one before (OR map, counter): losing one costs a resync. */
    public void change(byte[] frame) {
        wakeOrClose(queue.offer(frame), "slow consumer: changes are not read");
    }

    /**
     * A step of a live query.
     *
     * @return false when it was not taken: the query is stale, and {@link #onDrained} is the time
     *     to send its result afresh
     */
    public boolean update(byte[] frame) {
        Offer offer = queue.offer(frame);
        if (offer == Offer.REFUSED) {
            surroundings.counters().countStale();
        }
        return isQueued(offer);
    }

    /**
     * Runs the action once on the writing thread when all that was queued is written, and not at
     * all when the connection closes before. It must neither block nor throw. A second action for
     * the same query takes the place of the first.
     */
    public void onDrained(String queryId, Runnable action) {
        wakeOrClose(queue.onDrained(queryId, action), "slow consumer: query results are not read");
    }

    /**
     * A message that may be lost.
     *
     * @return false when it was dropped
     */
    public boolean topic(byte[] frame) {
        Offer offer = queue.offerDroppable(frame);
        if (offer == Offer.REFUSED || offer == Offer.EXHAUSTED) {
            surroundings.counters().countDropped();
        }
        if (offer == Offer.EXHAUSTED) {
            abandon("slow consumer: topics are not read");
        }
        return isQueued(offer);
    }

    /**
     * Asks whoever serves the connection to finish and close it.
     *
     * @return false when that was asked before, or it is closed already
     */
    boolean goAway(CloseCode code, String reason) {
        if (!isConnected() || !wentAway.compareAndSet(false, true)) {
            return false;
        }
        transport.goAway(this, code, reason);
        return true;
    }

    /**
     * Closes once everything queued is written, or after {@code send-timeout}. The first call
     * decides the code and the reason; nothing is taken after it.
     */
    public void close(CloseCode code, String reason) {
        close(new Close(code, reason));
    }

    /**
     * Writes what is queued until the sink takes no more. Called on the thread that writes, after
     * {@link Transport#wake} and whenever the sink has become writable.
     */
    public void drain(FrameSink sink) {
        write(sink);
        queue.keepPromises();
    }

    private void write(FrameSink sink) {
        while (true) {
            boolean writable = sink.isWritable();
            switch (queue.poll(writable)) {
                case Binary(byte[] frame) -> sink.write(frame);
                case Close(CloseCode code, var reason) -> {
                    sink.close(code, reason);
                    return;
                }
                case null -> {
                    // Not writable: stay awake, the transport calls when it is.
                    if (!writable || fallAsleep()) {
                        return;
                    }
                }
            }
        }
    }

    /**
     * @return false when something came in meanwhile, and this thread is the one to write it
     */
    private boolean fallAsleep() {
        awake.set(false);
        if (queue.hasNothingToWrite()) {
            queue.takeDrainActions().forEach(Runnable::run);
            return true;
        }
        return !awake.compareAndSet(false, true);
    }

    /** Called by the sweep: nobody else waits for the time to pass. */
    void expire(long nowNanos) {
        if (queue.expire(nowNanos)) {
            abandon("slow consumer: replies are not read");
        }
        queue.keepPromises();
    }

    boolean isOlderThan(Duration age, long nowNanos) {
        return nowNanos - connectedNanos >= age.toNanos();
    }

    boolean isSilentFor(Duration silence, long nowNanos) {
        return nowNanos - metadata.lastHeartbeatNanos() >= silence.toNanos();
    }

    /** The socket is gone. */
    void markClosed() {
        if (queue.disconnect()) {
            surroundings.counters().countLeftByPeer();
        }
        queue.keepPromises();
    }

    OutboundQueue.Depth depth() {
        return queue.depth();
    }

    /** For tests of the claim that an idle connection costs next to nothing. */
    boolean holdsStorage() {
        return queue.holdsStorage();
    }

    private boolean isQueued(Offer offer) {
        if (offer == Offer.QUEUED) {
            wake();
            return true;
        }
        return false;
    }

    private void wakeOrClose(Offer offer, String reason) {
        switch (offer) {
            case QUEUED, COALESCED, WAITING -> wake();
            case REFUSED, EXHAUSTED -> abandon(reason);
            case CLOSED -> {}
        }
    }

    private boolean close(Close last) {
        if (!queue.close(last)) {
            return false;
        }
        report(last);
        wake();
        return true;
    }

    /** Gives up on what is queued: the client has to sync again in any case. */
    private void abandon(String reason) {
        var last = new Close(CloseCode.TRY_AGAIN_LATER, reason);
        if (queue.abandon(last)) {
            surroundings.counters().countSlow();
            report(last);
        }
        queue.keepPromises();
        // The writer may be waiting for a socket that never becomes writable again.
        awake.set(true);
        transport.wake();
    }

    private void wake() {
        if (!awake.get() && awake.compareAndSet(false, true)) {
            transport.wake();
        }
    }

    private void report(Close last) {
        surroundings.counters().countClosed(last.code());
        // A restart closes everybody; who does it says how many.
        Logger.Level level =
                last.code() == CloseCode.SERVICE_RESTART ? Logger.Level.DEBUG : Logger.Level.INFO;
        LOG.logf(
                level,
                "connection closing conn=%s code=%d reason=%s",
                id,
                last.code().number(),
                last.reason());
    }
}
