package dev.wingman.jmh;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.ClientMessage;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Decoded;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.MessageCodec;
import dev.wingman.protocol.ServerMessage;
import dev.wingman.protocol.Value;
import dev.wingman.protocol.WireLimits;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

/** What a write is to the codec: a batch in, its acknowledgement and its event out. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ClientMessageBenchmark {
    @Param({"1", "10", "100"})
    public int ops;

    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 512 * 1024));
    private final Value value = Value.of(new Datum.Text("v".repeat(100)));
    private final Timestamp timestamp = new Timestamp(1_700_000_000_000L, 7, "phone");
    private final ServerMessage event =
            new ServerMessage.MapEvent(
                    new MapName("todos"), new Key("key-1"), new LwwRecord<>(value, timestamp, 0));
    private final ServerMessage acknowledgement =
            new ServerMessage.OpAck("1234", ServerMessage.AckLevel.PERSISTED, List.of());
    private byte[] batch = {};

    @Setup
    public void encodeOnce() {
        List<Datum> all = new ArrayList<>();
        for (int i = 0; i < ops; i++) {
            all.add(op(i));
        }
        batch =
                Value.of(
                                fields(
                                        "type",
                                        new Datum.Text("OP_BATCH"),
                                        "payload",
                                        fields("ops", new Datum.Sequence(all))))
                        .encoded();
        if (!(decodeBatch() instanceof Decoded.Message(ClientMessage.OpBatch _))) {
            throw new IllegalStateException("not taken for a batch");
        }
    }

    private static Datum op(int number) {
        Datum time =
                fields(
                        "millis", new Datum.Whole(1_700_000_000_000L),
                        "counter", new Datum.Whole(7),
                        "nodeId", new Datum.Text("phone"));
        return fields(
                "id", new Datum.Text("" + number),
                "mapName", new Datum.Text("todos"),
                "key", new Datum.Text("key-" + number),
                "opType", new Datum.Text("PUT"),
                "record", fields("value", new Datum.Text("v".repeat(100)), "timestamp", time));
    }

    /** Names and values by turns. */
    private static Datum fields(Object... parts) {
        Map<String, Datum> fields = new LinkedHashMap<>();
        for (int i = 0; i < parts.length; i += 2) {
            fields.put((String) parts[i], (Datum) parts[i + 1]);
        }
        return new Datum.Dictionary(fields);
    }

    @Benchmark
    public Decoded decodeBatch() {
        return codec.decode(batch);
    }

    @Benchmark
    public byte[] encodeEvent() {
        return codec.encode(event);
    }

    @Benchmark
    public byte[] encodeAcknowledgement() {
        return codec.encode(acknowledgement);
    }
}
