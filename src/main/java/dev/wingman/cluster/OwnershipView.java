package dev.wingman.cluster;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.Partitions;
import java.util.BitSet;

/**
 * Who holds which partition, at one moment. Immutable: a change is a new view with a larger epoch.
 */
public final class OwnershipView {
    private final long epoch;
    private final NodeId self;
    private final BitSet held;

    private OwnershipView(long epoch, NodeId self, BitSet held) {
        this.epoch = epoch;
        this.self = self;
        this.held = held;
    }

    /** The view of a node that is alone: it holds everything. */
    public static OwnershipView alone(NodeId self) {
        var held = new BitSet(Partitions.COUNT);
        held.set(0, Partitions.COUNT);
        return new OwnershipView(1, self, held);
    }

    public long epoch() {
        return epoch;
    }

    public NodeId self() {
        return self;
    }

    /** Whether this node has the partition's data and may work on it. */
    public boolean holds(int partition) {
        return held.get(partition);
    }
}
