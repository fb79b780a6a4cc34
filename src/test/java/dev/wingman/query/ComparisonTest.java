package dev.wingman.query;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Value;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ComparisonTest {
    private static final long BEYOND_DOUBLE = (1L << 53) + 1;

    @Test
    void aWholeNumberBeyondThePrecisionOfDoubleKeepsItsLastBit() {
        assertThat(Comparison.numbers(BEYOND_DOUBLE, 0x1p53)).isPositive();
        assertThat(Comparison.numbers(BEYOND_DOUBLE, 0x1p53 + 2)).isNegative();
    }

    @Test
    void theEndsOfLongCompareWithDoublesJustOutsideOfIt() {
        assertThat(Comparison.numbers(Long.MAX_VALUE, 0x1p63)).isNegative();
        assertThat(Comparison.numbers(Long.MIN_VALUE, -0x1p63)).isZero();
        assertThat(Comparison.numbers(Long.MIN_VALUE, -0x1.0000000000001p63)).isPositive();
        assertThat(Comparison.numbers(Long.MAX_VALUE, Double.POSITIVE_INFINITY)).isNegative();
        assertThat(Comparison.numbers(Long.MIN_VALUE, Double.NEGATIVE_INFINITY)).isPositive();
    }

    @Test
    void aFractionDecidesBetweenEqualWholeParts() {
        assertThat(Comparison.numbers(1, 1.5)).isNegative();
        assertThat(Comparison.numbers(-1, -1.5)).isPositive();
        assertThat(Comparison.numbers(0, -0.0)).isZero();
    }

    @Test
    void notANumberComesAfterInfinity() {
        assertThat(Comparison.numbers(Double.NaN, Double.POSITIVE_INFINITY)).isPositive();
        assertThat(Comparison.numbers(Long.MAX_VALUE, Double.NaN)).isNegative();
        assertThat(Comparison.numbers(Double.NaN, Double.NaN)).isZero();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void wholeAndFloatingNumbersCompareAsExactDecimals(long seed) {
        var random = new SplittableRandom(seed);
        long left = random.nextLong() >> random.nextInt(64);
        double right = (double) (left + random.nextInt(-2, 3)) + random.nextInt(-1, 2) / 2.0;

        int comparison = Comparison.numbers(left, right);

        assertThat(comparison).isEqualTo(BigDecimal.valueOf(left).compareTo(new BigDecimal(right)));
    }

    @Test
    void numbersThatAreEqualHaveOneCanonicalForm() {
        assertThat(Comparison.canonical(Data.real(1.0))).isEqualTo(Data.whole(1));
        assertThat(Comparison.canonical(Data.real(-0.0))).isEqualTo(Data.whole(0));
        assertThat(Comparison.canonical(Data.array(Data.record("a", Data.real(2)))))
                .isEqualTo(Data.array(Data.record("a", Data.whole(2))));
    }

    @Test
    void numbersThatOnlyLookEqualKeepTheirForm() {
        assertThat(Comparison.canonical(Data.real(0x1p63))).isEqualTo(Data.real(0x1p63));
        assertThat(Comparison.canonical(Data.real(1.5))).isEqualTo(Data.real(1.5));
    }

    @Test
    void textsCompareByCodePointWhereUtf16UnitsSayTheOpposite() {
        String supplementary = "\ud83d\ude00";
        String lastOfTheBasicPlane = "\uffee";

        int comparison = Comparison.texts(supplementary, lastOfTheBasicPlane);

        assertThat(comparison).isPositive();
        assertThat(supplementary.compareTo(lastOfTheBasicPlane)).isNegative();
    }

    @Test
    void aTextComesBeforeItsContinuation() {
        assertThat(Comparison.texts("ab", "abc")).isNegative();
        assertThat(Comparison.texts("", "")).isZero();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void textsCompareAsTheirCodePoints(long seed) {
        var random = new SplittableRandom(seed);
        String left = randomText(random);
        String right = randomText(random);

        int comparison = Comparison.texts(left, right);

        int expected = Arrays.compare(left.codePoints().toArray(), right.codePoints().toArray());
        assertThat(Integer.signum(comparison)).isEqualTo(Integer.signum(expected));
    }

    private static String randomText(SplittableRandom random) {
        int[] alphabet = {'a', 0xd7ff, 0xe000, 0xffff, 0x10000, 0x1f600, 0x10ffff};
        var text = new StringBuilder();
        for (int i = random.nextInt(4); i > 0; i--) {
            text.appendCodePoint(alphabet[random.nextInt(alphabet.length)]);
        }
        return text.toString();
    }

    @Test
    void typesComeInAFixedOrder() {
        List<Datum> inOrder =
                List.of(
                        new Datum.Bool(true),
                        Data.whole(-1),
                        Data.text("0"),
                        new Datum.Binary(Value.ofEncoded(new byte[0])),
                        Data.array(),
                        new Datum.Dictionary(Map.of()),
                        Datum.Nil.NIL);

        for (int i = 1; i < inOrder.size(); i++) {
            assertThat(Comparison.ranked(inOrder.get(i - 1), inOrder.get(i))).isNegative();
            assertThat(Comparison.ranked(inOrder.get(i), inOrder.get(i - 1))).isPositive();
        }
    }

    @Test
    void mixedNumbersRankByTheirValue() {
        assertThat(Comparison.ranked(Data.real(1.5), Data.whole(1))).isPositive();
        assertThat(Comparison.ranked(Data.whole(1), Data.real(1.5))).isNegative();
        assertThat(Comparison.ranked(Data.real(2.0), Data.whole(2))).isZero();
        assertThat(Comparison.ranked(new Datum.Bool(false), new Datum.Bool(true))).isNegative();
    }
}
