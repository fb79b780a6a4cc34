package dev.wingman.storage;

import static dev.wingman.storage.RecordStoreContract.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Value;
import dev.wingman.storage.StoreException.Problem;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordFormatTest {
    private static final StoredRecord SMALL =
            new StoredRecord(
                    new LwwRecord<>(
                            Value.ofEncoded(new byte[] {(byte) 0xc3}),
                            new Timestamp(300, 1, "n\u00e9"),
                            0),
                    2,
                    new Stamp(128, 3));

    /** Stores on disk are made of this: a change needs a new version number. */
    @Test
    void theBytesOfVersionOneDoNotChange() {
        assertThat(HexFormat.of().formatHex(encode(SMALL)))
                .isEqualTo("010100" + "ac0201" + "03" + "6ec3a9" + "00" + "02" + "800103" + "c3");
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void whatIsEncodedDecodesToTheSame(long seed) {
        StoredRecord stored = random(new SplittableRandom(seed));

        assertThat(RecordFormat.decode(encode(stored))).isEqualTo(stored);
    }

    @Test
    void aRecordThatEndsTooEarlyIsDamaged() {
        byte[] encoded = encode(SMALL);
        int header = encoded.length - 1;

        for (int length = 0; length < header; length++) {
            byte[] cut = Arrays.copyOf(encoded, length);
            assertThat(failureOf(() -> RecordFormat.decode(cut)).problem())
                    .isEqualTo(Problem.DAMAGED);
        }
    }

    @Test
    void aLengthBeyondTheRecordIsRefusedBeforeAnythingIsAllocated() {
        byte[] encoded = HexFormat.of().parseHex("010100" + "0000" + "ffffffff07");

        assertThat(failureOf(() -> RecordFormat.decode(encoded)).problem())
                .isEqualTo(Problem.DAMAGED);
    }

    @Test
    void anUnknownVersionIsNotGuessedAt() {
        byte[] encoded = encode(SMALL);
        encoded[0] = 2;

        assertThat(failureOf(() -> RecordFormat.decode(encoded)))
                .hasMessageContaining("unknown version 2");
    }

    private static StoredRecord random(SplittableRandom random) {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        var timestamp = new Timestamp(number(random), number(random), "node-" + number(random));
        Value value = random.nextInt(4) == 0 ? null : Value.ofEncoded(bytes);
        return new StoredRecord(
                new LwwRecord<>(value, timestamp, number(random)),
                number(random),
                new Stamp(number(random), number(random)));
    }

    /** Of every length in bits alike. */
    private static long number(SplittableRandom random) {
        return random.nextLong() >>> random.nextInt(1, Long.SIZE);
    }

    private static byte[] encode(StoredRecord stored) {
        ByteBuffer buffer = ByteBuffer.allocate(RecordFormat.maxSize(stored));
        RecordFormat.encode(stored, buffer);
        return Arrays.copyOf(buffer.array(), buffer.position());
    }
}
