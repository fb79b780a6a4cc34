package dev.wingman.query;

import static dev.wingman.query.Data.array;
import static dev.wingman.query.Data.node;
import static dev.wingman.query.Data.text;
import static dev.wingman.query.Data.whole;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.Query.PredicateNode;
import dev.wingman.protocol.Query.SortField;
import dev.wingman.protocol.Value;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompiledQueryTest {
    private static final Value ANY_VALUE = Value.ofEncoded(new byte[] {1});

    private static Query query(
            @Nullable String cursor, List<String> groupBy, boolean hasAggregations) {
        return new Query(
                null, Map.of(), List.of(), null, cursor, List.of(), groupBy, hasAggregations);
    }

    @Test
    void theLimitIsThatOfTheQueryUpToTheServers() {
        assertThat(Data.compiled(Data.sorted(5L)).limit()).isEqualTo(5);
        assertThat(Data.compiled(Data.sorted(Long.MAX_VALUE)).limit()).isEqualTo(10_000);
        assertThat(Data.compiled(Data.sorted(null)).limit()).isEqualTo(10_000);
    }

    @Test
    void groupsAggregationsAndCursorsAreNotAvailable() {
        assertThat(Data.refused(query(null, List.of("a"), false)).code())
                .isEqualTo(ErrorCode.NOT_AVAILABLE);
        assertThat(Data.refused(query(null, List.of(), true)).code())
                .isEqualTo(ErrorCode.NOT_AVAILABLE);
        assertThat(Data.refused(query("abc", List.of(), false)).code())
                .isEqualTo(ErrorCode.NOT_AVAILABLE);
    }

    @Test
    void anEmptyCursorStartsAtTheBeginning() {
        assertThat(CompiledQuery.compile(query("", List.of(), false), 10, Long.MAX_VALUE))
                .isInstanceOf(Compiled.Ok.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"match", "matchPhrase", "matchPrefix", "soundsLike", ""})
    void anOperatorThatIsNotKnownIsNotAvailable(String op) {
        Compiled.Unsupported refusal = Data.refused(Data.filter(node("and", node(op))));

        assertThat(refusal.code()).isEqualTo(ErrorCode.NOT_AVAILABLE);
        assertThat(refusal.reason()).contains("'" + op + "'");
    }

    static Stream<PredicateNode> malformedNodes() {
        return Stream.of(
                node("eq", null, whole(1)),
                node("isNull"),
                node("not"),
                node("gt", "a", null),
                node("lte", "a", array(whole(1))),
                node("like", "a", whole(1)),
                node("regex", "a", null),
                node("regex", "a", text("(")),
                node("startsWith", "a", whole(1)),
                node("in", "a", whole(1)),
                node("containsAll", "a", text("x")),
                node("between", "a", array(whole(1))),
                node("between", "a", array(whole(1), whole(2), whole(3))),
                node("between", "a", array(whole(1), Datum.Nil.NIL)));
    }

    @ParameterizedTest
    @MethodSource("malformedNodes")
    void aMalformedNodeIsABadRequest(PredicateNode malformed) {
        assertThat(Data.refused(Data.filter(node("or", malformed))).code())
                .isEqualTo(ErrorCode.BAD_REQUEST);
    }

    private static PredicateNode nested(int levels) {
        PredicateNode node = node("isNull", "a", null);
        for (int level = 1; level < levels; level++) {
            node = node("not", node);
        }
        return node;
    }

    private static PredicateNode wide(String op, int nodes, @Nullable Datum value) {
        var children = new PredicateNode[nodes - 1];
        Arrays.fill(children, node(op, "a", value));
        return node("or", children);
    }

    private static Datum repeated(int count) {
        return new Datum.Sequence(Collections.nCopies(count, whole(1)));
    }

    static Stream<PredicateNode> atTheLimit() {
        return Stream.of(
                nested(PredicateCompiler.MAX_DEPTH),
                wide("isNull", PredicateCompiler.MAX_NODES, null),
                wide("regex", PredicateCompiler.MAX_REGEXES + 1, text("a")),
                node("in", "a", repeated(PredicateCompiler.MAX_OPERANDS)),
                node("containsAny", "a", repeated(PredicateCompiler.MAX_PARTS)),
                node("like", "a", text("a".repeat(PredicateCompiler.MAX_PATTERN_CHARS))),
                node("contains", "a", text("a".repeat(PredicateCompiler.MAX_PATTERN_CHARS))),
                node("isNull", "a".repeat(PredicateCompiler.MAX_ATTRIBUTE_CHARS), null));
    }

    @ParameterizedTest
    @MethodSource("atTheLimit")
    void aPredicateAtALimitIsTaken(PredicateNode predicate) {
        assertThat(CompiledQuery.compile(Data.filter(predicate), 10, Long.MAX_VALUE))
                .isInstanceOf(Compiled.Ok.class);
    }

    static Stream<PredicateNode> beyondTheLimit() {
        return Stream.of(
                nested(PredicateCompiler.MAX_DEPTH + 1),
                nested(5_000),
                wide("isNull", PredicateCompiler.MAX_NODES + 1, null),
                wide("regex", PredicateCompiler.MAX_REGEXES + 2, text("a")),
                node("in", "a", repeated(PredicateCompiler.MAX_OPERANDS + 1)),
                node("containsAll", "a", repeated(PredicateCompiler.MAX_PARTS + 1)),
                node("like", "a", text("a".repeat(PredicateCompiler.MAX_PATTERN_CHARS + 1))),
                node("contains", "a", text("a".repeat(PredicateCompiler.MAX_PATTERN_CHARS + 1))),
                node("isNull", "a".repeat(PredicateCompiler.MAX_ATTRIBUTE_CHARS + 1), null));
    }

    @ParameterizedTest
    @MethodSource("beyondTheLimit")
    void aPredicateBeyondALimitIsTooLarge(PredicateNode predicate) {
        assertThat(Data.refused(Data.filter(predicate)).code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void tooManyFieldsToSortByAreTooLarge() {
        var sort = new SortField[RowOrder.MAX_FIELDS + 1];
        Arrays.fill(sort, new SortField("a", false));

        assertThat(Data.refused(Data.sorted(null, sort)).code()).isEqualTo(ErrorCode.TOO_LARGE);
    }

    @Test
    void theSortFieldsAreAllThatARowKeepsOfTheDecodedRecord() {
        CompiledQuery query = Data.compiled(Data.sorted(null, new SortField("a", false)));
        Datum record = Data.record("a", whole(1), "b", text("long"));

        Row row = query.rowOf(new Key("k"), ANY_VALUE, () -> record, 7);

        assertThat(row).isEqualTo(new Row(new Key("k"), ANY_VALUE, List.of(whole(1)), 7));
    }

    @Test
    void aRowKeepsOnlyTheTypeOfWhatTheOrderDoesNotLookInto() {
        CompiledQuery query = Data.compiled(Data.sorted(null, new SortField("a", false)));
        Datum record = Data.record("a", array(text("long"), text("list")));

        Row row = query.rowOf(new Key("k"), ANY_VALUE, () -> record, Row.NEVER);

        assertThat(row).isEqualTo(new Row(new Key("k"), ANY_VALUE, List.of(array()), Row.NEVER));
    }

    @Test
    void aRecordThatDoesNotMatchIsNoRow() {
        CompiledQuery query = Data.compiled(Data.filter(node("eq", "a", whole(1))));

        assertThat(
                        query.rowOf(
                                new Key("k"),
                                ANY_VALUE,
                                () -> Data.record("a", whole(2)),
                                Row.NEVER))
                .isNull();
    }

    @Test
    void aQueryForEverythingDoesNotLookIntoValues() {
        CompiledQuery query = Data.compiled(Query.EVERYTHING);
        var undecodable = Value.ofEncoded(new byte[] {(byte) 0xc1});

        assertThat(query.rowOf(new Key("k"), undecodable, () -> Datum.of(undecodable), Row.NEVER))
                .isEqualTo(new Row(new Key("k"), undecodable, List.of(), Row.NEVER));
    }

    @Test
    void neitherQueriesNorRowsShowWhatUsersWrote() {
        CompiledQuery query = Data.compiled(Data.filter(node("eq", "a", text("secret"))));
        var row = new Row(new Key("secret"), ANY_VALUE, List.of(text("secret")), Row.NEVER);

        assertThat(query + " " + row).doesNotContain("secret");
    }
}
