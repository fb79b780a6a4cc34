package dev.wingman.protocol;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks of a map, as it stands on the wire; {@code dev.wingman.query} gives it
 * meaning.
 *
 * @param predicate null leaves the choice to {@code where}
 * @param where top-level fields and the values they must equal; empty takes every record
 * @param sort first field first; empty leaves the order to the server
 * @param limit number of rows asked for, 1 or more; null leaves it to the server
 * @param cursor where an earlier page ended; null starts at the beginning
 * @param fields top-level fields to return; empty returns the whole value
 * @param groupBy fields to group by; empty returns records
 * @param hasAggregations whether sums and the like were asked for
 */
public record Query(
        @Nullable PredicateNode predicate,
        Map<String, Datum> where,
        List<SortField> sort,
        @Nullable Long limit,
        @Nullable String cursor,
        List<String> fields,
        List<String> groupBy,
        boolean hasAggregations) {
    public static final Query EVERYTHING =
            new Query(null, Map.of(), List.of(), null, null, List.of(), List.of(), false);

    public Query {
        if (limit != null && limit < 1) {
            throw new IllegalArgumentException("a limit of " + limit + " rows");
        }
    }

    /** The same with another limit. */
    public Query withLimit(long rows) {
        return new Query(predicate, where, sort, rows, cursor, fields, groupBy, hasAggregations);
    }

    /** One node of a predicate tree; which parts are set depends on {@code op}. */
    public record PredicateNode(
            String op,
            @Nullable String attribute,
            @Nullable Datum value,
            List<PredicateNode> children) {}

    public record SortField(String field, boolean descending) {}
}
