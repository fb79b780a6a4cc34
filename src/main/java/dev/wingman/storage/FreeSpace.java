package dev.wingman.storage;

import dev.wingman.storage.StoreException.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Refuses writes before the disk is full, while there is still room to compact and to recover.
 *
 * <p>Confined to the committer.
 */
final class FreeSpace {
    private static final long CHECK_NANOS = Duration.ofMillis(100).toNanos();

    private final LongSupplier freeBytes;
    private final long minFreeBytes;
    private final LongSupplier nanoClock;
    private boolean enough;
    private long checkedAtNanos;

    FreeSpace(LongSupplier freeBytes, long minFreeBytes, LongSupplier nanoClock) {
        this.freeBytes = freeBytes;
        this.minFreeBytes = minFreeBytes;
        this.nanoClock = nanoClock;
    }

    /** Free space where {@code directory} is. */
    static LongSupplier of(Path directory) {
        return () -> {
            try {
                return Files.getFileStore(directory).getUsableSpace();
            } catch (IOException _) {
                // The write that follows meets the same trouble and knows better what it is.
                return Long.MAX_VALUE;
            }
        };
    }

    /** Looks at the disk at most ten times a second while there is enough. */
    void require() {
        long now = nanoClock.getAsLong();
        if (enough && now - checkedAtNanos < CHECK_NANOS) {
            return;
        }
        long free = freeBytes.getAsLong();
        checkedAtNanos = now;
        enough = free >= minFreeBytes;
        if (!enough) {
            throw new StoreException(
                    Problem.DISK_FULL,
                    "the disk has %d MiB free and %d are wanted; free some space"
                            .formatted(free >> 20, minFreeBytes >> 20));
        }
    }
}
