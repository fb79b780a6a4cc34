package dev.wingman.jmh;

import dev.wingman.connection.ConnectionConfig;
import dev.wingman.connection.ConnectionHandle;
import dev.wingman.connection.ConnectionKind;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.connection.FrameSink;
import dev.wingman.lifecycle.HealthState;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.EntryKey;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * A frame's way through the queue of one connection, with as many as a busy loop drains at once.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OutboundQueueBenchmark {
    private static final int FRAMES = 64;

    private final ConnectionHandle connection =
            new ConnectionRegistry(
                            ConnectionConfig.DEFAULTS,
                            () -> HealthState.READY,
                            InstantSource.system(),
                            System::nanoTime)
                    .register(ConnectionKind.CLIENT, () -> {});
    private final byte[] frame = new byte[150];
    private final EntryKey[] keys = keys();

    private static EntryKey[] keys() {
        var keys = new EntryKey[FRAMES];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = new EntryKey(new MapName("todos"), new Key("key-" + i));
        }
        return keys;
    }

    /** A socket that takes everything. */
    private record Sink(Blackhole blackhole) implements FrameSink {
        @Override
        public boolean isWritable() {
            return true;
        }

        @Override
        public void write(byte[] frame) {
            blackhole.consume(frame);
        }

        @Override
        public void close(CloseCode code, @Nullable String reason) {
            throw new IllegalStateException("closed: " + reason);
        }
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public void replies(Blackhole blackhole) {
        for (int i = 0; i < FRAMES; i++) {
            connection.reply(frame);
        }
        connection.drain(new Sink(blackhole));
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public void events(Blackhole blackhole) {
        for (EntryKey key : keys) {
            connection.event(key, frame);
        }
        connection.drain(new Sink(blackhole));
    }

    /** Each takes the place of the one before. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public void eventsOfOneEntry(Blackhole blackhole) {
        for (int i = 0; i < FRAMES; i++) {
            connection.event(keys[0], frame);
        }
        connection.drain(new Sink(blackhole));
    }
}
