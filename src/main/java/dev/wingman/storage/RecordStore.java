package dev.wingman.storage;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Keeps records, their log and what describes them, by partition.
 *
 * <p>Thread-safe, with one rule: the changes of one partition are committed by one caller, in the
 * order of their sequences, and its sums as {@link CommitBatch#sums} says. Reads see every
 * completed commit and may block on the disk, so they do not belong on an event loop. They throw
 * {@link StoreException} when the data cannot be read.
 */
public interface RecordStore extends AutoCloseable {
    /**
     * Makes a batch durable, all of it or nothing. Completes on a thread of the store, in the order
     * of the calls, once the batch would survive a crash (with {@link Durability#BATCHED}: once it
     * is handed to the operating system). Fails with a {@link StoreException} when it did not
     * become durable; from then on every batch of an earlier or the same {@link CommitBatch#epoch}
     * fails.
     *
     * <p>Waits while more is queued than the form of the store has room for.
     */
    CompletionStage<Void> commit(CommitBatch batch);

    /** The epoch that a batch must carry to be accepted; it grows with every failed commit. */
    long epoch();

    @Nullable StoredRecord read(MapName map, Key key);

    /** Visits the records of a map in one partition, tombstones included, by (key hash, key). */
    void scan(MapName map, int partition, RecordVisitor visitor);

    /**
     * As {@link #scan}, only the records of one leaf (0..4095) of the map's Merkle trie.
     *
     * @param after a key that an earlier scan of the leaf visited, to go on behind; null begins
     *     with the first
     */
    void scanLeaf(MapName map, int partition, int leaf, @Nullable Key after, RecordVisitor visitor);

    /**
     * Visits the log of a partition, newest entry first, back to but without the first entry
     * received at or before {@code since}.
     *
     * @return false when the log no longer reaches back that far; what was visited is then not all
     */
    boolean scanLogBack(int partition, Stamp since, LogVisitor visitor);

    /** A small value of the server's own, such as its node id; null when there is none. */
    byte @Nullable [] readMeta(String key);

    StoreHealth health();

    /** Makes everything durable that was accepted and lets the files go. */
    @Override
    void close();

    /** Receives records until it answers false. */
    @FunctionalInterface
    interface RecordVisitor {
        boolean visit(Key key, StoredRecord record);
    }

    /** Receives log entries until it answers false. */
    @FunctionalInterface
    interface LogVisitor {
        boolean visit(LogEntry entry);
    }

    /**
     * One line of a partition's log.
     *
     * @param sequence from 1, without gaps
     */
    record LogEntry(long sequence, MapName map, Key key, Stamp receivedAt) {}
}
