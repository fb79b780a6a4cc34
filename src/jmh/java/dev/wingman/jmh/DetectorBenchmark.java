package dev.wingman.jmh;

import dev.wingman.cluster.membership.OwnStalls;
import dev.wingman.cluster.membership.PhiAccrualConfig;
import dev.wingman.cluster.membership.PhiAccrualFailureDetector;
import dev.wingman.protocol.NodeId;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A heartbeat of a node with a full history, and the question how suspicious it is. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DetectorBenchmark {
    private final NodeId peer = new NodeId("peer");
    private final PhiAccrualFailureDetector detector =
            new PhiAccrualFailureDetector(PhiAccrualConfig.DEFAULTS, new OwnStalls());
    private long nowMillis;
    private long askedMillis;

    @Setup
    public void fill() {
        for (int i = 0; i < 300; i++) {
            heartbeat();
        }
    }

    @Benchmark
    public void heartbeat() {
        nowMillis += 1_000 + (nowMillis & 7);
        detector.heartbeat(peer, nowMillis);
    }

    /** At a silence of up to 4 s. */
    @Benchmark
    public double phi() {
        askedMillis = (askedMillis + 37) & 4_095;
        return detector.suspicionLevel(peer, nowMillis + askedMillis);
    }
}
