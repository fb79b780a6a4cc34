package dev.wingman.storage;

import dev.wingman.storage.RocksDatabase.Family;
import dev.wingman.storage.StoreException.Problem;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * The directory of a store as it is found, and what RocksDB would not miss in it: files that are
 * gone, and a list of files that is cut, are for RocksDB a store of an earlier moment.
 *
 * <p>Immutable.
 */
final class StoreDirectory {
    /** Whatever was found once stays: RocksDB has perhaps removed what showed it. */
    private static final String MARK = "DAMAGED";

    /** A store was opened here to the end, which leaves it with a log and all families. */
    private static final String OPENED = "OPENED";

    private static final String ADVICE = "; restore a backup";

    private final Path path;
    private final List<String> names;

    private StoreDirectory(Path path, List<String> names) {
        this.path = path;
        this.names = names;
    }

    /**
     * Makes the directory, or looks into it.
     *
     * @throws StoreException when that fails, or files are missing
     */
    static StoreDirectory prepare(Path path) {
        try {
            Files.createDirectory(path);
            return new StoreDirectory(path, List.of());
        } catch (FileAlreadyExistsException _) {
            return list(path).requireComplete();
        } catch (NoSuchFileException e) {
            throw cannotMake(
                    path,
                    hasParent(path)
                            ? "nothing can be made in its parent"
                            : "its parent does not exist",
                    e);
        } catch (IOException e) {
            throw cannotMake(path, e.toString(), e);
        }
    }

    private static StoreException cannotMake(Path path, String why, IOException cause) {
        return new StoreException(
                Problem.IO,
                "cannot make the storage directory %s: %s; set wingman.storage.directory"
                        .formatted(path, why),
                cause);
    }

    private static boolean hasParent(Path path) {
        Path parent = path.toAbsolutePath().getParent();
        return parent != null && Files.isDirectory(parent);
    }

    private static StoreDirectory list(Path path) {
        try (Stream<Path> files = Files.list(path)) {
            return new StoreDirectory(
                    path, files.map(file -> file.getFileName().toString()).toList());
        } catch (IOException e) {
            throw new StoreException(Problem.IO, "cannot list the storage directory " + path, e);
        }
    }

    private StoreDirectory requireComplete() {
        if (names.contains(MARK)) {
            throw damaged("%s is damaged, as its file %s says".formatted(path, MARK));
        }
        boolean used = hasTables() || has(name -> name.startsWith("MANIFEST-"));
        if (used && !names.contains("CURRENT")) {
            throw damaged("%s has data but its file CURRENT is missing".formatted(path));
        }
        if (wasOpened() && !has(name -> name.endsWith(".log"))) {
            throw damaged(
                    "%s has lost its write-ahead log (*.log), and with it the latest writes"
                            .formatted(path));
        }
        return this;
    }

    /**
     * To be called before RocksDB opens the store; its library must have been loaded. A family that
     * a later version adds must not be demanded of a store of this one.
     */
    void requireFamilies() throws RocksDBException {
        if (!wasOpened()) {
            return;
        }
        List<byte[]> found;
        try (Options plain = new Options()) {
            found = RocksDB.listColumnFamilies(plain, path.toString());
        }
        for (Family family : Family.values()) {
            if (found.stream().noneMatch(name -> Arrays.equals(name, family.storedName()))) {
                throw damaged(cutList());
            }
        }
    }

    /** To be called when the opened store turns out to have nothing in it. */
    void requireNew() {
        if (!hasTables()) {
            return;
        }
        StoreException damage = damaged(cutList());
        try {
            Files.writeString(path.resolve(MARK), cutList() + System.lineSeparator());
        } catch (IOException e) {
            damage.addSuppressed(e);
        }
        throw damage;
    }

    private String cutList() {
        return "the list of files in %s (MANIFEST) is cut".formatted(path);
    }

    private static StoreException damaged(String what) {
        return new StoreException(Problem.DAMAGED, what + ADVICE);
    }

    private boolean hasTables() {
        return has(name -> name.endsWith(".sst"));
    }

    /** Not so for a checkpoint, which needs no log. */
    private boolean wasOpened() {
        return names.contains(OPENED);
    }

    /** To be called once RocksDB has opened the store. */
    void setOpened() {
        if (!wasOpened()) {
            try {
                Files.createFile(path.resolve(OPENED));
            } catch (IOException e) {
                throw new StoreException(Problem.IO, "cannot write to " + path, e);
            }
        }
    }

    private boolean has(Predicate<String> name) {
        return names.stream().anyMatch(name);
    }
}
