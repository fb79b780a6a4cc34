package dev.wingman.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The files of a RocksDB directory, to be copied as a crash would leave them, and to be damaged.
 */
final class StoreFiles {
    private StoreFiles() {}

    static List<Path> withSuffix(Path directory, String suffix) {
        return list(directory).stream().filter(f -> f.toString().endsWith(suffix)).toList();
    }

    static Path newestLog(Path directory) {
        return withSuffix(directory, ".log").getLast();
    }

    static Path largest(List<Path> files) {
        return files.stream().max(Comparator.comparingLong(StoreFiles::size)).orElseThrow();
    }

    private static List<Path> list(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What the operating system has of a store that is still open. */
    static Path copy(Path directory, Path target) {
        try {
            Files.createDirectory(target);
            for (Path file : list(directory)) {
                copyUnlessGone(file, target.resolve(file.getFileName()));
            }
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** RocksDB deletes files that it needs no more while we look. */
    private static void copyUnlessGone(Path file, Path target) throws IOException {
        try {
            Files.copy(file, target);
        } catch (NoSuchFileException _) {
            Files.deleteIfExists(target);
        }
    }

    static void truncate(Path file, long bytes) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Turns over every bit of eight bytes. */
    static void damage(Path file, long position) {
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
            channel.read(bytes, position);
            bytes.putLong(0, ~bytes.getLong(0));
            channel.write(bytes.clear(), position);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
