package dev.wingman.storage;

import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The folder that the server was started from, where the build puts the libraries that are not
 * Java. A library that is not there is unpacked at the start, which takes longer.
 */
public final class LibraryFolder {
    private LibraryFolder() {}

    /**
     * Where to find a library.
     *
     * @param file its name, such as {@code libsqlitejdbc.so}
     * @return the folder that has it; null when it is to be unpacked
     */
    public static @Nullable Path having(String file) {
        Path folder = startedFile().getParent();
        return folder != null && Files.isRegularFile(folder.resolve(file)) ? folder : null;
    }

    /** The jar of {@code java -jar}, or the binary. */
    private static Path startedFile() {
        boolean binary = System.getProperty("org.graalvm.nativeimage.imagecode") != null;
        return Path.of(
                        binary
                                ? ProcessHandle.current().info().command().orElse("")
                                : System.getProperty("java.class.path", ""))
                .toAbsolutePath();
    }
}
