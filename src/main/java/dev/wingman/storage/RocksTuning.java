package dev.wingman.storage;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Statistics;
import org.rocksdb.StatsLevel;
import org.rocksdb.WALRecoveryMode;

/** How RocksDB is set up: what it may lose (nothing), and what it may use. */
final class RocksTuning {
    private static final int BLOOM_BITS_PER_KEY = 10;
    private static final int BLOCK_BYTES = 8 << 10;
    private static final int MAX_OPEN_FILES = 512;
    private static final int BACKGROUND_JOBS = 2;
    private static final int INFO_LOGS = 3;
    private static final long INFO_LOG_BYTES = 4L << 20;

    private RocksTuning() {}

    /**
     * One set for all column families: they share the block cache, and the write buffer through
     * {@link DBOptions#setDbWriteBufferSize}.
     */
    static ColumnFamilyOptions families(StoreOptions options, Natives natives) {
        // Whole keys only: a read knows its full key, and scans go to prefixes that exist.
        var tables =
                new BlockBasedTableConfig()
                        .setBlockCache(natives.own(new LRUCache(options.blockCacheBytes())))
                        .setBlockSize(BLOCK_BYTES)
                        .setCacheIndexAndFilterBlocks(true)
                        .setCacheIndexAndFilterBlocksWithHighPriority(true)
                        .setPinL0FilterAndIndexBlocksInCache(true)
                        .setFilterPolicy(natives.own(new BloomFilter(BLOOM_BITS_PER_KEY)));
        return natives.own(new ColumnFamilyOptions())
                .setTableFormatConfig(tables)
                .setWriteBufferSize(options.writeBufferBytes())
                .setCompressionType(CompressionType.LZ4_COMPRESSION);
    }

    static DBOptions database(StoreOptions options, Statistics statistics, Natives natives) {
        return natives.own(new DBOptions())
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                // A torn tail is a write that was never acknowledged and is cut; damage before it
                // refuses the start.
                .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                .setParanoidChecks(true)
                // After a full disk RocksDB throws a doubtful log away by flushing what is in
                // memory. Flushed one by one, a crash in between could bring back half a batch.
                .setAtomicFlush(true)
                .setDbWriteBufferSize(options.writeBufferBytes())
                .setMaxTotalWalSize(2 * options.writeBufferBytes())
                .setMaxOpenFiles(MAX_OPEN_FILES)
                .setMaxBackgroundJobs(BACKGROUND_JOBS)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setKeepLogFileNum(INFO_LOGS)
                .setMaxLogFileSize(INFO_LOG_BYTES)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setStatistics(statistics);
    }

    static Statistics statistics(Natives natives) {
        Statistics statistics = natives.own(new Statistics());
        statistics.setStatsLevel(StatsLevel.EXCEPT_DETAILED_TIMERS);
        return statistics;
    }
}
