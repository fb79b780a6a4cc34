package dev.wingman.sync;

import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.Partitions;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.Value;
import dev.wingman.storage.RecordStore;
import dev.wingman.storage.Recovery;
import dev.wingman.storage.StoredRecord;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The partitions of one single-threaded executor and everything kept about them.
 *
 * <p>Confined to its executor, {@link #executor} apart.
 */
final class Stripe {
    /** Bytes read before other work of the stripe gets its turn. */
    private static final long BYTES_PER_TURN = 1L << 20;

    /** About what reading a record costs beside its value, in bytes. */
    static final long BYTES_PER_RECORD = 1024;

    /** About what reading the record costs. */
    static long bytesOf(StoredRecord stored) {
        Value value = stored.record().value();
        return BYTES_PER_RECORD + (value == null ? 0 : value.sizeBytes());
    }

    private final int index;
    private final int stripes;
    private final Executor executor;
    private final RecordStore store;
    private final HybridLogicalClock clock;
    private final FanOut fanOut;
    private final Failures failures;
    private final MapSums sums = new MapSums();
    private final QueryWatches watches;
    private final CommitPipeline pipeline;

    Stripe(
            int index,
            PartitionExecutor executors,
            SyncServer.Parts parts,
            FanOut fanOut,
            Failures failures) {
        this.index = index;
        this.stripes = executors.stripes();
        this.executor = executors.executor(index);
        this.store = parts.store();
        this.clock = parts.clock();
        this.fanOut = fanOut;
        this.failures = failures;
        this.watches = new QueryWatches(this);
        this.pipeline = new CommitPipeline(parts, executor, sums, this::applied, failures);
    }

    /** Thread-safe. */
    Executor executor() {
        return executor;
    }

    void restore(Recovery recovery) {
        for (int p = index; p < Partitions.COUNT; p += stripes) {
            sums.restore(p, recovery.partitions().get(p));
            pipeline.restore(p, recovery.partitions().get(p));
        }
    }

    /** Merges the ops in their order; {@code waiting} hears once they are durable. */
    @SuppressWarnings("IllegalCatch") // whatever goes wrong, somebody waits for an answer
    void write(List<Op> ops, @Nullable Subscriber author, CommitPipeline.Acknowledgement waiting) {
        if (pipeline.isOverloaded()) {
            waiting.failed(ErrorCode.RATE_LIMITED, "server overloaded, try again later");
            return;
        }
        try {
            for (Op op : ops) {
                switch (op) {
                    case Op.Write(_, var map, var key, var record) ->
                            pipeline.write(map, key, record, author);
                    case Op.Remove(_, var map, var key) -> pipeline.remove(map, key, author);
                    case Op.Invalid _ -> throw new IllegalArgumentException("refused before");
                }
            }
        } catch (RuntimeException e) {
            Failure failure = failures.of(e);
            waiting.failed(failure.code(), failure.message());
            return;
        }
        pipeline.acknowledge(waiting);
    }

    void storeSums(CommitPipeline.Acknowledgement done) {
        pipeline.storeSums(done);
    }

    /** A copy of the map's sums over the partitions of this stripe. */
    LeafSums sums(MapName map) {
        return sums.total(map).copy();
    }

    QueryWatches watches() {
        return watches;
    }

    RecordStore store() {
        return store;
    }

    /** The partition's last change that live queries have heard of. */
    long appliedSequence(int partition) {
        return pipeline.appliedSequence(partition);
    }

    HybridLogicalClock clock() {
        return clock;
    }

    /**
     * Adds what this stripe has of a leaf, as far as there is room.
     *
     * @param from in a partition of this stripe, or before its first
     */
    void collect(LeafPart part, LeafPart.Position from) {
        var position = from;
        for (int p = Math.max(from.partition(), index); p < Partitions.COUNT; p += stripes) {
            if (p != from.partition()) {
                position = new LeafPart.Position(p, null);
            }
            if (sums.isOccupied(part.map(), p, part.leaf())) {
                part.collect(store, position);
            }
            if (part.next() != null) {
                return;
            }
        }
    }

    /** Adds what the map received after {@code delta.since()} and says how far that reaches. */
    void collect(MapDelta delta, Finished finished) {
        // Taken first: what is applied while the walk pauses has later stamps.
        Stamp closed = pipeline.closedStamp();
        walk(
                delta.map(),
                partition -> delta.collect(store, partition, pipeline.lastReceived(partition)),
                failure -> {
                    delta.closedAt(closed);
                    finished.walked(failure);
                });
    }

    /** Visits the partitions that have entries of the map, giving way to other work in between. */
    void walk(MapName map, PartitionVisitor visitor, Finished finished) {
        walkFrom(index, map, visitor, finished);
    }

    @SuppressWarnings("IllegalCatch") // whatever goes wrong, somebody waits for the end
    private void walkFrom(int first, MapName map, PartitionVisitor visitor, Finished finished) {
        long budget = BYTES_PER_TURN;
        for (int p = first; p < Partitions.COUNT; p += stripes) {
            if (budget <= 0) {
                int next = p;
                visitor.pause(() -> executor.execute(() -> walkFrom(next, map, visitor, finished)));
                return;
            }
            try {
                budget -= sums.isPresent(map, p) ? visitor.visit(p) : visitor.skip(p);
            } catch (RuntimeException e) {
                finished.walked(e);
                return;
            }
        }
        finished.walked(null);
    }

    /** Works on one partition. */
    @FunctionalInterface
    interface PartitionVisitor {
        /** Returns about how many bytes were read. */
        long visit(int partition);

        /** The partition has nothing of the map. */
        default long skip(int partition) {
            return 0;
        }

        /** Much was read; {@code next} goes on, once whoever takes it has kept up. */
        default void pause(Runnable next) {
            next.run();
        }
    }

    /** Hears of the end of a walk. */
    @FunctionalInterface
    interface Finished {
        /**
         * @param failure null when every partition was visited
         */
        void walked(@Nullable RuntimeException failure);
    }

    @SuppressWarnings("IllegalCatch") // one that cannot be told must not keep the others from it
    private void applied(List<CommitPipeline.Applied> changes) {
        for (CommitPipeline.Applied change : changes) {
            try {
                fanOut.mapChanged(change);
            } catch (RuntimeException e) {
                failures.report("an event was not sent", e);
            }
        }
        watches.applied(changes);
    }
}
