package dev.wingman.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A file system of its own, in memory, for tests that fill it. */
public final class SmallDisk implements AutoCloseable {
    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    /**
     * @param options of a tmpfs, as {@code size=24m}
     * @return null where none can be mounted
     */
    public static @Nullable SmallDisk mount(Path folder, String options) throws IOException {
        Files.createDirectory(folder);
        return run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder.toString())
                ? new SmallDisk(folder)
                : null;
    }

    /** Leaves so many bytes free; delete the file to have the space again. */
    public Path fillBut(int freeBytes) throws IOException {
        long free = Files.getFileStore(folder).getUsableSpace();
        return Files.write(folder.resolve("ballast"), new byte[(int) free - freeBytes]);
    }

    @Override
    public void close() {
        run("umount", "--lazy", folder.toString());
    }

    private static boolean run(String... command) {
        try {
            return new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
