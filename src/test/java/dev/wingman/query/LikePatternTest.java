package dev.wingman.query;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class LikePatternTest {
    @ParameterizedTest
    @CsvSource({
        "hello, hello, true",
        "hello, hell, false",
        "hell, hello, false",
        "%ell%, hello, true",
        "%, '', true",
        "'', '', true",
        "'', a, false",
        "_, '', false",
        "h_llo, hallo, true",
        "h_llo, hllo, false",
        "%a%b, xaybzb, true",
        "%a%b, xaybz, false",
        "a%%, a, true",
        "%_, '', false",
    })
    void percentStandsForAnyRunAndUnderscoreForOne(String pattern, String text, boolean matches) {
        assertThat(LikePattern.of(pattern).matches(text)).isEqualTo(matches);
    }

    @Test
    void caseIsIgnoredInEveryScript() {
        assertThat(LikePattern.of("ÅNGSTRÖM%").matches("ångström unit")).isTrue();
        assertThat(LikePattern.of("ς").matches("Σ")).isTrue();
    }

    @Test
    void signsOfRegularExpressionsStandForThemselves() {
        assertThat(LikePattern.of("a.c").matches("abc")).isFalse();
        assertThat(LikePattern.of("(a*)[b]^$|\\+?%").matches("(a*)[b]^$|\\+?{}")).isTrue();
    }

    @Test
    void anUnderscoreStandsForAWholeCodePointAndARunForLineBreaks() {
        assertThat(LikePattern.of("_").matches("\ud83d\ude00")).isTrue();
        assertThat(LikePattern.of("__").matches("\ud83d\ude00")).isFalse();
        assertThat(LikePattern.of("a%b").matches("a\n\nb")).isTrue();
    }

    @Test
    void aMatchThatWouldTakeTooLongFails() {
        String text = "a".repeat(LikePattern.MAX_STEPS / 100);

        assertThat(LikePattern.of("%" + "a".repeat(300) + "b%").matches(text + "b")).isFalse();
        assertThat(LikePattern.of("%aab").matches(text + "b")).isTrue();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void itAgreesWithTheSameRegularExpression(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 50; i++) {
            String pattern = randomText("ab%_", random);
            String text = randomText("abB", random);

            boolean matches = LikePattern.of(pattern).matches(text);

            String regex = "(?i)" + pattern.replace("%", ".*").replace("_", ".");
            assertThat(matches).as("%s like %s", text, pattern).isEqualTo(text.matches(regex));
        }
    }

    private static String randomText(String alphabet, SplittableRandom random) {
        var text = new StringBuilder();
        for (int i = random.nextInt(8); i > 0; i--) {
            text.append(alphabet.charAt(random.nextInt(alphabet.length())));
        }
        return text.toString();
    }
}
