package dev.wingman.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;

/** The disk under the store, by itself: what no durable write can beat. */
final class Disk {
    private static final int APPENDED_BYTES = 4 << 10;

    private Disk() {}

    /** How long fdatasync takes after an append, as a write-ahead log does it. */
    static Latency fdatasync(Path directory, Duration time) throws IOException {
        var latency = new Latency();
        Path file = directory.resolve("fdatasync");
        try (var channel =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var block = ByteBuffer.allocateDirect(APPENDED_BYTES);
            long end = System.nanoTime() + time.toNanos();
            while (System.nanoTime() < end) {
                channel.write(block.clear());
                long began = System.nanoTime();
                channel.force(false);
                latency.record(System.nanoTime() - began);
            }
        } finally {
            Files.deleteIfExists(file);
        }
        return latency;
    }

    /** A folder and all that is in it. */
    static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
