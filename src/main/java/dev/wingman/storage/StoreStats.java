package dev.wingman.storage;

/**
 * Counts since a store was opened, for metrics.
 *
 * @param commits groups of batches written together
 * @param changes records written
 * @param walSyncs times the write-ahead log was brought to the disk
 * @param commitNanosTotal time spent writing groups
 * @param commitNanosMax the longest of them
 * @param commitNanosLast the latest of them
 * @param queuedBytes about what waits to be written
 * @param tableBytes size of the table files on disk
 */
public record StoreStats(
        long commits,
        long changes,
        long walSyncs,
        long commitNanosTotal,
        long commitNanosMax,
        long commitNanosLast,
        long queuedBytes,
        long tableBytes) {}
