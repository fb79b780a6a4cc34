package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyTest {
    @ParameterizedTest
    @CsvSource({
        "'', 199",
        "hello, 95",
        "key1, 268",
        "key-0, 245",
        "user:42, 48",
        "Привет, 145",
        "user:alice, 91",
        "héllo, 21",
        "日本, 53",
        "😀, 102",
        "ключ, 108"
    })
    void partitionIsTheUnsignedHashModulo271(String text, int partition) {
        assertThat(new Key(text).partition()).isEqualTo(partition);
    }

    @ParameterizedTest
    @CsvSource({"'', 0", "key1, 4", "héllo, 6", "日本, 6", "😀, 4", "ключ, 8"})
    void sizeIsThatOfUtf8(String text, int bytes) {
        assertThat(new Key(text).sizeBytes()).isEqualTo(bytes);
    }
}
