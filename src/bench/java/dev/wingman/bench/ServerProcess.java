package dev.wingman.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The packaged server, jar or native binary, in a process of its own, as users run it. */
final class ServerProcess implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("ready url=http://[^:]+:(\\d+)");
    private static final Pattern RSS = Pattern.compile("Rss:\\s+(\\d+) kB");
    private static final Pattern HEAP_USED =
            Pattern.compile("(?m)^ *(?!Metaspace|class).* used (\\d+)K");
    private static final Pattern THREADS = Pattern.compile("Threads:\\s+(\\d+)");
    private static final String ALLOCATED = "jvm_gc_memory_allocated_bytes_total";
    private static final int ALLOCATION_TRIES = 20;
    private static final Duration ALLOCATION_PAUSE = Duration.ofMillis(100);
    private static final Duration START_TIMEOUT = Duration.ofSeconds(30);

    /** A server that trains writes its AOT cache before it ends. */
    private static final Duration STOP_TIMEOUT = Duration.ofSeconds(60);

    private static final Path JDK = Path.of(System.getProperty("java.home"), "bin");

    /** An AOT cache is read by the Java runtime alone that made it. */
    private static final Path JAVA =
            Path.of(System.getProperty("server.jdk", System.getProperty("java.home")), "bin/java");

    /** The heap shrinks with the second collection; the last returns what the compilers used. */
    private static final List<String> SETTLING =
            List.of("GC.run", "GC.run", "System.trim_native_heap");

    private final Process process;
    private final boolean isNative;
    private final Path log;
    private final long startedNanos;
    private final CompletableFuture<Integer> port = new CompletableFuture<>();
    private volatile long readyNanos;

    private ServerProcess(Process process, boolean isNative, Path log, long startedNanos) {
        this.process = process;
        this.isNative = isNative;
        this.log = log;
        this.startedNanos = startedNanos;
    }

    /**
     * Starts a server and waits until it is ready.
     *
     * @param executable a jar or the native binary
     * @param directory where it keeps its data and its log; must not exist yet
     * @param flags of the Java virtual machine; of the binary those that it knows
     */
    static ServerProcess start(Path executable, Path directory, List<String> flags)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        boolean isNative = !executable.toString().endsWith(".jar");
        List<String> command = new ArrayList<>();
        command.add((isNative ? executable : JAVA).toString());
        // First, since of two that say the same the last counts.
        command.add("-Dwingman.network.port=0");
        command.add("-Dwingman.storage.directory=" + directory.resolve("data"));
        command.addAll(flags);
        if (!isNative) {
            command.addAll(List.of("-jar", executable.toString()));
        }
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        var server = new ServerProcess(process, isNative, directory.resolve("server.log"), began);
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
        Thread.ofVirtual().start(server::followOutput);
        if (!server.isReadyWithin(START_TIMEOUT)) {
            server.close();
            throw new IllegalStateException("the server did not get ready: see " + server.log);
        }
        return server;
    }

    private void followOutput() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
                var kept = Files.newBufferedWriter(log)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                kept.append(line).append('\n').flush();
                Matcher ready = READY.matcher(line);
                if (ready.find()) {
                    readyNanos = System.nanoTime();
                    port.complete(Integer.parseInt(ready.group(1)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            port.complete(-1);
        }
    }

    private boolean isReadyWithin(Duration timeout) {
        return port.completeOnTimeout(-1, timeout.toMillis(), TimeUnit.MILLISECONDS).join() > 0;
    }

    InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), port.join());
    }

    /** From the start of the process to the log line that says that it serves. */
    Duration timeToReady() {
        return Duration.ofNanos(readyNanos - startedNanos);
    }

    /** Resident memory now. */
    long rssKib() throws IOException {
        Path rollup = Path.of("/proc", String.valueOf(process.pid()), "smaps_rollup");
        return sumKib(RSS, Files.readString(rollup));
    }

    boolean isNative() {
        return isNative;
    }

    /** Lets go of garbage, which would be taken for need. A binary cannot be told to. */
    void settle() throws IOException {
        if (isNative) {
            return;
        }
        for (String command : SETTLING) {
            var _ = jcmd(command);
        }
    }

    /** What is in the Java heap, garbage included; zero for a binary, which does not say. */
    long heapKib() throws IOException {
        return isNative ? 0 : sumKib(HEAP_USED, jcmd("GC.heap_info"));
    }

    /**
     * Bytes that the server has ever asked for in its heap, to be read while it rests; empty where
     * it does not count them, as a binary does not.
     */
    OptionalDouble allocatedBytes() throws IOException, InterruptedException {
        double before = allocatedSoFar();
        if (Double.isNaN(before)) {
            return OptionalDouble.empty();
        }
        var _ = jcmd("GC.run"); // what was asked for is counted when it is collected
        double now = allocatedSoFar();
        for (int tries = 0; now == before && tries < ALLOCATION_TRIES; tries++) {
            Thread.sleep(ALLOCATION_PAUSE);
            now = allocatedSoFar();
        }
        return OptionalDouble.of(now);
    }

    private double allocatedSoFar() throws IOException {
        Figures figures = Figures.of(address());
        return !isNative && figures.has(ALLOCATED) ? figures.sum(ALLOCATED, "") : Double.NaN;
    }

    int threads() throws IOException {
        String status = Files.readString(Path.of("/proc", String.valueOf(process.pid()), "status"));
        Matcher threads = THREADS.matcher(status);
        return threads.find() ? Integer.parseInt(threads.group(1)) : 0;
    }

    /** Files, sockets and the like that it has open. */
    int openFiles() throws IOException {
        try (Stream<Path> files =
                Files.list(Path.of("/proc", String.valueOf(process.pid()), "fd"))) {
            return (int) files.count();
        }
    }

    private static long sumKib(Pattern pattern, String text) {
        return pattern.matcher(text).results().mapToLong(m -> Long.parseLong(m.group(1))).sum();
    }

    private String jcmd(String command) throws IOException {
        String pid = String.valueOf(process.pid());
        Process jcmd =
                new ProcessBuilder(JDK.resolve("jcmd").toString(), pid, command)
                        .redirectErrorStream(true)
                        .start();
        try (BufferedReader output = jcmd.inputReader(StandardCharsets.UTF_8)) {
            return output.readAllAsString();
        }
    }

    /** Processor time used so far, on all cores. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        // Not Process.destroy, which closes the output before the server has said its last.
        var _ = process.toHandle().destroy();
        process.onExit()
                .completeOnTimeout(process, STOP_TIMEOUT.toSeconds(), TimeUnit.SECONDS)
                .join();
        process.destroyForcibly().onExit().join();
    }
}
