package dev.wingman.jmh;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.Query.PredicateNode;
import dev.wingman.protocol.Value;
import dev.wingman.query.Compiled;
import dev.wingman.query.CompiledQuery;
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

/** What each change costs each live query of its map: reading the record, and the condition. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PredicateBenchmark {
    /** What the query asks. */
    public enum Condition {
        EQUAL(new PredicateNode("eq", "status", new Datum.Text("open"), List.of())),
        RANGE_AND_EQUAL(
                new PredicateNode(
                        "and",
                        null,
                        null,
                        List.of(
                                new PredicateNode("gte", "priority", new Datum.Whole(3), List.of()),
                                EQUAL.node))),
        REGULAR_EXPRESSION(
                new PredicateNode("regex", "title", new Datum.Text("mil+.*now"), List.of()));

        private final PredicateNode node;

        Condition(PredicateNode node) {
            this.node = node;
        }
    }

    @Param public Condition condition;

    private final Datum record =
            new Datum.Dictionary(
                    Map.of(
                            "title", new Datum.Text("buy milk and bread, and do it now"),
                            "status", new Datum.Text("open"),
                            "priority", new Datum.Whole(4)));
    private final Value value = Value.of(record);
    private CompiledQuery query = compiled(Query.EVERYTHING);

    @Setup
    public void compile() {
        query =
                compiled(
                        new Query(
                                condition.node,
                                Map.of(),
                                List.of(),
                                null,
                                null,
                                List.of(),
                                List.of(),
                                false));
        if (!query.predicate().matches(record)) {
            throw new IllegalStateException("the record should match");
        }
    }

    private static CompiledQuery compiled(Query query) {
        return switch (CompiledQuery.compile(query, 10_000, Long.MAX_VALUE)) {
            case Compiled.Ok(var compiled) -> compiled;
            case Compiled.Unsupported(var code, var reason) ->
                    throw new IllegalStateException(code + ": " + reason);
        };
    }

    @Benchmark
    public boolean matchesWhatIsRead() {
        return query.predicate().matches(record);
    }

    @Benchmark
    public boolean readsAndMatches() {
        return query.predicate().matches(Datum.of(value));
    }
}
