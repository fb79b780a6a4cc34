package dev.wingman.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where servers are started from, each with an empty store. Not thread-safe. */
final class Workplace {
    /** More than a run makes: every exchange is recorded. */
    private static final int MAX_INTERACTIONS = 10_000_000;

    private final Path executable;
    private final Path directory;
    private final List<String> jvmFlags;
    private int started;

    Workplace(Path executable, Path directory, List<String> jvmFlags) {
        this.executable = executable;
        this.directory = directory;
        this.jvmFlags = jvmFlags;
    }

    Path directory() {
        return directory;
    }

    /** Whether the servers are started with a flag that begins like this. */
    boolean hasFlag(String start) {
        return jvmFlags.stream().anyMatch(flag -> flag.startsWith(start));
    }

    /** A server on loopback that lets everybody in. */
    ServerProcess openServer() throws IOException, InterruptedException {
        return start("-Dquarkus.profile=local");
    }

    /** A server on loopback whose recorder listens on the port, for a target on loopback. */
    ServerProcess recorder(String mode, int port, int targetPort)
            throws IOException, InterruptedException {
        String endpoint = "-Dwingman.recorder.endpoints.bench.";
        return start(
                "-Dquarkus.profile=local",
                "-Dwingman.recorder.mode=" + mode,
                "-Dwingman.recorder.directory=" + directory.resolve("recordings"),
                "-Dwingman.recorder.max-interactions=" + MAX_INTERACTIONS,
                endpoint + "source-port=" + port,
                endpoint + "target-host=127.0.0.1",
                endpoint + "target-port=" + targetPort,
                endpoint + "target-type=http");
    }

    /** A server as in production: clients show a token. */
    ServerProcess guardedServer() throws IOException, InterruptedException {
        return start(
                "-Dwingman.network.host=127.0.0.1",
                "-Dwingman.security.jwt.secret=" + Token.SECRET);
    }

    /** A server that is told everything. */
    ServerProcess server(String... options) throws IOException, InterruptedException {
        return start(options);
    }

    private ServerProcess start(String... options) throws IOException, InterruptedException {
        started++;
        List<String> flags = new ArrayList<>(jvmFlags);
        flags.addAll(List.of(options));
        flags.add("-Dwingman.lifecycle.drain-delay=0s");
        flags.add("-Dwingman.lifecycle.drain-timeout=5s");
        flags.add("-Dwingman.lifecycle.close-rate=100000");
        return ServerProcess.start(executable, directory.resolve("server-" + started), flags);
    }
}
