package dev.wingman.cluster.membership;

import dev.wingman.protocol.NodeId;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Suspects a node after a fixed silence. For tests that want to know the moment.
 *
 * <p>Thread-safe. Keeps one entry for each node until it is removed.
 */
public final class DeadlineFailureDetector implements FailureDetector {
    /** What {@link #suspicionLevel} reaches at the deadline: that of the phi-accrual detector. */
    private static final double LEVEL_AT_DEADLINE = 8.0;

    private final long maxSilenceMillis;
    private final Map<NodeId, Long> last = new ConcurrentHashMap<>();

    public DeadlineFailureDetector(Duration maxSilence) {
        this.maxSilenceMillis = maxSilence.toMillis();
    }

    @Override
    public void heartbeat(NodeId node, long nowMillis) {
        last.put(node, nowMillis);
    }

    @Override
    public boolean isAlive(NodeId node, long nowMillis) {
        return silence(node, nowMillis) <= maxSilenceMillis;
    }

    @Override
    public OptionalLong lastHeartbeat(NodeId node) {
        Long at = last.get(node);
        return at == null ? OptionalLong.empty() : OptionalLong.of(at);
    }

    @Override
    public double suspicionLevel(NodeId node, long nowMillis) {
        return (double) silence(node, nowMillis) / maxSilenceMillis * LEVEL_AT_DEADLINE;
    }

    private long silence(NodeId node, long nowMillis) {
        return Math.max(0, nowMillis - last.getOrDefault(node, nowMillis));
    }

    @Override
    public void remove(NodeId node) {
        last.remove(node);
    }

    @Override
    public void reset() {
        last.clear();
    }
}
