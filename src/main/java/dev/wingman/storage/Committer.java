package dev.wingman.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.wingman.storage.StoreException.Problem;
import dev.wingman.storage.StoreHealth.ReadOnly;
import dev.wingman.storage.StoreHealth.Writable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes. It takes everything that queued up while the previous group was on
 * its way to the disk, so that groups grow with the load and a lone batch does not wait for
 * company.
 *
 * <p>Thread-safe. Stages complete on the committer's thread, in the order of the calls: whoever
 * depends on one must not block there.
 *
 * <p>A full disk makes the store read only. Once a second the next batch, or an empty one when none
 * comes because nobody routes writes to a store that takes none, finds out whether there is space
 * again. After any other failure nobody knows what is on the disk, since an fsync that failed once
 * may succeed the next time without having written anything, so the store stays read only until it
 * is opened again.
 */
final class Committer implements AutoCloseable {
    /** A caller waits while more than this is queued: the disk is behind, and memory is finite. */
    static final long MAX_QUEUED_BYTES = 64L << 20;

    private static final int MAX_GROUP_CHANGES = 4_096;
    private static final long MAX_GROUP_BYTES = 4L << 20;

    /** What a change weighs beside its key and value, about. */
    private static final int CHANGE_OVERHEAD_BYTES = 128;

    private static final long RETRY_NANOS = Duration.ofSeconds(1).toNanos();
    private static final Logger LOG = Logger.getLogger(Committer.class);

    private record Pending(CommitBatch batch, long bytes, CompletableFuture<Void> done) {}

    private final GroupWriter writer;
    private final RocksDatabase database;
    private final FreeSpace freeSpace;
    private final LongSupplier nanoClock;
    private final long syncIntervalNanos;
    private final boolean batched;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition roomMade = lock.newCondition();

    @GuardedBy("lock")
    private final Queue<Pending> queue = new ArrayDeque<>();

    @GuardedBy("lock")
    private long queuedBytes;

    @GuardedBy("lock")
    private boolean closed;

    /** Both are written by the committer's thread only. */
    private volatile long epoch;

    private volatile StoreHealth health = new Writable();

    /** From here on to {@link #syncDueNanos}: the committer's thread only. */
    private List<Pending> inHand = List.of();

    private long refusedAtNanos;

    /** What made the present epoch; null in the first one. */
    private @Nullable StoreException lastFailure;

    private boolean unsynced;
    private long syncDueNanos;

    private final LongAdder commits = new LongAdder();
    private final LongAdder changes = new LongAdder();
    private final Histogram commitNanos = Histogram.ofNanos();
    private final Histogram groupSizes = Histogram.upTo(1, 4, 16, 64, 256, 1024, 4096);
    private volatile long maxCommitNanos;

    Committer(
            GroupWriter writer,
            RocksDatabase database,
            StoreOptions options,
            FreeSpace freeSpace,
            ThreadFactory threads,
            LongSupplier nanoClock) {
        this.writer = writer;
        this.database = database;
        this.freeSpace = freeSpace;
        this.nanoClock = nanoClock;
        syncIntervalNanos = options.batchedSyncInterval().toNanos();
        batched = options.durability() == Durability.BATCHED;
        thread = threads.newThread(this::run);
    }

    void start() {
        thread.start();
    }

    long epoch() {
        return epoch;
    }

    StoreHealth health() {
        return health;
    }

    CompletionStage<Void> commit(CommitBatch batch) {
        var pending = new Pending(batch, sizeOf(batch), new CompletableFuture<>());
        lock.lock();
        try {
            // The committer itself is let through: it is the one who makes room.
            while (queuedBytes > MAX_QUEUED_BYTES && !closed && !isCommitter()) {
                roomMade.awaitUninterruptibly();
            }
            if (closed) {
                return CompletableFuture.failedStage(
                        new StoreException(Problem.CLOSED, "the store is closed"));
            }
            queue.add(pending);
            queuedBytes += pending.bytes;
            arrived.signal();
        } finally {
            lock.unlock();
        }
        return pending.done;
    }

    private boolean isCommitter() {
        return thread.equals(Thread.currentThread());
    }

    private static long sizeOf(CommitBatch batch) {
        long bytes = 0;
        for (CommitBatch.Change change : batch.changes()) {
            var value = change.stored().record().value();
            bytes += CHANGE_OVERHEAD_BYTES;
            bytes += 2L * change.key().value().length();
            bytes += value == null ? 0 : value.sizeBytes();
        }
        for (CommitBatch.SumsSnapshot snapshot : batch.sums()) {
            bytes += SumsFormat.maxSize(snapshot.sums());
        }
        for (CommitBatch.MetaEntry entry : batch.meta()) {
            bytes += entry.value().length;
        }
        return bytes;
    }

    @SuppressWarnings("IllegalCatch") // the outermost handler of its thread
    private void run() {
        try {
            while (take()) {
                commitGroup(inHand);
                if (nanosToSync() <= 0) {
                    syncNow();
                }
                if (nanosToRetry() <= 0) {
                    write(List.of());
                }
            }
            syncNow();
        } catch (RuntimeException | Error e) {
            LOG.error("store refuses writes: the committer died, restart the server", e);
        } finally {
            failTheRest();
        }
    }

    /**
     * Takes the next group in hand, an empty one when something else is due first.
     *
     * @return false when the store is closed and nothing is left
     */
    private boolean take() {
        lock.lock();
        try {
            long nanosToWait = Math.min(nanosToSync(), nanosToRetry());
            while (queue.isEmpty() && !closed && nanosToWait > 0) {
                arrived.awaitNanos(nanosToWait);
                nanosToWait = Math.min(nanosToSync(), nanosToRetry());
            }
            inHand = takeGroup();
            return !inHand.isEmpty() || !closed;
        } catch (InterruptedException _) {
            // Nobody has a reason to interrupt the committer: it ends when it is closed.
            inHand = List.of();
            return true;
        } finally {
            lock.unlock();
        }
    }

    @GuardedBy("lock")
    private List<Pending> takeGroup() {
        List<Pending> group = new ArrayList<>();
        int groupChanges = 0;
        long groupBytes = 0;
        Pending head = queue.peek();
        while (head != null
                && (group.isEmpty()
                        || (groupChanges + head.batch.changes().size() <= MAX_GROUP_CHANGES
                                && groupBytes + head.bytes <= MAX_GROUP_BYTES))) {
            group.add(queue.remove());
            groupChanges += head.batch.changes().size();
            groupBytes += head.bytes;
            head = queue.peek();
        }
        queuedBytes -= groupBytes;
        roomMade.signalAll();
        return group;
    }

    private void commitGroup(List<Pending> group) {
        long groupEpoch = epoch;
        List<CommitBatch> current = new ArrayList<>(group.size());
        for (Pending pending : group) {
            if (pending.batch.epoch() == groupEpoch) {
                current.add(pending.batch);
            }
        }
        StoreException failure = current.isEmpty() ? null : write(current);
        if (failure != null) {
            lastFailure = failure;
            epoch = groupEpoch + 1;
        }
        for (Pending pending : group) {
            if (pending.batch.epoch() != groupEpoch) {
                pending.done.completeExceptionally(
                        new StoreException(
                                Problem.STALE_EPOCH,
                                "an earlier commit failed; begin anew",
                                lastFailure));
            } else if (failure != null) {
                pending.done.completeExceptionally(failure);
            } else {
                pending.done.complete(null);
            }
        }
    }

    private @Nullable StoreException write(List<CommitBatch> group) {
        if (health instanceof ReadOnly(Problem problem, String reason) && nanosToRetry() > 0) {
            return new StoreException(problem, reason);
        }
        long began = nanoClock.getAsLong();
        try {
            freeSpace.require();
            writer.write(group);
        } catch (StoreException e) {
            becomeReadOnly(e, began);
            return e;
        }
        succeeded(group, nanoClock.getAsLong() - began);
        return null;
    }

    private void becomeReadOnly(StoreException e, long now) {
        refusedAtNanos = now;
        if (health instanceof Writable) {
            LOG.errorf("store refuses writes code=%s error=%s", e.problem(), e.getMessage());
        }
        health = new ReadOnly(e.problem(), String.valueOf(e.getMessage()));
    }

    private void succeeded(List<CommitBatch> group, long nanos) {
        if (health instanceof ReadOnly) {
            health = new Writable();
            LOG.info("store takes writes again");
        }
        if (batched && !unsynced) {
            unsynced = true;
            syncDueNanos = nanoClock.getAsLong() + syncIntervalNanos;
        }
        commits.increment();
        int groupChanges = 0;
        for (CommitBatch batch : group) {
            groupChanges += batch.changes().size();
        }
        changes.add(groupChanges);
        groupSizes.add(groupChanges, 1);
        commitNanos.add(nanos, 1);
        maxCommitNanos = Math.max(maxCommitNanos, nanos);
    }

    private long nanosToSync() {
        return unsynced ? syncDueNanos - nanoClock.getAsLong() : Long.MAX_VALUE;
    }

    private long nanosToRetry() {
        return health instanceof ReadOnly(Problem problem, _) && problem == Problem.DISK_FULL
                ? refusedAtNanos + RETRY_NANOS - nanoClock.getAsLong()
                : Long.MAX_VALUE;
    }

    private void syncNow() {
        if (!unsynced) {
            return;
        }
        unsynced = false;
        try {
            database.sync();
        } catch (StoreException e) {
            becomeReadOnly(e, nanoClock.getAsLong());
        }
    }

    /** Nobody may wait for ever, not even for a thread that died. */
    private void failTheRest() {
        List<Pending> rest = new ArrayList<>(inHand);
        lock.lock();
        try {
            if (!closed) {
                health = new ReadOnly(Problem.CLOSED, "the committer died; restart the server");
            }
            closed = true;
            rest.addAll(queue);
            queue.clear();
            roomMade.signalAll();
        } finally {
            lock.unlock();
        }
        for (Pending pending : rest) {
            pending.done.completeExceptionally(
                    new StoreException(Problem.CLOSED, "the store is closed"));
        }
    }

    StoreStats stats() {
        return new StoreStats(
                commits.sum(),
                changes.sum(),
                database.walSyncs(),
                maxCommitNanos,
                queuedBytes(),
                database.tableBytes(),
                database.fileBytes());
    }

    /** Nanoseconds that each group took. */
    Histogram commitNanos() {
        return commitNanos;
    }

    /** Changes in each group. */
    Histogram groupSizes() {
        return groupSizes;
    }

    private long queuedBytes() {
        lock.lock();
        try {
            return queuedBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Returns when everything that was queued is written and the thread has ended. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            arrived.signal();
            roomMade.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
