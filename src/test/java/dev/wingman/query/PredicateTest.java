package dev.wingman.query;

import static dev.wingman.query.Data.array;
import static dev.wingman.query.Data.node;
import static dev.wingman.query.Data.real;
import static dev.wingman.query.Data.record;
import static dev.wingman.query.Data.text;
import static dev.wingman.query.Data.whole;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Query.PredicateNode;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PredicateTest {
    private static final Datum NOTHING = new Datum.Dictionary(Map.of());

    private static boolean holds(String op, Datum operand, Datum value) {
        return matches(node(op, "a", operand), record("a", value));
    }

    private static boolean matches(PredicateNode predicate, Datum record) {
        return Data.compiled(Data.filter(predicate)).predicate().matches(record);
    }

    @Test
    void equalNumbersAreEqualWhateverTheirEncoding() {
        assertThat(holds("eq", whole(1), real(1.0))).isTrue();
        assertThat(holds("eq", real(-0.0), whole(0))).isTrue();
        assertThat(holds("eq", whole((1L << 53) + 1), real(0x1p53))).isFalse();
    }

    @Test
    void valuesOfDifferentTypesAreNotEqual() {
        assertThat(holds("eq", whole(1), text("1"))).isFalse();
        assertThat(holds("eq", new Datum.Bool(true), whole(1))).isFalse();
        assertThat(holds("neq", whole(1), text("1"))).isTrue();
    }

    @Test
    void arraysAndDictionariesAreEqualPartByPart() {
        assertThat(holds("eq", array(whole(1), text("x")), array(real(1), text("x")))).isTrue();
        assertThat(holds("eq", array(whole(1), whole(2)), array(whole(2), whole(1)))).isFalse();
        assertThat(
                        holds(
                                "eq",
                                record("x", whole(1), "y", whole(2)),
                                record("y", whole(2), "x", real(1))))
                .isTrue();
    }

    @Test
    void notANumberEqualsNothingAndStandsInNoRelation() {
        Datum nan = real(Double.NaN);

        assertThat(holds("eq", nan, nan)).isFalse();
        assertThat(holds("neq", nan, nan)).isTrue();
        assertThat(holds("in", array(nan), nan)).isFalse();
        assertThat(holds("gte", whole(1), nan)).isFalse();
        assertThat(holds("lte", nan, whole(1))).isFalse();
    }

    @Test
    void boundsIncludeOrExcludeThemselves() {
        assertThat(holds("gt", whole(5), whole(5))).isFalse();
        assertThat(holds("gte", whole(5), whole(5))).isTrue();
        assertThat(holds("lt", whole(5), whole(5))).isFalse();
        assertThat(holds("lte", whole(5), whole(5))).isTrue();
    }

    @Test
    void boundsSeparateWholeAndFloatingNumbers() {
        assertThat(holds("gt", real(4.5), whole(5))).isTrue();
        assertThat(holds("gt", real(5.5), whole(5))).isFalse();
        assertThat(holds("lt", whole(5), real(4.5))).isTrue();
        assertThat(holds("gt", real(0x1p53), whole((1L << 53) + 1))).isTrue();
    }

    @Test
    void textsAreBoundByCodePoint() {
        assertThat(holds("gt", text("\uffee"), text("\ud83d\ude00"))).isTrue();
        assertThat(holds("lte", text("b"), text("a"))).isTrue();
    }

    @Test
    void aBoundOfAnotherTypeHoldsForNothing() {
        assertThat(holds("gt", whole(0), text("5"))).isFalse();
        assertThat(holds("lt", text("z"), whole(5))).isFalse();
        assertThat(holds("lt", whole(9), new Datum.Bool(true))).isFalse();
    }

    @Test
    void betweenIncludesBothEnds() {
        Datum range = array(whole(2), real(4));

        assertThat(holds("between", range, whole(1))).isFalse();
        assertThat(holds("between", range, whole(2))).isTrue();
        assertThat(holds("between", range, whole(4))).isTrue();
        assertThat(holds("between", range, real(4.1))).isFalse();
    }

    @Test
    void inTakesAnyOfTheOperands() {
        Datum operands = array(whole(1), text("x"));

        assertThat(holds("in", operands, real(1))).isTrue();
        assertThat(holds("in", operands, text("x"))).isTrue();
        assertThat(holds("in", operands, text("y"))).isFalse();
        assertThat(holds("in", array(), text("y"))).isFalse();
    }

    @Test
    void containsFindsAPartOfATextOrAnElementOfAnArray() {
        assertThat(holds("contains", text("ell"), text("hello"))).isTrue();
        assertThat(holds("contains", text("ELL"), text("hello"))).isFalse();
        assertThat(holds("contains", whole(2), array(whole(1), real(2)))).isTrue();
        assertThat(holds("contains", text("ell"), array(text("hello")))).isFalse();
        assertThat(holds("contains", whole(1), text("1"))).isFalse();
        assertThat(holds("contains", text("a"), record("a", whole(1)))).isFalse();
    }

    @Test
    void containsAllNeedsEveryOperandAndContainsAnyOne() {
        Datum tags = array(text("red"), text("blue"));

        assertThat(holds("containsAll", array(text("red"), text("blue")), tags)).isTrue();
        assertThat(holds("containsAll", array(text("red"), text("green")), tags)).isFalse();
        assertThat(holds("containsAny", array(text("red"), text("green")), tags)).isTrue();
        assertThat(holds("containsAny", array(text("green")), tags)).isFalse();
    }

    @Test
    void containsAllAndContainsAnySearchTextsToo() {
        assertThat(holds("containsAll", array(text("he"), text("lo")), text("hello"))).isTrue();
        assertThat(holds("containsAll", array(text("he"), text("la")), text("hello"))).isFalse();
        assertThat(holds("containsAny", array(text("ha"), text("lo")), text("hello"))).isTrue();
        assertThat(holds("containsAny", array(text("ha")), text("hello"))).isFalse();
    }

    @Test
    void everythingContainsAllOfNoneAndNothingAnyOfNone() {
        assertThat(holds("containsAll", array(), array())).isTrue();
        assertThat(holds("containsAny", array(), array(whole(1)))).isFalse();
    }

    @Test
    void startsWithAndEndsWithRespectCase() {
        assertThat(holds("startsWith", text("he"), text("hello"))).isTrue();
        assertThat(holds("startsWith", text("He"), text("hello"))).isFalse();
        assertThat(holds("endsWith", text("lo"), text("hello"))).isTrue();
        assertThat(holds("endsWith", text("he"), text("hello"))).isFalse();
        assertThat(holds("startsWith", text("1"), whole(1))).isFalse();
    }

    @Test
    void likeAndRegexLookAtTextsOnly() {
        assertThat(holds("like", text("h%O"), text("hello"))).isTrue();
        assertThat(holds("like", text("1"), whole(1))).isFalse();
        assertThat(holds("regex", text("l+o$"), text("hello"))).isTrue();
        assertThat(holds("regex", text("1"), whole(1))).isFalse();
    }

    @Test
    void absentAndNilAreNull() {
        assertThat(matches(node("isNull", "a", null), NOTHING)).isTrue();
        assertThat(matches(node("isNull", "a", null), record("a", Datum.Nil.NIL))).isTrue();
        assertThat(matches(node("isNull", "a", null), record("a", whole(0)))).isFalse();
        assertThat(matches(node("isNotNull", "a", null), record("a", whole(0)))).isTrue();
        assertThat(matches(node("isNotNull", "a", null), NOTHING)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"eq", "neq", "gt", "gte", "lt", "lte", "contains", "startsWith"})
    void whatIsMissingFailsEveryConditionButNotItsNegation(String op) {
        PredicateNode condition = node(op, "a", text(""));

        assertThat(matches(condition, NOTHING)).isFalse();
        assertThat(matches(condition, record("a", Datum.Nil.NIL))).isFalse();
        assertThat(matches(node("not", condition), NOTHING)).isTrue();
    }

    @Test
    void aNilOperandEqualsNothing() {
        assertThat(holds("eq", Datum.Nil.NIL, Datum.Nil.NIL)).isFalse();
        assertThat(holds("neq", Datum.Nil.NIL, whole(1))).isTrue();
    }

    @Test
    void conditionsJoinByAndOrNot() {
        PredicateNode one = node("eq", "a", whole(1));
        PredicateNode two = node("eq", "b", whole(2));
        Datum both = record("a", whole(1), "b", whole(2));
        Datum first = record("a", whole(1));

        assertThat(matches(node("and", one, two), both)).isTrue();
        assertThat(matches(node("and", one, two), first)).isFalse();
        assertThat(matches(node("or", one, two), first)).isTrue();
        assertThat(matches(node("or", one, two), NOTHING)).isFalse();
        assertThat(matches(node("not", one, two), first)).isFalse();
        assertThat(matches(node("and"), NOTHING)).isTrue();
        assertThat(matches(node("or"), both)).isFalse();
    }

    @Test
    void aDotLeadsIntoADictionary() {
        PredicateNode city = node("eq", "address.city", text("Oslo"));

        assertThat(matches(city, record("address", record("city", text("Oslo"))))).isTrue();
        assertThat(matches(city, record("address.city", text("Oslo")))).isFalse();
    }

    @Test
    void aPathThatLeadsThroughAnythingElseEndsNowhere() {
        PredicateNode absent = node("isNull", "a.0", null);

        assertThat(matches(absent, record("a", array(text("x"))))).isTrue();
        assertThat(matches(absent, record("a", text("x")))).isTrue();
        assertThat(matches(absent, whole(1))).isTrue();
    }

    @Test
    void whereTakesRecordsInWhichEveryFieldIsEqual() {
        Predicate where =
                Data.compiled(Data.where(Map.of("a", whole(1), "b.c", text("x")))).predicate();

        assertThat(where.matches(record("a", real(1), "b.c", text("x")))).isTrue();
        assertThat(where.matches(record("a", real(1), "b", record("c", text("x"))))).isFalse();
        assertThat(where.matches(record("a", whole(1)))).isFalse();
    }

    @Test
    void whereNilTakesRecordsWithoutTheField() {
        Predicate where = Data.compiled(Data.where(Map.of("a", Datum.Nil.NIL))).predicate();

        assertThat(where.matches(NOTHING)).isTrue();
        assertThat(where.matches(record("a", Datum.Nil.NIL))).isTrue();
        assertThat(where.matches(record("a", whole(1)))).isFalse();
    }
}
