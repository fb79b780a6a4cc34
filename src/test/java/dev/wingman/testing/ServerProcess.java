package dev.wingman.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The packaged server, jar or native binary, as a process of its own, with a folder of its own:
 * what it writes goes to {@code data} in it, and {@code config/application.properties} in it is
 * read.
 *
 * <p>Confined to the thread of the test.
 */
public final class ServerProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern READY = Pattern.compile("ready url=(https?://[^/\\s\"]+:\\d+)");

    private final Setup setup;
    private Process process;
    private Log log;

    private ServerProcess(Setup setup) {
        this.setup = setup;
        this.process = setup.launch();
        this.log = new Log(process);
    }

    /** An open server on a free port of 127.0.0.1 unless told otherwise. */
    public static Setup in(Path folder) {
        return new Setup(folder);
    }

    /** How a server is started. */
    public static final class Setup {
        private final Path folder;
        private final List<String> options = new ArrayList<>();
        private List<String> launcher = List.of();
        private final Map<String, String> properties = new LinkedHashMap<>();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private @Nullable Path cacheToMake;

        private Setup(Path folder) {
            this.folder = folder;
            with("quarkus.profile", "local");
            with("wingman.network.port", "0");
            // A password is hashed at each first start; here it need not be hard to guess.
            with("wingman.security.argon2.memory", "64K");
            with("wingman.security.argon2.iterations", "1");
        }

        /** Sets a system property. */
        public Setup with(String key, Object value) {
            properties.put(key, value.toString());
            return this;
        }

        /** Takes a system property back. */
        public Setup without(String key) {
            properties.remove(key);
            return this;
        }

        public Setup withEnvironment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /**
         * Sets an option that the virtual machine and the native binary share, as {@code -Xmx64m}.
         */
        public Setup withOption(String option) {
            options.add(option);
            return this;
        }

        /**
         * Runs the server by way of another command, such as a tracer. It must become the server's
         * parent or child and not stay between it and us.
         */
        public Setup through(List<String> command) {
            launcher = command;
            return this;
        }

        /** Has the virtual machine write what it loaded when it ends. */
        Setup training(Path cache) {
            cacheToMake = cache;
            return this;
        }

        /** Started and ready. */
        public ServerProcess start() {
            ServerProcess server = launchOnly();
            try {
                server.awaitReady();
            } catch (AssertionError e) {
                server.close();
                throw e;
            }
            return server;
        }

        /** Started; whether it becomes ready is for the test to see. */
        public ServerProcess launchOnly() {
            return new ServerProcess(this);
        }

        private Process launch() {
            String executable = Objects.requireNonNull(System.getProperty("wingman.package"));
            boolean isJar = executable.endsWith(".jar");
            var command = new ArrayList<>(launcher);
            if (isJar) {
                command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
                // Starts in half the time; what is tested does not depend on it.
                command.add("-XX:TieredStopAtLevel=1");
                command.add(
                        cacheToMake == null
                                ? "-XX:AOTCache=" + AotCache.of(Path.of(executable))
                                : "-XX:AOTCacheOutput=" + cacheToMake);
            } else {
                command.add(executable);
            }
            command.addAll(options);
            properties.forEach((key, value) -> command.add("-D" + key + "=" + value));
            if (isJar) {
                command.addAll(List.of("-jar", executable));
            }
            var builder = new ProcessBuilder(command).directory(folder.toFile());
            builder.redirectErrorStream(true);
            builder.environment().keySet().removeIf(Setup::configuresServers);
            builder.environment().putAll(environment);
            try {
                return builder.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static boolean configuresServers(String variable) {
            return variable.startsWith("WINGMAN_")
                    || variable.startsWith("QUARKUS_")
                    || variable.equals("JAVA_TOOL_OPTIONS");
        }
    }

    /** What the process has written; read on a thread of its own. */
    private static final class Log {
        private final List<String> lines = new ArrayList<>();
        private boolean ended;

        Log(Process process) {
            Thread.ofVirtual().start(() -> read(process));
        }

        private void read(Process process) {
            try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
                in.lines().forEach(this::add);
            } catch (IOException | UncheckedIOException e) {
                add("log ended: " + e.getMessage());
            }
            end();
        }

        private synchronized void add(String line) {
            lines.add(line);
            notifyAll();
        }

        private synchronized void end() {
            ended = true;
            notifyAll();
        }

        synchronized List<String> lines() {
            return List.copyOf(lines);
        }

        synchronized Matcher await(Pattern pattern) {
            long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
            for (int next = 0; ; next++) {
                while (next == lines.size()) {
                    if (ended || !waitUntil(deadlineNanos)) {
                        throw new AssertionError(
                                "no line with '" + pattern + "' in:\n" + String.join("\n", lines));
                    }
                }
                Matcher matcher = pattern.matcher(lines.get(next));
                if (matcher.find()) {
                    return matcher;
                }
            }
        }

        synchronized void awaitEnd() {
            long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
            while (!ended && waitUntil(deadlineNanos)) {
                // whoever notifies has changed what is looked at
            }
        }

        @SuppressWarnings("WaitNotInLoop") // both callers ask in a loop
        private synchronized boolean waitUntil(long deadlineNanos) {
            long millis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
            if (millis <= 0) {
                return false;
            }
            try {
                wait(millis);
                return true;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
    }

    /** Waits for the line that says so. */
    public void awaitReady() {
        log.await(READY);
    }

    /** Waits for a line that contains the text. */
    public void awaitLine(String text) {
        log.await(Pattern.compile(Pattern.quote(text)));
    }

    /** Everything written so far, or all of it once the process has ended. */
    public List<String> log() {
        if (!process.isAlive()) {
            log.awaitEnd();
        }
        return log.lines();
    }

    /** Waits for the end of the process. */
    public int awaitExit() {
        return awaitExit(PATIENCE);
    }

    public int awaitExit(Duration patience) {
        try {
            if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("still runs:\n" + String.join("\n", log.lines()));
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The base of its URLs, as the ready line names it. */
    public URI url() {
        return URI.create(log.await(READY).group(1));
    }

    public URI url(String path) {
        return url().resolve(path);
    }

    public URI webSocketUrl(String path) {
        return URI.create(url(path).toString().replaceFirst("^http", "ws"));
    }

    public int port() {
        return url().getPort();
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** Memory of the process (KiB), shared libraries included. */
    public long residentKib() {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))
                    .stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As {@code kill -9}: nothing of the server runs any more. */
    public void kill() {
        process.toHandle().destroyForcibly();
        awaitExit();
    }

    /** SIGTERM. Through the handle, because {@code Process.destroy} also closes the log. */
    public void terminate() {
        process.toHandle().destroy();
    }

    /** SIGINT, as Ctrl-C sends it. */
    public void interrupt() {
        try {
            new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts it again in the same folder, on another port and with an empty log. */
    public void restart() {
        kill();
        process = setup.launch();
        log = new Log(process);
        awaitReady();
    }

    @Override
    public void close() {
        kill();
    }
}
