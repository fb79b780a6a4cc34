package dev.wingman.bench;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * A stretch of time, and who used the processors in it: figures of a machine that is busy with
 * something else say so.
 */
final class Window {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final OperatingSystemMXBean GENERATOR =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final Supplier<Duration> server;
    private final long beganNanos = System.nanoTime();
    private final long generatorBefore = GENERATOR.getProcessCpuTime();
    private final Duration serverBefore;
    private final Duration machineBefore;
    private long nanos;
    private long generatorNanos;
    private long serverNanos;
    private long machineNanos;

    private Window(Supplier<Duration> server) throws IOException {
        this.server = server;
        this.serverBefore = server.get();
        this.machineBefore = Machine.busy();
    }

    static Window open(ServerProcess server) throws IOException {
        return open(server::cpu);
    }

    /**
     * @param cpu processor time that the server has used, on all cores
     */
    static Window open(Supplier<Duration> cpu) throws IOException {
        return new Window(cpu);
    }

    Window close() throws IOException {
        nanos = System.nanoTime() - beganNanos;
        generatorNanos = GENERATOR.getProcessCpuTime() - generatorBefore;
        serverNanos = server.get().minus(serverBefore).toNanos();
        machineNanos = Machine.busy().minus(machineBefore).toNanos();
        return this;
    }

    double perSecond(long count) {
        return count * NANOS_PER_SECOND / nanos;
    }

    /** As if the server had one core for itself. */
    double perServerCore(long count) {
        return count * NANOS_PER_SECOND / serverNanos;
    }

    double serverMicrosEach(long count) {
        return serverNanos / NANOS_PER_MICRO / count;
    }

    /** Cores kept busy; the kernel's work for nobody in particular is among the rest. */
    String cores() {
        return String.format(
                Locale.ROOT,
                "cores: server %.2f, generator %.2f, rest %.2f",
                cores(serverNanos),
                cores(generatorNanos),
                Math.max(0, cores(machineNanos - serverNanos - generatorNanos)));
    }

    private double cores(long busyNanos) {
        return (double) busyNanos / nanos;
    }
}
