package dev.wingman.cluster.membership;

import dev.wingman.protocol.NodeId;
import java.util.OptionalLong;

/**
 * How likely it is that a node which is silent has failed.
 *
 * <p>Times are milliseconds of one monotonic clock, read by the caller: neither the wall clock nor
 * the clock of the other node takes part. A time before the last heartbeat counts as the time of
 * that heartbeat.
 */
public interface FailureDetector {
    void heartbeat(NodeId node, long nowMillis);

    /** A node that never sent a heartbeat is alive: there is nothing yet to miss. */
    boolean isAlive(NodeId node, long nowMillis);

    OptionalLong lastHeartbeat(NodeId node);

    /**
     * 0 for a node that never sent a heartbeat, and never infinite. From one heartbeat to the next
     * it does not fall, unless the watcher finds that it was away itself.
     */
    double suspicionLevel(NodeId node, long nowMillis);

    /** Forgets the node; its owner calls this when a member leaves or starts anew. */
    void remove(NodeId node);

    /** Forgets all nodes. */
    void reset();
}
