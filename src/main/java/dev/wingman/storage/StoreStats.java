package dev.wingman.storage;

/**
 * Counts since a store was opened, for metrics.
 *
 * @param commits groups of batches written together
 * @param changes records written
 * @param walSyncs times the write-ahead log was brought to the disk
 * @param commitNanosMax the longest time that writing a group took
 * @param queuedBytes about what waits to be written
 * @param tableBytes size of the table files on disk
 * @param fileBytes size of all files on disk, with the write-ahead log
 */
public record StoreStats(
        long commits,
        long changes,
        long walSyncs,
        long commitNanosMax,
        long queuedBytes,
        long tableBytes,
        long fileBytes) {}
