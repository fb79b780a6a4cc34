package dev.wingman.query;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.Query.PredicateNode;
import dev.wingman.protocol.Query.SortField;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Short forms for the data of these tests. */
final class Data {
    private Data() {}

    static Datum text(String value) {
        return new Datum.Text(value);
    }

    static Datum whole(long value) {
        return new Datum.Whole(value);
    }

    static Datum real(double value) {
        return new Datum.Real(value);
    }

    static Datum array(Datum... items) {
        return new Datum.Sequence(List.of(items));
    }

    static Datum record(String field, Datum value) {
        return new Datum.Dictionary(Map.of(field, value));
    }

    static Datum record(String first, Datum firstValue, String second, Datum secondValue) {
        Map<String, Datum> fields = new LinkedHashMap<>();
        fields.put(first, firstValue);
        fields.put(second, secondValue);
        return new Datum.Dictionary(fields);
    }

    static PredicateNode node(String op, @Nullable String attribute, @Nullable Datum value) {
        return new PredicateNode(op, attribute, value, List.of());
    }

    static PredicateNode node(String op, PredicateNode... children) {
        return new PredicateNode(op, null, null, List.of(children));
    }

    static Query filter(PredicateNode predicate) {
        return new Query(predicate, Map.of(), List.of(), null, null, List.of(), List.of(), false);
    }

    static Query where(Map<String, Datum> where) {
        return new Query(null, where, List.of(), null, null, List.of(), List.of(), false);
    }

    static Query sorted(@Nullable Long limit, SortField... sort) {
        return new Query(null, Map.of(), List.of(sort), limit, null, List.of(), List.of(), false);
    }

    static CompiledQuery compiled(Query query) {
        return compiled(query, Long.MAX_VALUE);
    }

    static CompiledQuery compiled(Query query, long maxBytes) {
        return switch (CompiledQuery.compile(query, 10_000, maxBytes)) {
            case Compiled.Ok(var compiled) -> compiled;
            case Compiled.Unsupported(var code, var reason) ->
                    throw new AssertionError(code + ": " + reason);
        };
    }

    static Compiled.Unsupported refused(Query query) {
        return switch (CompiledQuery.compile(query, 10_000, Long.MAX_VALUE)) {
            case Compiled.Ok(var compiled) -> throw new AssertionError("accepted: " + compiled);
            case Compiled.Unsupported refusal -> refusal;
        };
    }
}
