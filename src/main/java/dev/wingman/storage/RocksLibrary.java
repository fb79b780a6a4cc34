package dev.wingman.storage;

import dev.wingman.storage.StoreException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * Loads the library that RocksDB is written in.
 *
 * <p>Where it does not lie beside the server, RocksDB unpacks it from its JAR and deletes it when
 * the process exits, which a killed process does not. A file need not outlive its loading, so it is
 * deleted at once; and it lies in the storage directory because that can be written to, which a
 * container has perhaps nothing else of.
 */
final class RocksLibrary {
    private static boolean loaded;

    private RocksLibrary() {}

    /**
     * Does nothing from the second call on.
     *
     * @param directory that exists and is not mounted {@code noexec}
     */
    static synchronized void load(Path directory) {
        if (loaded) {
            return;
        }
        Path beside = LibraryFolder.having(Environment.getJniLibraryFileName("rocksdbjni"));
        try {
            if (beside != null) {
                RocksDB.loadLibrary(List.of(beside.toString()));
            } else {
                unpack(directory);
            }
        } catch (IOException | UnsatisfiedLinkError e) {
            throw new StoreException(
                    Problem.IO,
                    "cannot load the library of RocksDB by way of %s: %s"
                            .formatted(directory, e.getMessage()),
                    e);
        }
        loaded = true;
    }

    private static void unpack(Path directory) throws IOException {
        Path folder = Files.createTempDirectory(directory, "library");
        try {
            NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
            RocksDB.loadLibrary();
        } finally {
            Files.deleteIfExists(folder.resolve(Environment.getJniLibraryFileName("rocksdb")));
            Files.delete(folder);
        }
    }
}
