package dev.wingman.sync;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Value;
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

/**
 * What a write costs the sums of its map, and a client that catches up their tree. In the package
 * of the sums, which are nobody else's.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SumsBenchmark {
    private static final MapName MAP = new MapName("todos");
    private static final int KEYS = 64;

    @Param({"100", "100000"})
    public int entries;

    private final MapSums sums = new MapSums();
    private final Key[] keys = new Key[KEYS];
    private final LwwRecord<Value> before = record(1);
    private final LwwRecord<Value> after = record(2);
    private int turn;

    private static LwwRecord<Value> record(int counter) {
        return new LwwRecord<>(
                Value.of(new Datum.Text("v")),
                new Timestamp(1_700_000_000_000L, counter, "phone"),
                0);
    }

    @Setup
    public void fill() {
        for (int i = 0; i < entries; i++) {
            var key = new Key("entry-" + i);
            sums.add(MAP, key.partition(), LeafDelta.of(key.value(), null, before));
        }
        for (int i = 0; i < KEYS; i++) {
            keys[i] = new Key("entry-" + i);
        }
    }

    /** There and back, so that it can go on for ever. */
    @Benchmark
    public void overwrite() {
        boolean back = (turn & KEYS) != 0;
        Key key = keys[turn++ & (KEYS - 1)];
        LeafDelta delta =
                back
                        ? LeafDelta.of(key.value(), after, before)
                        : LeafDelta.of(key.value(), before, after);
        sums.add(MAP, key.partition(), delta);
    }

    @Benchmark
    public int rootOfTheTree() {
        return MerkleTrie.root(sums.total(MAP));
    }

    @Benchmark
    public int[] childrenOfTheRoot() {
        return MerkleTrie.children(sums.total(MAP), "");
    }
}
