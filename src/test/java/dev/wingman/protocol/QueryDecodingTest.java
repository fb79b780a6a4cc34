package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.Query.PredicateNode;
import dev.wingman.protocol.Query.SortField;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryDecodingTest {
    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 512 * 1024));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "'query': null",
                "'query': {}",
                "'query': {'where': {}, 'sort': [], 'limit': null, 'cursor': null, 'unknown': 1}"
            })
    void aQueryThatSaysNothingTakesEverything(String fields) {
        assertThat(query(fields)).isEqualTo(Query.EVERYTHING);
    }

    @Test
    void everyPartHasItsPlace() {
        Query query =
                query(
                        "'query': {'where': {'a': 1, 'b': null}, 'limit': 10.0, 'cursor': 'c',"
                                + " 'fields': ['x'], 'groupBy': ['g', 'h'],"
                                + " 'aggregations': [{'func': 'count'}],"
                                + " 'sort': [{'field': 's'}, {'field': 't', 'direction': 'desc'}]}");

        assertThat(query)
                .isEqualTo(
                        new Query(
                                null,
                                Map.of("a", new Datum.Whole(1), "b", Datum.Nil.NIL),
                                List.of(new SortField("s", false), new SortField("t", true)),
                                10L,
                                "c",
                                List.of("x"),
                                List.of("g", "h"),
                                true));
    }

    @Test
    void sortMayBeAMapInTheOrderOfTheWire() {
        assertThat(query("'query': {'sort': {'z': 'desc', 'a': 'asc', 'm': null}}").sort())
                .containsExactly(
                        new SortField("z", true),
                        new SortField("a", false),
                        new SortField("m", false));
    }

    @Test
    void theOuterFieldsGoBeforeThoseOfTheQuery() {
        assertThat(query("'fields': ['outer'], 'query': {'fields': ['inner']}").fields())
                .containsExactly("outer");
    }

    @Test
    void predicatesNest() {
        Query query =
                query(
                        "'query': {'predicate': {'op': 'and', 'children': ["
                                + " {'op': 'gte', 'attribute': 'age', 'value': 18},"
                                + " {'op': 'not', 'children': [{'op': 'isNull', 'attribute': 'x'}]}]}}");

        assertThat(query.predicate())
                .isEqualTo(
                        node(
                                "and",
                                null,
                                null,
                                node("gte", "age", new Datum.Whole(18)),
                                node("not", null, null, node("isNull", "x", null))));
    }

    @Test
    void aValueOfNilIsAValue() {
        assertThat(query("'query': {'predicate': {'op': 'eq', 'value': null}}").predicate())
                .isEqualTo(node("eq", null, Datum.Nil.NIL));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "'query': 5 | payload.query is a map",
                "'query': {'where': []} | payload.query.where is a map",
                "'query': {'limit': 0} | payload.query.limit is a whole number, 1 or more",
                "'query': {'limit': -1} | payload.query.limit is a whole number, 1 or more",
                "'query': {'limit': 1.5} | payload.query.limit is a whole number, 1 or more",
                "'query': {'limit': 'x'} | payload.query.limit is a whole number, 1 or more",
                "'query': {'cursor': 5} | payload.query.cursor is text",
                "'query': {'fields': 'a'} | payload.query.fields is an array",
                "'fields': [5] | payload.fields is an array of text",
                "'query': {'sort': 'a'} | payload.query.sort is an array",
                "'query': {'sort': [{'direction': 'asc'}]} | sort.field is missing",
                "'query': {'sort': [5]} | sort is a map",
                "'query': {'sort': [{'field': 'a', 'direction': 'up'}]}"
                        + " | a sort direction is asc or desc",
                "'query': {'sort': {'a': 1}} | sort.a is text",
                "'query': {'predicate': 'x'} | predicate is a map",
                "'query': {'predicate': {}} | predicate.op is missing",
                "'query': {'predicate': {'op': 'and', 'children': 5}}"
                        + " | predicate.children is an array",
                "'query': {'predicate': {'op': 'and', 'children': [{}]}} | predicate.op is missing",
                "'mapName': '' | a map name has 1 to 256 bytes, this one 0",
                "'mapName': 5 | mapName is missing"
            })
    void aQueryThatBreaksARuleIsAnsweredWithoutRows(String fields, String reason) {
        assertThat(refusal(fields))
                .isEqualTo(new ServerMessage.Failure(ErrorCode.BAD_REQUEST, reason));
    }

    @Test
    void aQueryHasALimitedSize() {
        String where = "'query': {'where': {'a': '" + "x".repeat(Fields.MAX_BYTES) + "'}}";

        assertThat(refusal(where))
                .isEqualTo(
                        new ServerMessage.Failure(
                                ErrorCode.TOO_LARGE, "a query has at most 65536 bytes"));
    }

    private Query query(String fields) {
        return message(fields)
                                instanceof
                                ClientMessage.QuerySubscribe(String id, MapName map, Query query)
                        && "q".equals(id)
                        && "m".equals(map.value())
                ? query
                : new Query(
                        null,
                        Map.of(),
                        List.of(),
                        -1L,
                        "did not decode",
                        List.of(),
                        List.of(),
                        false);
    }

    @Test
    void aQueryHasAnIdThatIsNotEmpty() {
        String json = "{'type': 'QUERY_SUB', 'payload': {'mapName': 'm', 'queryId': ''}}";

        assertThat(codec.decode(Json.frame(json.replace('\'', '"'))))
                .isEqualTo(
                        new Decoded.Message(
                                new ClientMessage.Refused(
                                        new ServerMessage.QueryResult(
                                                "",
                                                List.of(),
                                                false,
                                                new ServerMessage.Failure(
                                                        ErrorCode.BAD_REQUEST,
                                                        "a queryId is not empty")))));
    }

    private ServerMessage.@Nullable Failure refusal(String fields) {
        return message(fields) instanceof ClientMessage.Refused(ServerMessage.QueryResult result)
                        && "q".equals(result.queryId())
                        && result.rows().isEmpty()
                ? result.error()
                : null;
    }

    /** Fields after the map's name replace it when they name another. */
    private ClientMessage message(String fields) {
        String map = fields.contains("mapName") ? "" : "'mapName': 'm', ";
        String json =
                "{'type': 'QUERY_SUB', 'payload': {"
                        + map
                        + fields
                        + (fields.isEmpty() ? "" : ", ")
                        + "'queryId': 'q'}}";
        return codec.decode(Json.frame(json.replace('\'', '"')))
                        instanceof Decoded.Message(ClientMessage message)
                ? message
                : new ClientMessage.NoEffect("did not decode: " + json);
    }

    private static PredicateNode node(
            String op,
            @Nullable String attribute,
            @Nullable Datum value,
            PredicateNode... children) {
        return new PredicateNode(op, attribute, value, List.of(children));
    }
}
