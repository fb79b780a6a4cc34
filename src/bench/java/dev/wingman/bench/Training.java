package dev.wingman.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Makes the AOT cache of an image: the Java runtime of the image, which is the one that runs this,
 * starts the server, remembers what it did under load, and writes that down when it ends.
 *
 * <p>Arguments: the packaged server, and the file for the cache.
 */
final class Training {
    private static final Duration EACH = Duration.ofSeconds(4);
    private static final int CONNECTIONS = 32;

    private Training() {}

    public static void main(String... args) throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(Path.of("target"), "training-");
        Path cache = Path.of(args[1]).toAbsolutePath();
        List<String> flags =
                List.of(
                        "-XX:AOTCacheOutput=" + cache,
                        "-Djava.library.path=" + Path.of("target").toAbsolutePath(),
                        "-Dquarkus.profile=local",
                        "-Dwingman.lifecycle.drain-delay=0s");
        Path jar = Path.of(args[0]).toAbsolutePath();
        try (ServerProcess server = ServerProcess.start(jar, directory.resolve("server"), flags)) {
            for (int opsPerMessage : new int[] {1, 10}) {
                try (var load = new WriteLoad(server.address(), CONNECTIONS, opsPerMessage)) {
                    load.keepUnderWay(4, EACH);
                }
            }
        }
        if (!Files.exists(cache)) {
            throw new IllegalStateException("no cache was made: see " + directory);
        }
        Disk.delete(directory);
    }
}
