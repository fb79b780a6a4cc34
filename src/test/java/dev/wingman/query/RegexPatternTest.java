package dev.wingman.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.wingman.protocol.ErrorCode;
import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegexPatternTest {
    @Test
    void thePatternIsFoundAnywhereUnlessAnchored() throws Refused {
        assertThat(RegexPattern.of("b+").isFoundIn("abbc")).isTrue();
        assertThat(RegexPattern.of("^b+").isFoundIn("abbc")).isFalse();
        assertThat(RegexPattern.of("(?i)^ABB").isFoundIn("abbc")).isTrue();
    }

    @Test
    void aPatternMadeForBacktrackingTakesLinearTime() throws Refused {
        RegexPattern pattern = RegexPattern.of("^(a+)+$");
        String text = "a".repeat(50_000) + "b";

        boolean found =
                Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(20), () -> pattern.isFoundIn(text));

        assertThat(found).isFalse();
    }

    @Test
    void aTextTooLongForItsPatternDoesNotMatch() throws Refused {
        RegexPattern pattern = RegexPattern.of("a{500}");

        assertThat(pattern.isFoundIn("a".repeat(1_000))).isTrue();
        assertThat(pattern.isFoundIn("a".repeat(RegexPattern.MAX_STEPS / 500))).isFalse();
    }

    @Test
    void aUuidIsNotTooComplex() throws Refused {
        RegexPattern uuid = RegexPattern.of("^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$");

        assertThat(uuid.isFoundIn("3f2504e0-4f89-11d3-9a0c-0305e82c3301")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(((a{1000}){1000}){1000})",
                "a{1,101}b{100}",
                "((x{90,}){100})",
                "a{1000}b?c"
            })
    void aPatternThatGrowsWhenCompiledIsTooLarge(String pattern) {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> RegexPattern.of(pattern))
                .satisfies(refused ->
                        assertThat(refused.answer().code()).isEqualTo(ErrorCode.TOO_LARGE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"(", "a(?=b)", "(a)\\1", "[z-a]", "*"})
    void whatIsNoPatternIsABadRequest(String pattern) {
        assertThatExceptionOfType(Refused.class)
                .isThrownBy(() -> RegexPattern.of(pattern))
                .satisfies(refused ->
                        assertThat(refused.answer().code()).isEqualTo(ErrorCode.BAD_REQUEST));
    }
}
