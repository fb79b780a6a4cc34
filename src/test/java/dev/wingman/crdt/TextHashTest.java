package dev.wingman.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class TextHashTest {
    @ParameterizedTest
    @CsvSource({
        "'', 2166136261",
        "a, 3826002220",
        "hello, 1335831723",
        "key1, 927623783",
        "key-0, 1491088857",
        "user:42, 795573122",
        "Привет, 939894811",
        "user:alice, 927278352",
        "key1:100:0:test, 3988528110",
        "héllo, 4058363231",
        "日本, 1610399396",
        "😀, 3409036472",
        "ключ, 866290361"
    })
    void hashesTextAsTheClientDoes(String text, long hash) {
        assertThat(Integer.toUnsignedLong(TextHash.of(text))).isEqualTo(hash);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void hashOfAnEntryIsThatOfItsText(long seed) {
        var random = new SplittableRandom(seed);
        int bits = random.nextInt(1, Long.SIZE); // numbers of all lengths
        var timestamp =
                new Timestamp(random.nextLong(1L << (bits - 1)), random.nextLong(12), "node-1");

        int hash = TextHash.ofEntry("key1", timestamp);

        assertThat(hash).isEqualTo(TextHash.of("key1:" + timestamp));
    }

    @ParameterizedTest
    @CsvSource({"0", "9", "10", "99", "100", "9223372036854775807"})
    void numbersAreHashedAsTheirDecimalDigits(long number) {
        int hash = TextHash.ofEntry("k", new Timestamp(number, number, ""));

        assertThat(hash).isEqualTo(TextHash.of("k:" + number + ":" + number + ":"));
    }
}
