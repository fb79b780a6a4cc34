package dev.wingman.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.wingman.storage.StoreException.Problem;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.Options;
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

        private byte[] storedName() {
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
    private final boolean hadTables;

    private RocksDatabase(StoreOptions options, boolean hadTables, Natives natives)
            throws RocksDBException {
        this.directory = options.directory();
        this.hadTables = hadTables;
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
        List<String> found = prepareDirectory(options.directory());
        RocksLibrary.load(options.directory());
        var natives = new Natives();
        try {
            if (wasOpened(found)) {
                requireFamilies(options.directory());
            }
            return new RocksDatabase(options, hasTables(found), natives);
        } catch (RocksDBException e) {
            natives.close();
            throw openingFailed(options.directory(), e);
        }
    }

    /** The names of the files that are there. */
    private static List<String> prepareDirectory(Path directory) {
        try {
            Files.createDirectory(directory);
            return List.of();
        } catch (FileAlreadyExistsException _) {
            return requireComplete(directory);
        } catch (NoSuchFileException e) {
            throw new StoreException(
                    Problem.IO,
                    "cannot make the storage directory %s: %s; set wingman.storage.directory"
                            .formatted(
                                    directory,
                                    hasParent(directory)
                                            ? "nothing can be made in its parent"
                                            : "its parent does not exist"),
                    e);
        } catch (IOException e) {
            throw new StoreException(
                    Problem.IO,
                    "cannot make the storage directory %s (%s); set wingman.storage.directory"
                            .formatted(directory, e),
                    e);
        }
    }

    private static boolean hasParent(Path directory) {
        Path parent = directory.toAbsolutePath().getParent();
        return parent != null && Files.isDirectory(parent);
    }

    /**
     * Without CURRENT, RocksDB would take the directory for a new one, in which old tables are
     * garbage; and it would not miss its newest log.
     */
    private static List<String> requireComplete(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            List<String> names = files.map(file -> file.getFileName().toString()).toList();
            boolean used =
                    hasTables(names) || names.stream().anyMatch(n -> n.startsWith("MANIFEST-"));
            if (used && !names.contains("CURRENT")) {
                throw new StoreException(
                        Problem.DAMAGED,
                        "%s has data but its file CURRENT is missing; restore a backup"
                                .formatted(directory));
            }
            if (wasOpened(names) && names.stream().noneMatch(n -> n.endsWith(".log"))) {
                throw new StoreException(
                        Problem.DAMAGED,
                        "%s has lost its write-ahead log (*.log), and with it the latest writes;"
                                        .formatted(directory)
                                + " restore a backup");
            }
            return names;
        } catch (IOException e) {
            throw new StoreException(
                    Problem.IO, "cannot list the storage directory %s".formatted(directory), e);
        }
    }

    /**
     * Whether a store was opened here once and to the end, which leaves it with a log and all
     * families. A checkpoint has no LOCK.
     */
    private static boolean wasOpened(List<String> names) {
        return names.contains("LOCK") && names.stream().anyMatch(n -> n.startsWith("OPTIONS-"));
    }

    private static boolean hasTables(List<String> names) {
        return names.stream().anyMatch(n -> n.endsWith(".sst"));
    }

    /** A list of files that is cut at its end is for RocksDB the list of an earlier moment. */
    private static void requireFamilies(Path directory) throws RocksDBException {
        List<byte[]> names;
        try (Options plain = new Options()) {
            names = RocksDB.listColumnFamilies(plain, directory.toString());
        }
        for (Family family : Family.values()) {
            if (names.stream().noneMatch(name -> Arrays.equals(name, family.storedName()))) {
                throw damagedList(directory);
            }
        }
    }

    private static StoreException damagedList(Path directory) {
        return new StoreException(
                Problem.DAMAGED,
                "the list of files in %s (MANIFEST) is cut; restore a backup".formatted(directory));
    }

    /** For a store without anything in it. */
    void requireNew() {
        if (hadTables) {
            throw damagedList(directory);
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
