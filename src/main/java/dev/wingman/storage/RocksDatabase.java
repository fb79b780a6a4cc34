package dev.wingman.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.wingman.storage.StoreException.Problem;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Statistics;
import org.rocksdb.Status;
import org.rocksdb.TickerType;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The RocksDB files of a store and the native memory that goes with them. Failures leave here as
 * {@link StoreException}s.
 *
 * <p>Thread-safe, except that {@link #close} must come after the return of every other call: a use
 * of freed native memory ends the process.
 */
final class RocksDatabase implements AutoCloseable {
    enum Family {
        RECORDS,
        LOG,
        META;

        byte[] storedName() {
            return name().toLowerCase(Locale.ROOT).getBytes(US_ASCII);
        }
    }

    private static final String TABLE_SIZE = "rocksdb.live-sst-files-size";
    private static final long SCAN_READAHEAD_BYTES = 1L << 20;

    private final Path directory;
    private final Natives natives;
    private final Map<Family, ColumnFamilyHandle> handles = new EnumMap<>(Family.class);
    private final Statistics statistics;
    private final ReadOptions pointReads;
    private final ReadOptions scans;
    private final ReadOptions wholeScans;
    private final WriteOptions synced;
    private final WriteOptions unsynced;
    private final RocksDB db;
    private final StoreDirectory found;

    private RocksDatabase(StoreOptions options, StoreDirectory found, Natives natives)
            throws RocksDBException {
        this.directory = options.directory();
        this.found = found;
        this.natives = natives;
        statistics = RocksTuning.statistics(natives);
        pointReads = natives.own(new ReadOptions()).setVerifyChecksums(true);
        scans = natives.own(new ReadOptions()).setVerifyChecksums(true);
        wholeScans =
                natives.own(new ReadOptions())
                        .setVerifyChecksums(true)
                        .setFillCache(false)
                        .setReadaheadSize(SCAN_READAHEAD_BYTES);
        synced = natives.own(new WriteOptions()).setSync(true);
        unsynced = natives.own(new WriteOptions()).setSync(false);
        ColumnFamilyOptions familyOptions = RocksTuning.families(options, natives);
        List<ColumnFamilyDescriptor> families = new ArrayList<>();
        // RocksDB insists on a family called default, which stays empty.
        families.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, familyOptions));
        for (Family family : Family.values()) {
            families.add(new ColumnFamilyDescriptor(family.storedName(), familyOptions));
        }
        DBOptions dbOptions = RocksTuning.database(options, statistics, natives);
        String path = options.directory().toString();
        List<ColumnFamilyHandle> opened = new ArrayList<>();
        db = natives.own(RocksDB.open(dbOptions, path, families, opened));
        Iterator<ColumnFamilyHandle> next = opened.iterator();
        natives.own(next.next());
        for (Family family : Family.values()) {
            handles.put(family, natives.own(next.next()));
        }
    }

    static RocksDatabase open(StoreOptions options) {
        StoreDirectory found = StoreDirectory.prepare(options.directory());
        RocksLibrary.load(options.directory());
        var natives = new Natives();
        try {
            found.requireFamilies();
            var database = new RocksDatabase(options, found, natives);
            found.setOpened();
            return database;
        } catch (RocksDBException e) {
            natives.close();
            throw openingFailed(options.directory(), e);
        }
    }

    private static StoreException openingFailed(Path directory, RocksDBException e) {
        String message = String.valueOf(e.getMessage());
        // RocksDB reports both as plain errors; only the text tells them from others.
        if (message.contains("lock file") || message.contains("lock hold by")) {
            return new StoreException(
                    Problem.LOCKED,
                    "%s is in use by another process; stop it or choose another directory"
                            .formatted(directory),
                    e);
        }
        if (message.contains("Column families not opened")) {
            return new StoreException(
                    Problem.NEWER_FORMAT,
                    "%s was written by a later version: %s".formatted(directory, message),
                    e);
        }
        return failed("open " + directory, e);
    }

    /** What RocksDB could not do, in our terms. */
    static StoreException failed(String action, RocksDBException e) {
        Status status = e.getStatus();
        Problem problem = Problem.IO;
        String advice = "";
        if (status != null && status.getSubCode() == Status.SubCode.NoSpace) {
            problem = Problem.DISK_FULL;
            advice = "; free some space";
        } else if (status != null && status.getCode() == Status.Code.Corruption) {
            problem = Problem.DAMAGED;
            advice = "; restore a backup";
        }
        return new StoreException(
                problem, "cannot %s: %s%s".formatted(action, e.getMessage(), advice), e);
    }

    /** Called when there is not even a format version in it. */
    void requireNew() {
        found.requireNew();
    }

    ColumnFamilyHandle handle(Family family) {
        return requireNonNull(handles.get(family));
    }

    byte @Nullable [] get(Family family, byte[] key) {
        try {
            return db.get(handle(family), pointReads, key);
        } catch (RocksDBException e) {
            throw failed("read", e);
        }
    }

    /** To be closed by the caller, soon: it keeps obsolete files from being deleted. */
    RocksScan scan(Family family) {
        return new RocksScan(db.newIterator(handle(family), scans));
    }

    /** As {@link #scan} for reading much once: it reads ahead and leaves the block cache alone. */
    RocksScan wholeScan(Family family) {
        return new RocksScan(db.newIterator(handle(family), wholeScans));
    }

    /** Writes to the log and to memory, and waits for the disk when {@code sync}. */
    void write(WriteBatch batch, boolean sync) {
        try {
            db.write(sync ? synced : unsynced, batch);
        } catch (RocksDBException e) {
            throw failed("write", e);
        }
    }

    /** Waits until everything written is on the disk. */
    void sync() {
        try {
            db.syncWal();
        } catch (RocksDBException e) {
            throw failed("sync", e);
        }
    }

    long walSyncs() {
        return statistics.getTickerCount(TickerType.WAL_FILE_SYNCED);
    }

    /** Size of the table files; the write-ahead log comes on top. */
    long tableBytes() {
        try {
            long bytes = 0;
            for (ColumnFamilyHandle family : handles.values()) {
                bytes += db.getLongProperty(family, TABLE_SIZE);
            }
            return bytes;
        } catch (RocksDBException e) {
            throw failed("read the size", e);
        }
    }

    /** Size of all files; those that come or go meanwhile may be missing. */
    long fileBytes() {
        long bytes = 0;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                bytes += sizeOf(file);
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new StoreException(Problem.IO, "cannot list " + directory, e);
        }
        return bytes;
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException _) {
            return 0;
        }
    }

    void checkpoint(Path target) {
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(target.toString());
        } catch (RocksDBException e) {
            throw failed("make a checkpoint in " + target, e);
        }
    }

    @Override
    public void close() {
        natives.close();
    }
}
