package dev.wingman.query;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.Value;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A query ready to be put to records. Immutable.
 *
 * @param limit the most rows the client is shown, 1 or more
 * @param maxBytes the most bytes of them in an answer; a single row may have more
 * @param fields top-level fields to return; empty returns the whole value
 */
public record CompiledQuery(
        Predicate predicate, RowOrder order, int limit, long maxBytes, List<String> fields) {
    static final int MAX_FIELDS = 1_000;

    /**
     * @param maxRecords the most rows that any query gets, 1 or more
     * @param maxBytes the most bytes of rows in an answer
     */
    public static Compiled compile(Query query, int maxRecords, long maxBytes) {
        try {
            refuseWhatIsNotAvailable(query);
            PredicateCompiler.requireAtMost(MAX_FIELDS, query.fields().size(), "fields to return");
            return new Compiled.Ok(
                    new CompiledQuery(
                            predicateOf(query),
                            RowOrder.compile(query.sort()),
                            limitOf(query, maxRecords),
                            maxBytes,
                            List.copyOf(query.fields())));
        } catch (Refused refused) {
            return refused.answer();
        }
    }

    private static void refuseWhatIsNotAvailable(Query query) throws Refused {
        if (!query.groupBy().isEmpty() || query.hasAggregations()) {
            throw new Refused(
                    ErrorCode.NOT_AVAILABLE, "grouping and aggregation are not available");
        }
        if (query.cursor() != null && !query.cursor().isEmpty()) {
            throw new Refused(
                    ErrorCode.NOT_AVAILABLE, "cursors are not available: ask with a higher limit");
        }
    }

    private static Predicate predicateOf(Query query) throws Refused {
        var compiler = new PredicateCompiler();
        return query.predicate() == null
                ? compiler.compile(query.where())
                : compiler.compile(query.predicate());
    }

    private static int limitOf(Query query, int maxRecords) {
        Long limit = query.limit();
        return limit == null ? maxRecords : (int) Math.min(limit, maxRecords);
    }

    /**
     * The record as a row, or null when it does not match.
     *
     * @param decoded the whole of {@code value}; asked only when the query looks into it
     * @param expiresAtMillis as in {@link Row}
     */
    public @Nullable Row rowOf(
            Key key, Value value, Supplier<Datum> decoded, long expiresAtMillis) {
        if (predicate.equals(Predicate.EVERYTHING) && order.fields().isEmpty()) {
            return new Row(key, value, List.of(), expiresAtMillis);
        }
        Datum datum = decoded.get();
        return predicate.matches(datum)
                ? new Row(key, value, order.sortKeyOf(datum), expiresAtMillis)
                : null;
    }

    /** The part of a value that the client asked for. */
    public Value project(Value value) {
        return fields.isEmpty() ? value : value.project(fields);
    }

    /** Operands belong to the user and are never shown. */
    @Override
    public String toString() {
        return "CompiledQuery[limit=" + limit + "]";
    }
}
