package dev.wingman.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A program of the bench that runs beside the server and the generator, in a process of its own so
 * that each has its own heap and what it uses of the processors can be told.
 */
final class Companion implements AutoCloseable {
    private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

    private final Process process;
    private final InetSocketAddress address;

    private Companion(Process process, int port) {
        this.process = process;
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /**
     * Starts a program and waits until it listens.
     *
     * @param program whose main method calls {@link #serve}
     */
    static Companion start(Class<?> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(JAVA.toString(), "-XX:+UseSerialGC", "-Xmx256m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(program.getName());
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String port = output.readLine();
        if (port == null) {
            throw new IllegalStateException(program.getSimpleName() + " did not start");
        }
        return new Companion(process, Integer.parseInt(port));
    }

    /** For the program: tells the port and stays until the bench ends, however it ends. */
    static void serve(int port) throws IOException {
        System.out.println(port);
        while (System.in.read() >= 0) {
            // nothing is said to it
        }
    }

    InetSocketAddress address() {
        return address;
    }

    /** Processor time used so far, on all cores. */
    Duration cpu() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
