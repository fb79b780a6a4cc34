package dev.wingman.sync;

import dev.wingman.cluster.Replication;
import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Partitions;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.Value;
import dev.wingman.storage.CommitBatch;
import dev.wingman.storage.CommitBatch.Change;
import dev.wingman.storage.CommitBatch.SumsSnapshot;
import dev.wingman.storage.Durability;
import dev.wingman.storage.RecordStore;
import dev.wingman.storage.Recovery;
import dev.wingman.storage.StoreException;
import dev.wingman.storage.StoredRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Takes writes through merge, commit and application, in this order and for one stripe.
 *
 * <pre>
 * write: merge against committed state and the overlay -> open batch
 * flush: open batch -> store.commit beside replication.replicate
 * both done, oldest batch first: sums -> {@link Listener} (events, live queries) -> acknowledgement
 * </pre>
 *
 * <p>Nobody sees a write before it is durable, but the next write to the same key already merges
 * against it: that is the {@link Overlay}. A write that loses its merge changes nothing, but is
 * acknowledged no earlier than the write it lost to.
 *
 * <p>When a commit fails, everything merged on top of it fails with it and the overlay starts anew
 * from what is stored; clients keep what was not acknowledged and send it again.
 *
 * <p>Confined to its stripe's executor.
 */
final class CommitPipeline {
    /**
     * Enough to keep the committer busy; beyond it a batch grows instead, and costs less a write.
     */
    static final int MAX_BATCHES_IN_FLIGHT = 2;

    /**
     * Values that may wait for the disk, in one stripe; more are refused until some are written.
     */
    static final long MAX_OPEN_BYTES = 32L << 20;

    /** About what a change takes beside its value. */
    private static final long BYTES_PER_CHANGE = 256;

    /** Learns what became durable, in order. */
    interface Listener {
        void applied(List<Applied> changes);
    }

    /**
     * A change that became durable.
     *
     * @param author who must not be told of it; null when everybody is
     */
    record Applied(MapName map, Key key, StoredRecord stored, @Nullable Subscriber author) {
        LwwRecord<Value> record() {
            return stored.record();
        }
    }

    /** Learns what became of the writes of one call; called on the stripe. */
    interface Acknowledgement {
        void written(AckLevel level);

        void failed(ErrorCode code, String reason);
    }

    private final Executor stripe;
    private final RecordStore store;
    private final Durability durability;
    private final Replication replication;
    private final HybridLogicalClock clock;
    private final MapSums sums;
    private final Listener listener;
    private final Failures failures;

    private final long[] appliedSequence = new long[Partitions.COUNT];
    private final Stamp[] lastReceived = new Stamp[Partitions.COUNT];
    private final Overlay overlay;
    private final Deque<Batch> inFlight = new ArrayDeque<>();
    private Batch open;
    private boolean flushScheduled;

    /** Set from a failed commit until the last batch that was built on it has come back. */
    private @Nullable StoreException failure;

    /** Writes on their way to the disk together. */
    private static final class Batch {
        long epoch;
        final List<Change> changes = new ArrayList<>();
        final List<Applied> applied = new ArrayList<>();
        final List<Acknowledgement> waiting = new ArrayList<>();
        List<SumsSnapshot> sums = List.of();
        long bytes;
        @Nullable Stamp first;
        boolean done;
        AckLevel level = AckLevel.APPLIED;
        @Nullable StoreException failure;

        Batch(long epoch) {
            this.epoch = epoch;
        }

        boolean isEmpty() {
            return changes.isEmpty();
        }
    }

    CommitPipeline(
            SyncServer.Parts parts,
            Executor stripe,
            MapSums sums,
            Listener listener,
            Failures failures) {
        this.stripe = stripe;
        this.store = parts.store();
        this.durability = parts.durability();
        this.replication = parts.replication();
        this.clock = parts.clock();
        this.overlay = new Overlay(store, clock);
        this.sums = sums;
        this.listener = listener;
        this.failures = failures;
        this.open = new Batch(store.epoch());
        Arrays.fill(lastReceived, Stamp.NONE);
    }

    void restore(int partition, Recovery.Partition recovered) {
        overlay.restore(partition, recovered.lastSequence());
        appliedSequence[partition] = recovered.lastSequence();
        lastReceived[partition] = recovered.lastReceived();
        clock.update(recovered.lastReceived());
    }

    /** Merges one write. Call {@link #acknowledge} after the last one of a request. */
    void write(MapName map, Key key, LwwRecord<Value> record, @Nullable Subscriber author) {
        if (failure != null) {
            return;
        }
        Change change = overlay.write(map, key, record);
        if (change != null) {
            append(change, author);
        }
    }

    /** Removes with a timestamp of our own. */
    void remove(MapName map, Key key, @Nullable Subscriber author) {
        if (failure == null) {
            append(overlay.remove(map, key), author);
        }
    }

    private void append(Change change, @Nullable Subscriber author) {
        StoredRecord stored = change.stored();
        beginIfEmpty();
        if (open.first == null) {
            open.first = stored.receivedAt();
        }
        open.bytes += bytesOf(stored.record());
        open.changes.add(change);
        open.applied.add(new Applied(change.map(), change.key(), stored, author));
        scheduleFlush();
    }

    private static long bytesOf(LwwRecord<Value> record) {
        Value value = record.value();
        return BYTES_PER_CHANGE + (value == null ? 0 : value.sizeBytes());
    }

    /** Whether more is waiting for the disk than should. */
    boolean isOverloaded() {
        return open.bytes > MAX_OPEN_BYTES;
    }

    /** A batch with nothing before it is built on what is stored, whatever failed in between. */
    private void beginIfEmpty() {
        if (open.isEmpty() && inFlight.isEmpty()) {
            open.epoch = store.epoch();
        }
    }

    /** Calls back once every write so far is durable, or that turned out impossible. */
    void acknowledge(Acknowledgement waiting) {
        if (failure != null) {
            refuse(List.of(waiting), failure);
        } else if (!open.isEmpty()) {
            open.waiting.add(waiting);
        } else if (!inFlight.isEmpty()) {
            inFlight.getLast().waiting.add(waiting);
        } else {
            waiting.written(durableLevel());
        }
    }

    /** Everything received at or before this stamp is visible to readers of the store. */
    Stamp closedStamp() {
        for (Batch batch : inFlight) {
            if (batch.first != null) {
                return batch.first.before();
            }
        }
        return open.first != null ? open.first.before() : clock.nextStamp();
    }

    /** The partition's last change that the listener has heard of; readers may be ahead of it. */
    long appliedSequence(int partition) {
        return appliedSequence[partition];
    }

    /** When the last visible change of the partition was received. */
    Stamp lastReceived(int partition) {
        return lastReceived[partition];
    }

    /** Stores the sums that no snapshot has yet; for an orderly stop. */
    void storeSums(Acknowledgement done) {
        if (failure == null) {
            beginIfEmpty();
            send(true);
        }
        acknowledge(done);
    }

    private void scheduleFlush() {
        if (!flushScheduled) {
            flushScheduled = true;
            // Behind what is queued on the stripe now, so that one batch takes it all.
            stripe.execute(this::flush);
        }
    }

    private void flush() {
        flushScheduled = false;
        if (!open.isEmpty() && inFlight.size() < MAX_BATCHES_IN_FLIGHT) {
            send(false);
        }
    }

    private void send(boolean allSums) {
        Batch batch = open;
        open = new Batch(batch.epoch);
        inFlight.add(batch);
        batch.sums = snapshots(batch, allSums);
        var commit = new CommitBatch(batch.epoch, batch.changes, batch.sums, List.of());
        CompletionStage<Void> stored = attempt(() -> store.commit(commit));
        CompletionStage<Replication.Reached> replicated =
                attempt(() -> replication.replicate(commit)).exceptionally(this::notReplicated);
        stored.thenCombine(replicated, (_, reached) -> reached)
                .whenComplete(
                        (reached, error) -> stripe.execute(() -> settled(batch, reached, error)));
    }

    @SuppressWarnings("IllegalCatch") // the batch is on its way and must come back
    private static <T> CompletionStage<T> attempt(Supplier<CompletionStage<T>> step) {
        try {
            return step.get();
        } catch (RuntimeException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    /**
     * The store alone decides whether a batch counts: one that is on the disk and yet failed would
     * leave its sequences to be given out again.
     */
    private Replication.Reached notReplicated(Throwable fault) {
        failures.report("a batch was not replicated", fault);
        return Replication.Reached.THIS_NODE;
    }

    private List<SumsSnapshot> snapshots(Batch batch, boolean all) {
        List<SumsSnapshot> snapshots = new ArrayList<>();
        if (all) {
            for (int partition : sums.partitionsToStore()) {
                snapshots.addAll(sums.takeSnapshots(partition, appliedSequence[partition]));
            }
            return snapshots;
        }
        for (Change change : batch.changes) {
            int partition = change.partition();
            if (sums.isSnapshotDue(partition)) {
                snapshots.addAll(sums.takeSnapshots(partition, appliedSequence[partition]));
            }
        }
        return snapshots;
    }

    private void settled(
            Batch batch, Replication.@Nullable Reached reached, @Nullable Throwable error) {
        batch.done = true;
        if (error != null) {
            batch.failure = asStoreException(error);
        } else if (reached == Replication.Reached.ALL_BACKUPS) {
            batch.level = AckLevel.REPLICATED;
        } else {
            batch.level = durableLevel();
        }
        while (!inFlight.isEmpty() && inFlight.getFirst().done) {
            finish(inFlight.removeFirst());
        }
        if (failure != null && inFlight.isEmpty()) {
            startAnew();
        }
        flush();
    }

    @SuppressWarnings("IllegalCatch") // it is on the disk, whoever fails to hear of it
    private void finish(Batch batch) {
        if (batch.failure != null) {
            fail(batch, batch.failure);
            return;
        }
        try {
            for (Change change : batch.changes) {
                apply(change);
            }
            if (!batch.applied.isEmpty()) {
                listener.applied(batch.applied);
            }
        } catch (RuntimeException e) {
            failures.report("stored changes were not told", e);
        }
        answer(batch.waiting, waiting -> waiting.written(batch.level));
    }

    @SuppressWarnings("IllegalCatch") // one that cannot be told must not keep the others from it
    private void answer(List<Acknowledgement> all, Consumer<Acknowledgement> answer) {
        for (Acknowledgement waiting : all) {
            try {
                answer.accept(waiting);
            } catch (RuntimeException e) {
                failures.report("an acknowledgement was not told", e);
            }
        }
    }

    private void apply(Change change) {
        int partition = change.partition();
        appliedSequence[partition] = change.stored().sequence();
        lastReceived[partition] = change.stored().receivedAt();
        sums.add(change.map(), partition, change.delta());
        overlay.stored(change);
    }

    private void fail(Batch batch, StoreException cause) {
        if (failure == null) {
            failure = cause;
            refuse(open.waiting, cause);
            open = new Batch(store.epoch());
        }
        sums.markUnstored(batch.sums);
        refuse(batch.waiting, cause);
    }

    private void refuse(List<Acknowledgement> all, StoreException cause) {
        Failure told = failures.of(cause);
        answer(all, waiting -> waiting.failed(told.code(), told.message()));
    }

    private void startAnew() {
        failure = null;
        overlay.startAnew(appliedSequence);
        open = new Batch(store.epoch());
    }

    private AckLevel durableLevel() {
        return levelOf(durability);
    }

    /** What has become of a write that the store has completed. */
    static AckLevel levelOf(Durability durability) {
        return switch (durability) {
            case COMMIT -> AckLevel.PERSISTED;
            case BATCHED -> AckLevel.APPLIED;
        };
    }

    private StoreException asStoreException(Throwable error) {
        Throwable cause =
                error instanceof CompletionException && error.getCause() != null
                        ? error.getCause()
                        : error;
        if (cause instanceof StoreException known) {
            return known;
        }
        Failure told = failures.of(cause);
        return new StoreException(StoreException.Problem.IO, told.message(), cause);
    }
}
