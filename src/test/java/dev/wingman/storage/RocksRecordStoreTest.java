package dev.wingman.storage;

import static java.util.Objects.requireNonNull;

import dev.wingman.crdt.LeafSums;
import dev.wingman.protocol.MapName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** The contract, on a disk whose free space and a clock whose time the test decides. */
class RocksRecordStoreTest extends RecordStoreContract {
    private static final long MIN_FREE_BYTES = 1_000;

    @TempDir Path directory;

    private final AtomicLong nanos = new AtomicLong();
    private final AtomicLong freeBytes = new AtomicLong(Long.MAX_VALUE);
    private RocksRecordStore.@Nullable Opened opened;

    @Override
    void open() {
        StoreOptions options =
                StoreOptions.at(directory.resolve("records"))
                        .withMinFreeBytes(MIN_FREE_BYTES)
                        .withLogEntriesPerPartition(LOG_ENTRIES);
        opened = RocksRecordStore.open(options, Thread::new, nanos::get, freeBytes::get);
    }

    private RocksRecordStore.Opened opened() {
        return requireNonNull(opened);
    }

    @Override
    void reopen() {
        opened().store().close();
        open();
    }

    @Override
    RecordStore store() {
        return opened().store();
    }

    @Override
    Recovery recovery() {
        return opened().recovery();
    }

    @Override
    Map<MapName, LeafSums> rebuildSums(int partition) {
        return opened().store().rebuildSums(partition);
    }

    @Override
    void fillDisk() {
        freeBytes.set(MIN_FREE_BYTES - 1);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    }

    @Override
    void freeDisk() {
        freeBytes.set(MIN_FREE_BYTES);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    }
}
