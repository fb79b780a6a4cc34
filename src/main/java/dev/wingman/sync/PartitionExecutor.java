package dev.wingman.sync;

import dev.wingman.protocol.Partitions;
import java.util.List;
import java.util.concurrent.Executor;

/**
 * Divides the partitions among single-threaded executors, the stripes. The state of a partition is
 * touched on its stripe only, so the code of maps needs no locks.
 *
 * <p>Thread-safe.
 */
public final class PartitionExecutor {
    private final List<Executor> stripes;

    /**
     * @param stripes each runs one task at a time, in the order they were given; the server's have
     *     a thread each, a simulator's share one
     */
    public PartitionExecutor(List<? extends Executor> stripes) {
        this.stripes = List.copyOf(stripes);
        if (stripes.isEmpty() || stripes.size() > Partitions.COUNT) {
            throw new IllegalArgumentException(
                    "1 to " + Partitions.COUNT + " stripes, not " + stripes.size());
        }
    }

    int stripes() {
        return stripes.size();
    }

    int stripeOf(int partition) {
        return partition % stripes.size();
    }

    Executor executor(int stripe) {
        return stripes.get(stripe);
    }
}
