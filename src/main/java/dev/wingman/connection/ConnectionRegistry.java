package dev.wingman.connection;

import dev.wingman.connection.ConnectionHandle.Surroundings;
import dev.wingman.lifecycle.HealthState;
import dev.wingman.protocol.CloseCode;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** All open connections, and the door they come through. Thread-safe. */
public final class ConnectionRegistry {
    private final ConnectionConfig config;
    private final Supplier<HealthState> health;
    private final InstantSource clock;
    private final ConnectionCounters counters = new ConnectionCounters();
    private final Surroundings surroundings;
    private final AtomicLong lastId = new AtomicLong();

    private final Object door = new Object();

    /** Kept for those who are on their way in; guarded by {@link #door}. */
    private int places;

    private final Map<ConnectionKind, Map<ConnectionId, ConnectionHandle>> open =
            new EnumMap<>(ConnectionKind.class);
    private volatile boolean doorsOpen = true;

    /**
     * @param nanoClock for time-outs; only differences count
     */
    public ConnectionRegistry(
            ConnectionConfig config,
            Supplier<HealthState> health,
            InstantSource clock,
            LongSupplier nanoClock) {
        this.config = config;
        this.health = health;
        this.clock = clock;
        this.surroundings = new Surroundings(config, nanoClock, counters);
        for (ConnectionKind kind : ConnectionKind.values()) {
            open.put(kind, new ConcurrentHashMap<>());
        }
    }

    /**
     * Whether one more may come in. A place is kept for who is admitted, so that those who come
     * together are never more than {@code max-connections}: either {@link #registerAdmitted} takes
     * it or {@link #releasePlace} gives it back.
     */
    public Admission admit() {
        Admission answer = keepPlace();
        if (answer instanceof Admission.Refused(var reason, _)) {
            counters.countRefused(reason);
        }
        return answer;
    }

    private Admission keepPlace() {
        synchronized (door) {
            int taken = count() + places;
            Admission answer =
                    Admission.decide(health.get(), doorsOpen, taken, config.maxConnections());
            if (answer instanceof Admission.Admitted) {
                places++;
            }
            return answer;
        }
    }

    /** For who was admitted and will not come after all. */
    public void releasePlace() {
        synchronized (door) {
            places--;
        }
    }

    /** Whether a request is taken that needs no connection of its own. */
    public Admission admitRequest() {
        return Admission.decide(health.get(), doorsOpen, 0, 1);
    }

    /** From now on {@link #admit} refuses. Who is inside stays. */
    public void closeDoors() {
        doorsOpen = false;
    }

    /** As {@link #register}, for who was admitted: takes the place that was kept. */
    public ConnectionHandle registerAdmitted(ConnectionKind kind, Transport transport) {
        synchronized (door) {
            places--;
            return register(kind, transport);
        }
    }

    public ConnectionHandle register(ConnectionKind kind, Transport transport) {
        var id = new ConnectionId(lastId.incrementAndGet());
        var handle = new ConnectionHandle(id, kind, transport, clock.instant(), surroundings);
        of(kind).put(id, handle);
        counters.countOpened();
        return handle;
    }

    /** The socket is gone: frees what the connection holds and fails the sends that wait. */
    public void remove(ConnectionId id) {
        for (Map<ConnectionId, ConnectionHandle> handles : open.values()) {
            ConnectionHandle handle = handles.remove(id);
            if (handle != null) {
                handle.markClosed();
            }
        }
    }

    /** As {@link #remove}, of a client that never answered our close frame. */
    public void removeUnanswered(ConnectionId id) {
        counters.countUnanswered();
        remove(id);
    }

    public Optional<ConnectionHandle> get(ConnectionId id) {
        for (Map<ConnectionId, ConnectionHandle> handles : open.values()) {
            ConnectionHandle handle = handles.get(id);
            if (handle != null) {
                return Optional.of(handle);
            }
        }
        return Optional.empty();
    }

    public int count() {
        return open.values().stream().mapToInt(Map::size).sum();
    }

    public int countByKind(ConnectionKind kind) {
        return of(kind).size();
    }

    /** Those open at some moment during the call. */
    public List<ConnectionHandle> connections() {
        var all = new ArrayList<ConnectionHandle>(count());
        forEach(all::add);
        return all;
    }

    /**
     * What waits to be written, over all connections.
     *
     * @param connections those for which something waits
     * @param bytes of the frames
     */
    public record Queued(int connections, long frames, long bytes) {}

    /** Looks at every connection: a few milliseconds for a hundred thousand. */
    public Queued queued() {
        int waiting = 0;
        long frames = 0;
        long bytes = 0;
        for (Map<ConnectionId, ConnectionHandle> handles : open.values()) {
            for (ConnectionHandle handle : handles.values()) {
                OutboundQueue.Depth depth = handle.depth();
                waiting += depth.frames() > 0 ? 1 : 0;
                frames += depth.frames();
                bytes += depth.bytes();
            }
        }
        return new Queued(waiting, frames, bytes);
    }

    public ConnectionCounters counters() {
        return counters;
    }

    /**
     * Offers one encoded message to all of a kind, as {@link ConnectionHandle#topic} does.
     *
     * @return how many have it in their queue
     */
    public int broadcast(byte[] frame, ConnectionKind kind) {
        int receivers = 0;
        for (ConnectionHandle handle : of(kind).values()) {
            if (handle.topic(frame)) {
                receivers++;
            }
        }
        return receivers;
    }

    /** Asks all to reconnect, elsewhere or later. */
    public void drainAll(String reason) {
        drain(Integer.MAX_VALUE, reason);
    }

    /**
     * As {@link #drainAll} for some. Called again and again it sets the pace, and finds those too
     * that were on their way in when the doors closed.
     *
     * @return how many were asked to reconnect; fewer than {@code most} when all have been
     */
    public int drain(int most, String reason) {
        closeDoors();
        int asked = 0;
        for (Map<ConnectionId, ConnectionHandle> handles : open.values()) {
            for (ConnectionHandle handle : handles.values()) {
                if (asked == most) {
                    return asked;
                }
                if (handle.goAway(CloseCode.SERVICE_RESTART, reason)) {
                    asked++;
                }
            }
        }
        return asked;
    }

    void forEach(Consumer<ConnectionHandle> action) {
        open.values().forEach(handles -> handles.values().forEach(action));
    }

    private Map<ConnectionId, ConnectionHandle> of(ConnectionKind kind) {
        return Objects.requireNonNull(open.get(kind));
    }
}
