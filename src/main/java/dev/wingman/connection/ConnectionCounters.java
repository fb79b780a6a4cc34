package dev.wingman.connection;

import dev.wingman.protocol.CloseCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/** What has happened to all connections since the start. Thread-safe. */
public final class ConnectionCounters {
    private final LongAdder opened = new LongAdder();
    private final LongAdder leftByPeer = new LongAdder();
    private final LongAdder unanswered = new LongAdder();
    private final Map<CloseCode, LongAdder> closed = perConstant(CloseCode.class);
    private final Map<Admission.Reason, LongAdder> refused = perConstant(Admission.Reason.class);
    private final LongAdder slowConsumers = new LongAdder();
    private final LongAdder droppedMessages = new LongAdder();
    private final LongAdder coalescedEvents = new LongAdder();
    private final LongAdder staleQueries = new LongAdder();

    public long opened() {
        return opened.sum();
    }

    /** Closed by us. */
    public long closed(CloseCode code) {
        return counter(closed, code).sum();
    }

    /** Gone before we closed them. */
    public long leftByPeer() {
        return leftByPeer.sum();
    }

    /** Closed by us, and gone without an answer to the close frame. */
    public long unanswered() {
        return unanswered.sum();
    }

    public long refused(Admission.Reason reason) {
        return counter(refused, reason).sum();
    }

    /** Closed by us because they did not read. */
    public long slowConsumers() {
        return slowConsumers.sum();
    }

    /** Topic messages and broadcasts that met a full queue. */
    public long droppedMessages() {
        return droppedMessages.sum();
    }

    /** Events that a newer one of the same entry replaced before they were written. */
    public long coalescedEvents() {
        return coalescedEvents.sum();
    }

    /** Live query updates that met a full queue. */
    public long staleQueries() {
        return staleQueries.sum();
    }

    void countOpened() {
        opened.increment();
    }

    void countClosed(CloseCode code) {
        counter(closed, code).increment();
    }

    void countLeftByPeer() {
        leftByPeer.increment();
    }

    void countUnanswered() {
        unanswered.increment();
    }

    void countRefused(Admission.Reason reason) {
        counter(refused, reason).increment();
    }

    void countSlow() {
        slowConsumers.increment();
    }

    void countDropped() {
        droppedMessages.increment();
    }

    void countCoalesced() {
        coalescedEvents.increment();
    }

    void countStale() {
        staleQueries.increment();
    }

    private static <E extends Enum<E>> Map<E, LongAdder> perConstant(Class<E> type) {
        var counters = new EnumMap<E, LongAdder>(type);
        for (E constant : type.getEnumConstants()) {
            counters.put(constant, new LongAdder());
        }
        return counters;
    }

    private static <E extends Enum<E>> LongAdder counter(Map<E, LongAdder> counters, E constant) {
        return Objects.requireNonNull(counters.get(constant));
    }
}
