package dev.wingman.cluster;

import dev.wingman.storage.CommitBatch;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Brings a batch to the other replicas of its partitions, beside the local commit.
 *
 * <p>Called by the stripe that owns the partitions, in commit order.
 */
@FunctionalInterface
public interface Replication {
    /** How far a batch got beyond this node. */
    enum Reached {
        /** There was nobody to bring it to, or not everybody answered. */
        THIS_NODE,
        /** Every backup has it on its disk. */
        ALL_BACKUPS
    }

    /**
     * Completes when every replica that has to acknowledge did so; never before. Should not fail:
     * the batch may be on the local disk, from where it cannot be taken back, so a failure counts
     * as {@link Reached#THIS_NODE}.
     */
    CompletionStage<Reached> replicate(CommitBatch batch);

    /** For a node that is alone. */
    static Replication none() {
        var done = CompletableFuture.completedFuture(Reached.THIS_NODE);
        return batch -> done;
    }
}
