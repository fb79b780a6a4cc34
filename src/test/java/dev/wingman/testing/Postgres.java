package dev.wingman.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server of the test's own: from the Debian package, which is installed when it is
 * absent and we may, as an unprivileged user, on a free port, in a temporary folder.
 *
 * <p>Confined to the thread of the test.
 */
public final class Postgres implements AutoCloseable {
    private static final Path PACKAGE = Path.of("/usr/lib/postgresql");
    private static final int PATIENCE_SECONDS = 60;

    private static @Nullable String whyNot;

    private final Path bin;
    private final Path folder;
    private final int port;
    private @Nullable Process process;

    private Postgres(Path bin) throws IOException {
        this.bin = bin;
        this.folder = Files.createTempDirectory(Path.of("/tmp"), "wingman-postgres");
        this.port = freePort();
    }

    /** Started; empty where there is none, and {@link #whyNot} says why. */
    public static Optional<Postgres> start() {
        try {
            Optional<Path> bin = programs();
            if (bin.isEmpty() && isRoot()) {
                run(List.of("apt-get", "update", "-qq"));
                run(List.of("apt-get", "install", "-qqy", "--no-install-recommends", "postgresql"));
                bin = programs();
            }
            if (bin.isEmpty()) {
                whyNot =
                        "PostgreSQL tests are skipped: there is no PostgreSQL in "
                                + PACKAGE
                                + (isRoot()
                                        ? " and it could not be installed"
                                        : ", and only root can install it (apt-get install"
                                                + " postgresql)");
                return Optional.empty();
            }
            var server = new Postgres(bin.get());
            server.initialise();
            server.resume();
            return Optional.of(server);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** For the message of an assumption. */
    public static String whyNot() {
        return String.valueOf(whyNot);
    }

    private static Optional<Path> programs() throws IOException {
        if (!Files.isDirectory(PACKAGE)) {
            return Optional.empty();
        }
        try (Stream<Path> versions = Files.list(PACKAGE)) {
            return versions.map(version -> version.resolve("bin"))
                    .filter(folder -> Files.isExecutable(folder.resolve("initdb")))
                    .max(Comparator.naturalOrder());
        }
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** PostgreSQL does not run as root. */
    private static List<String> unprivileged(String... command) {
        var whole = new ArrayList<String>();
        if (isRoot()) {
            whole.addAll(List.of("setpriv", "--reuid=nobody", "--clear-groups"));
        }
        whole.addAll(List.of(command));
        return whole;
    }

    private void initialise() throws IOException {
        if (isRoot()) {
            run(List.of("chown", "nobody", folder.toString()));
        }
        run(
                unprivileged(
                        bin.resolve("initdb").toString(),
                        "--pgdata=" + data(),
                        "--username=wingman",
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--locale=C",
                        "--no-sync"));
    }

    private String data() {
        return folder.resolve("data").toString();
    }

    /** Starts it, at first and after {@link #stop}. */
    public void resume() {
        try {
            process =
                    new ProcessBuilder(
                                    unprivileged(
                                            bin.resolve("postgres").toString(),
                                            "-D",
                                            data(),
                                            "-p",
                                            String.valueOf(port),
                                            "-k",
                                            folder.toString(),
                                            "-c",
                                            "listen_addresses=127.0.0.1",
                                            "-c",
                                            "fsync=off"))
                            .redirectErrorStream(true)
                            .redirectOutput(folder.resolve("log").toFile())
                            .directory(folder.toFile())
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitReady();
    }

    private void awaitReady() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (System.nanoTime() < deadline) {
            try (var _ = DriverManager.getConnection(url(), "wingman", "")) {
                return;
            } catch (SQLException starting) {
                Thread.onSpinWait();
            }
        }
        throw new AssertionError("PostgreSQL does not start; see " + folder.resolve("log"));
    }

    /** As an operator stops it: connections are cut, nothing is lost. */
    public void stop() {
        Process present = process;
        if (present == null) {
            return;
        }
        run(List.of("kill", "-INT", String.valueOf(present.pid())));
        try {
            if (!present.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("PostgreSQL does not stop");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process = null;
    }

    public String url() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    private static void run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
        run(List.of("rm", "-rf", folder.toString()));
    }
}
