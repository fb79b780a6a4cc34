package dev.wingman.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;

/**
 * The classes of the packaged server as one start and stop left them (JEP 514). A server that
 * starts with them takes two thirds of the time, and tests start a hundred.
 */
final class AotCache {
    private AotCache() {}

    /** Beside the jar; made when it is absent or older than the jar. */
    static synchronized Path of(Path jar) {
        Path cache = jar.resolveSibling("process-tests.aot");
        Path lock = cache.resolveSibling("process-tests.lock");
        // Classes of tests run in several virtual machines.
        try (FileChannel channel =
                        FileChannel.open(
                                lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock _ = channel.lock()) {
            if (!Files.exists(cache) || modified(cache).compareTo(modified(jar)) < 0) {
                Files.deleteIfExists(cache);
                train(cache);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return cache;
    }

    private static FileTime modified(Path file) throws IOException {
        return Files.getLastModifiedTime(file);
    }

    private static void train(Path cache) throws IOException {
        Path folder = cache.resolveSibling("aot-training");
        Files.createDirectories(folder);
        try (var server = ServerProcess.in(folder).training(cache).start()) {
            server.terminate();
            // Writing the cache takes longer than any stop, most of all on a machine at work.
            int exitCode = server.awaitExit(Duration.ofMinutes(3));
            if (exitCode != 0 || !Files.exists(cache)) {
                throw new AssertionError("no cache:\n" + String.join("\n", server.log()));
            }
        }
    }
}
