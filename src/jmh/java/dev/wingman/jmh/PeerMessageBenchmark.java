package dev.wingman.jmh;

import dev.wingman.protocol.Bytes;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.MapType;
import dev.wingman.protocol.MessageCodec;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;
import dev.wingman.protocol.PeerMessage;
import dev.wingman.protocol.WireLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The most frequent message between nodes, the whole table, and a migration's 256 KiB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PeerMessageBenchmark {
    private static final NodeId A = new NodeId("node-a");
    private static final NodeId B = new NodeId("node-b");

    /** What the message is. */
    public enum Sample {
        HEARTBEAT(new PeerMessage.Heartbeat(A, 1_700_000_000_000L, 5, List.of(), null)),
        TABLE(table()),
        CHUNK(chunk());

        private final PeerMessage message;

        Sample(PeerMessage message) {
            this.message = message;
        }

        private static PeerMessage table() {
            List<PartitionAssignment> rows = new ArrayList<>();
            for (int i = 0; i < 271; i++) {
                rows.add(new PartitionAssignment(i, A, List.of(B)));
            }
            return new PeerMessage.PartitionTableUpdate(
                    rows, 42, List.of(), List.of(), List.of(), null);
        }

        private static PeerMessage chunk() {
            var map = new MapName("map");
            List<PeerMessage.DeltaOp> ops = new ArrayList<>();
            for (int i = 0; i < 1_700; i++) {
                ops.add(new PeerMessage.DeltaOp(map, new Key("key-" + i), Bytes.of(new byte[128])));
            }
            var state = new PeerMessage.MapStateChunk(map, Bytes.of(new byte[1_024]), MapType.LWW);
            return new PeerMessage.MigrateData(7, List.of(state), ops, 1, null);
        }
    }

    @Param public Sample sample;

    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 512 * 1024));
    private byte[] frame = {};

    @Setup
    public void encodeOnce() {
        frame = encode();
    }

    @Benchmark
    public byte[] encode() {
        return codec.encode(sample.message);
    }

    @Benchmark
    public Optional<PeerMessage> decode() {
        return codec.decodePeer(frame);
    }
}
