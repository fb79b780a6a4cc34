package dev.wingman.protocol;

import dev.wingman.protocol.Query.PredicateNode;
import dev.wingman.protocol.Query.SortField;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link Query} of its wire form, or throws a {@link ProtocolException} that says what is
 * wrong with it. What the operators mean is not known here.
 */
final class QueryReader {
    private QueryReader() {}

    /**
     * The {@code query} of a QUERY_SUB.
     *
     * @param payload of the message: its {@code fields} go before those in the query
     */
    static Query ofSubscription(Fields payload) {
        Fields query = payload.fields("query");
        List<String> fields = payload.texts("fields");
        return new Query(
                predicate(query.value("predicate")),
                query.fields("where").values(),
                sort(query),
                query.whole("limit", 1),
                query.text("cursor"),
                fields.isEmpty() ? query.texts("fields") : fields,
                query.texts("groupBy"),
                !query.items("aggregations").isEmpty());
    }

    /** One of the {@code queries} of POST /sync. */
    static Query ofHttp(Fields query) {
        return new Query(
                null,
                query.fields("filter").values(),
                List.of(),
                query.whole("limit", 1),
                query.text("cursor"),
                List.of(),
                List.of(),
                false);
    }

    private static @Nullable PredicateNode predicate(@Nullable Datum datum) {
        return datum == null || datum instanceof Datum.Nil ? null : node(datum);
    }

    private static PredicateNode node(Datum datum) {
        Fields node = Fields.of("predicate", datum);
        List<PredicateNode> children = new ArrayList<>();
        for (Datum child : node.items("children")) {
            children.add(node(child));
        }
        return new PredicateNode(
                node.requiredText("op"),
                node.text("attribute"),
                node.value("value"),
                List.copyOf(children));
    }

    /**
     * An array of {field, direction}, as the client sends it, or the map that its schema states.
     */
    private static List<SortField> sort(Fields query) {
        List<SortField> sort = new ArrayList<>();
        if (query.value("sort") instanceof Datum.Dictionary(Map<String, Datum> directions)) {
            Fields named = new Fields("sort", directions);
            for (String field : directions.keySet()) {
                sort.add(new SortField(field, isDescending(named.text(field))));
            }
            return List.copyOf(sort);
        }
        for (Datum item : query.items("sort")) {
            Fields named = Fields.of("sort", item);
            sort.add(
                    new SortField(
                            named.requiredText("field"), isDescending(named.text("direction"))));
        }
        return List.copyOf(sort);
    }

    private static boolean isDescending(@Nullable String direction) {
        return switch (direction) {
            case null -> false;
            case "asc" -> false;
            case "desc" -> true;
            default ->
                    throw new ProtocolException(
                            ErrorCode.BAD_REQUEST, "a sort direction is asc or desc");
        };
    }
}
