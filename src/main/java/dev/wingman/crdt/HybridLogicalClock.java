package dev.wingman.crdt;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Gives out timestamps that never go back and are later than every timestamp it has been shown,
 * whatever the wall clock does.
 *
 * <p>Thread-safe. Source: Kulkarni, Demirbas et al., "Logical Physical Clocks and Consistent
 * Snapshots in Globally Distributed Databases", 2014.
 */
public final class HybridLogicalClock {
    /** How far ahead a client's clock may be to move ours, in milliseconds. */
    public static final long MAX_DRIFT_MILLIS = 60_000;

    /** More events than a client can have made within a millisecond. */
    static final long MAX_CLIENT_COUNTER = 0xFFFF_FFFFL;

    private final InstantSource wallClock;
    private final String nodeId;
    private final AtomicReference<Stamp> last = new AtomicReference<>(Stamp.NONE);

    public HybridLogicalClock(InstantSource wallClock, String nodeId) {
        this.wallClock = wallClock;
        this.nodeId = nodeId;
    }

    public String nodeId() {
        return nodeId;
    }

    /** What the wall clock says, in milliseconds since the Unix epoch. May go back. */
    public long wallMillis() {
        return wallClock.millis();
    }

    /** A timestamp later than all before. */
    public Timestamp now() {
        Stamp stamp = nextStamp();
        return new Timestamp(stamp.millis(), stamp.counter(), nodeId);
    }

    /** As {@link #now}, without the node id. */
    public Stamp nextStamp() {
        long wall = wallClock.millis();
        return last.updateAndGet(seen -> after(seen, wall));
    }

    /** Learns of a timestamp made elsewhere: every later {@link #now} is after it. */
    public void update(Stamp remote) {
        long wall = wallClock.millis();
        last.updateAndGet(seen -> after(seen.max(remote), wall));
    }

    /**
     * As {@link #update}, unless the stamp is so far from ours that a fault of the other clock is
     * likelier than a fast one: it would move this clock, and through it every client's.
     */
    public void updateFromClient(Stamp remote) {
        boolean isNear = remote.millis() <= wallClock.millis() + MAX_DRIFT_MILLIS;
        if (isNear && remote.counter() <= MAX_CLIENT_COUNTER) {
            update(remote);
        }
    }

    private static Stamp after(Stamp latest, long wall) {
        return wall > latest.millis() ? new Stamp(wall, 0) : latest.next();
    }
}
