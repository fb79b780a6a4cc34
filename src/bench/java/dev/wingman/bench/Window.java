package dev.wingman.bench;

import java.time.Duration;

/** A stretch of time, and the processor time that the server used in it. */
final class Window {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double NANOS_PER_MICRO = 1e3;

    private final ServerProcess server;
    private final long beganNanos = System.nanoTime();
    private final Duration cpuBefore;
    private long nanos;
    private long cpuNanos;

    private Window(ServerProcess server) {
        this.server = server;
        this.cpuBefore = server.cpu();
    }

    static Window open(ServerProcess server) {
        return new Window(server);
    }

    Window close() {
        nanos = System.nanoTime() - beganNanos;
        cpuNanos = server.cpu().minus(cpuBefore).toNanos();
        return this;
    }

    double perSecond(long count) {
        return count * NANOS_PER_SECOND / nanos;
    }

    /** As if the server had one core for itself. */
    double perCpuSecond(long count) {
        return count * NANOS_PER_SECOND / cpuNanos;
    }

    double cpuMicrosEach(long count) {
        return cpuNanos / NANOS_PER_MICRO / count;
    }

    /** Cores that the server kept busy. */
    double cores() {
        return (double) cpuNanos / nanos;
    }
}
