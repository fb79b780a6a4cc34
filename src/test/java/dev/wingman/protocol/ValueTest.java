package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ValueTest {
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void whatIsEncodedDecodesToTheSame(long seed) {
        Datum datum = datum(new SplittableRandom(seed), 4);

        assertThat(Datum.of(Value.of(datum))).isEqualTo(datum);
    }

    @Test
    void aMapDecodesInTheOrderOfTheWire() {
        Datum decoded = Datum.of(hex("83 a16202 a16101 a163c0"));

        assertThat(decoded)
                .isInstanceOfSatisfying(
                        Datum.Dictionary.class,
                        map -> assertThat(map.fields()).containsOnlyKeys("b", "a", "c"));
        assertThat(Value.of(decoded)).isEqualTo(hex("83 a16202 a16101 a163c0"));
    }

    @Test
    void keysThatAreNotTextShowAsText() {
        Datum decoded = Datum.of(hex("85 05c0 c0c0 c3c0 cb3ff8000000000000c0 90c0"));

        assertThat(decoded)
                .isInstanceOfSatisfying(
                        Datum.Dictionary.class,
                        map ->
                                assertThat(map.fields())
                                        .containsOnlyKeys(
                                                "5", "null", "true", "1.5", "Sequence[items=[]]"));
    }

    @ParameterizedTest
    @CsvSource({
        "cfffffffffffffffff, 1.8446744073709552E19", // beyond long
        "cb4202a05f20000000, 1.0E10",
        "ca3fc00000, 1.5"
    })
    void numbersThatAreNoLongAreReal(String hex, double expected) {
        assertThat(Datum.of(hex(hex))).isEqualTo(new Datum.Real(expected));
    }

    @ParameterizedTest
    @CsvSource({
        "cf7fffffffffffffff, 9223372036854775807",
        "d38000000000000000, -9223372036854775808",
        "cc05, 5",
        "d0ff, -1"
    })
    void everyIntegerFormatIsWhole(String hex, long expected) {
        assertThat(Datum.of(hex(hex))).isEqualTo(new Datum.Whole(expected));
    }

    @ParameterizedTest
    @CsvSource({"c403010203", "d6ff00000001", "c7030a010203"})
    void binaryAndExtensionsKeepTheirBytes(String hex) {
        Datum decoded = Datum.of(hex(hex));

        assertThat(decoded).isEqualTo(new Datum.Binary(hex(hex)));
        assertThat(Value.of(decoded)).isEqualTo(hex(hex));
    }

    @Test
    void onlyNilIsNil() {
        assertThat(Value.of(Datum.Nil.NIL).isNil()).isTrue();
        assertThat(Value.NIL.isNil()).isTrue();
        assertThat(Value.of(new Datum.Bool(false)).isNil()).isFalse();
        assertThat(Value.of(new Datum.Text("")).isNil()).isFalse();
    }

    @Test
    void projectionKeepsTheNamedFieldsByteForByte() {
        Value value = hex("de0003 a161 cd0001 a162 dc0001c0 a163 d90163"); // odd widths on purpose

        Value projected = value.project(List.of("c", "a", "absent"));

        assertThat(projected).isEqualTo(hex("82 a161 cd0001 a163 d90163"));
    }

    @Test
    void projectionOfWhatIsNoMapChangesNothing() {
        Value value = hex("92 a161 01");

        assertThat(value.project(List.of("a"))).isEqualTo(value);
    }

    @Test
    void projectionOntoNoFieldsIsAnEmptyMap() {
        assertThat(hex("81 a16101").project(List.of())).isEqualTo(hex("80"));
    }

    @Test
    void showsItsSizeAndNotItsContents() {
        assertThat(Value.of(new Datum.Text("secret"))).hasToString("Value[7 bytes]");
    }

    private static Value hex(String hex) {
        return Value.ofEncoded(HexFormat.of().parseHex(hex.replace(" ", "")));
    }

    private static Datum datum(SplittableRandom random, int depth) {
        return switch (random.nextInt(depth == 0 ? 5 : 7)) {
            case 0 -> Datum.Nil.NIL;
            case 1 -> new Datum.Bool(random.nextBoolean());
            case 2 -> new Datum.Whole(random.nextLong() >> random.nextInt(Long.SIZE));
            case 3 -> new Datum.Real(random.nextDouble());
            case 4 -> new Datum.Text("日".repeat(random.nextInt(100)));
            case 5 -> {
                List<Datum> items = new ArrayList<>();
                for (int left = random.nextInt(20); left > 0; left--) {
                    items.add(datum(random, depth - 1));
                }
                yield new Datum.Sequence(items);
            }
            default -> {
                Map<String, Datum> fields = new LinkedHashMap<>();
                for (int left = random.nextInt(20); left > 0; left--) {
                    fields.put("field" + left, datum(random, depth - 1));
                }
                yield new Datum.Dictionary(fields);
            }
        };
    }
}
