package dev.wingman.storage;

import java.nio.file.Path;
import java.time.Duration;

/**
 * How a {@link RocksRecordStore} keeps its files and how much memory it may use.
 *
 * @param directory of this store alone; it is made when it is absent, its parent is not
 * @param durability what a completed commit has survived
 * @param writeBufferBytes memory for writes that are in the write-ahead log but not yet in a table
 *     file, at least 1 MiB. Larger writes less often and takes longer to replay after a crash
 * @param blockCacheBytes memory for blocks of table files, their indexes and filters included
 * @param minFreeBytes free space on the disk below which writes are refused; reads go on. With less
 *     than a write buffer RocksDB cannot recover by itself from a disk that did run full
 * @param logEntriesPerPartition how much of a partition's log is kept, at least 1. Entries that the
 *     stored sums do not contain yet are kept beyond that
 * @param batchedSyncInterval longest time between a completed commit and its fsync with {@link
 *     Durability#BATCHED}
 */
public record StoreOptions(
        Path directory,
        Durability durability,
        long writeBufferBytes,
        long blockCacheBytes,
        long minFreeBytes,
        int logEntriesPerPartition,
        Duration batchedSyncInterval) {
    private static final long MIB = 1L << 20;

    public StoreOptions {
        if (writeBufferBytes < MIB || blockCacheBytes < 0 || minFreeBytes < 0) {
            throw new IllegalArgumentException(
                    "the write buffer has at least 1 MiB, other sizes are not negative");
        }
        if (logEntriesPerPartition < 1) {
            throw new IllegalArgumentException("a partition's log keeps at least one entry");
        }
        if (batchedSyncInterval.isNegative() || batchedSyncInterval.isZero()) {
            throw new IllegalArgumentException("the interval between two syncs is positive");
        }
    }

    /**
     * {@link Durability#COMMIT}, 64 MiB of write buffers, 64 MiB of block cache, 64 MiB kept free,
     * 65,536 log entries a partition, 100 ms between syncs when batched.
     */
    public static StoreOptions at(Path directory) {
        return new StoreOptions(
                directory,
                Durability.COMMIT,
                64 * MIB,
                64 * MIB,
                64 * MIB,
                65_536,
                Duration.ofMillis(100));
    }

    public StoreOptions withDurability(Durability other) {
        return new StoreOptions(
                directory,
                other,
                writeBufferBytes,
                blockCacheBytes,
                minFreeBytes,
                logEntriesPerPartition,
                batchedSyncInterval);
    }

    public StoreOptions withMinFreeBytes(long bytes) {
        return new StoreOptions(
                directory,
                durability,
                writeBufferBytes,
                blockCacheBytes,
                bytes,
                logEntriesPerPartition,
                batchedSyncInterval);
    }

    public StoreOptions withLogEntriesPerPartition(int entries) {
        return new StoreOptions(
                directory,
                durability,
                writeBufferBytes,
                blockCacheBytes,
                minFreeBytes,
                entries,
                batchedSyncInterval);
    }
}
