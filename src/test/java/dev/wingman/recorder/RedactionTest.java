package dev.wingman.recorder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RedactionTest {
    private static final String JSON = "application/json";
    private static final String SECRET = "s3cr/t \u00e9x";

    private static Redaction of(String... secrets) {
        return new Redaction(List.of(secrets), List.of(), List.of());
    }

    private static Redaction keys(String... keys) {
        return new Redaction(List.of(), List.of(), List.of(keys));
    }

    private static String body(Redaction redaction, String type, String text) {
        return new String(
                redaction.body(type, text.getBytes(StandardCharsets.UTF_8)),
                StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "plain s3cr/t \u00e9x end",
                "a=s3cr%2Ft%20%C3%A9x&b",
                "a=s3cr%2ft+%c3%a9x&b",
                "{\"a\":\"s3cr\\/t \\u00e9x\"}",
                "{\"a\":\"\\u0073\\u0033cr/t \\u00E9x\"}",
            })
    void aSecretIsFoundHoweverItIsWritten(String text) {
        String redacted = body(of(SECRET), "text/plain", text);

        assertThat(redacted).contains("REDACTED").doesNotContain("s3cr").doesNotContain("x\"");
    }

    @Test
    void overlappingSecretsLeaveNothing() {
        assertThat(body(of("abcd", "cdef"), "text/plain", "-abcdef-")).isEqualTo("-REDACTED-");
        assertThat(body(of("aaaa"), "text/plain", "-aaaaaaa-")).isEqualTo("-REDACTED-");
    }

    @Test
    void aNumberStaysANumber() {
        String json = "{\"pin\": 91234.5, \"n\":[1234, -51234e3],\"t\":\"is 1234\"}";

        assertThat(body(of("1234"), JSON, json))
                .isEqualTo("{\"pin\": 0, \"n\":[0, 0],\"t\":\"is REDACTED\"}");
    }

    @Test
    void patternsAreReplaced() {
        var redaction = new Redaction(List.of(), List.of("sk-[a-z0-9]{8,}"), List.of());

        assertThat(body(redaction, "text/plain", "key \u00e9 sk-abcdef0123 and sk-no"))
                .isEqualTo("key \u00e9 REDACTED and sk-no");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"token\":\"a\\\"b\",\"c\":1}      | {\"token\":\"REDACTED\",\"c\":1}",
                "{\"max_tokens\":1,\"tokens\":2}    | {\"max_tokens\":1,\"tokens\":2}",
                "{\"API-Key\" : -1.5e3 }            | {\"API-Key\" : 0 }",
                "{\"apiKey\":true,\"token\":null}   | {\"apiKey\":false,\"token\":null}",
                "{\"to\\u006ben\":\"x\"}            | {\"to\\u006ben\":\"REDACTED\"}",
                "{\"token\":{\"a\":[1,\"b\",{\"c\":\"d\"}],\"e\":\"f\"},\"g\":\"h\"} "
                        + "| {\"token\":{\"a\":[0,\"REDACTED\",{\"c\":\"REDACTED\"}],\"e\":\"REDACTED\"},\"g\":\"h\"}",
                "data: {\"token\":\"x\"}            | data: {\"token\":\"REDACTED\"}",
                "5\" wide {\"token\":\"x\"}         | 5\" wide {\"token\":\"REDACTED\"}",
                "[\"token\",\"x\"]                  | [\"token\",\"x\"]",
            })
    void valuesOfKeysAreReplacedAndNothingElse(String json, String expected) {
        assertThat(body(keys("token", "api_key"), JSON, json)).isEqualTo(expected);
    }

    @Test
    void typesThatAreNoTextKeepTheirBytes() {
        assertThat(body(keys("token"), "image/png", "{\"token\":\"x\"}"))
                .isEqualTo("{\"token\":\"x\"}");
    }

    @Test
    void listedHeadersKeepTheirPlaceAndCount() {
        var headers =
                List.of(
                        new Header("Set-Cookie", "a=1"),
                        new Header("X-A", "abcd"),
                        new Header("set-cookie", "b=2"));

        assertThat(of("abcd").headers(headers, Set.of("set-cookie")))
                .containsExactly(
                        new Header("Set-Cookie", "REDACTED"),
                        new Header("X-A", "REDACTED"),
                        new Header("set-cookie", "REDACTED"));
    }

    /** Whatever the cuts, the result is that of the whole, and every cut comes out in order. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void cutsMakeNoDifference(long seed) {
        var random = new SplittableRandom(seed);
        var redaction = new Redaction(List.of("needle", "dlene"), List.of(), List.of("token"));
        var text = new StringBuilder();
        String[] pieces = {"needle", "need", "dlene", "{\"token\":", "\"v\\\"al\"", "}", " ", "77"};
        for (int i = random.nextInt(60); i >= 0; i--) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        byte[] whole = text.toString().getBytes(StandardCharsets.UTF_8);
        var out = new ByteArrayOutputStream();
        List<Integer> marks = new ArrayList<>();
        var body =
                redaction.body(
                        JSON,
                        new SecretSearch.Sink<Integer>() {
                            @Override
                            public void bytes(byte[] source, int from, int to) {
                                out.write(source, from, to - from);
                            }

                            @Override
                            public void mark(Integer mark) {
                                marks.add(mark);
                            }
                        });
        int count = 0;
        for (int at = 0; at < whole.length; count++) {
            int end = Math.min(whole.length, at + 1 + random.nextInt(5));
            body.add(Arrays.copyOfRange(whole, at, end));
            body.mark(count);
            at = end;
        }
        body.end();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo(body(redaction, JSON, text.toString()))
                .doesNotContain("needle")
                .doesNotContain("dlene");
        assertThat(marks).hasSize(count).isSorted();
    }

    @Test
    void aSecretInALongStreamIsFoundAtEveryPlaceAndCut() {
        var redaction = of("canary-secret");
        for (int cut = 1; cut < "canary-secret".length(); cut++) {
            var out = new ByteArrayOutputStream();
            var copy = new BodyCopy(redaction, "", "", (_, bytes) -> out.writeBytes(bytes));
            byte[] padding = new byte[1000 + cut];
            copy.add(padding, 1);
            copy.add("canary-secret".substring(0, cut).getBytes(StandardCharsets.UTF_8), 2);
            copy.add("canary-secret".substring(cut).getBytes(StandardCharsets.UTF_8), 3);
            copy.add(padding, 4);

            assertThat(copy.end()).isTrue();
            assertThat(out.size()).isEqualTo(2 * padding.length + "REDACTED".length());
            assertThat(out.toString(StandardCharsets.ISO_8859_1)).contains("REDACTED");
        }
    }

    @Test
    void whatWillNotDoIsRefusedAndNotShown() {
        assertThatThrownBy(() -> new Redaction(List.of("abc", "REDA"), List.of("(x"), List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains("4 to 1024", "REDACTED", "patterns")
                .doesNotContain("abc");
    }
}
