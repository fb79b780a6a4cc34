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

    private static Stamp after(Stamp latest, long wall) {
        return wall > latest.millis() ? new Stamp(wall, 0) : latest.next();
    }
}
