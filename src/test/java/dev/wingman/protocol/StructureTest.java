package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.fuzz.Mutations;
import java.io.IOException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePackException;
import org.msgpack.core.MessageUnpacker;

class StructureTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "c0",
                "c2",
                "c3",
                "00",
                "7f",
                "ff",
                "e0", // nil, booleans, fixint
                "cc01",
                "cd0001",
                "ce00000001",
                "cf0000000000000001", // unsigned
                "d0ff",
                "d1ffff",
                "d2ffffffff",
                "d3ffffffffffffffff", // signed
                "ca00000000",
                "cb0000000000000000", // floats
                "a0",
                "a161",
                "d90161",
                "da000161",
                "db0000000161", // text
                "c400",
                "c40161",
                "c5000161",
                "c60000000161", // binary
                "d40161",
                "d5016161",
                "d60161616161",
                "d7016161616161616161", // fixext
                "d80161616161616161616161616161616161", // fixext16
                "c7010161",
                "c800010161",
                "c9000000010161", // ext
                "90",
                "91c0",
                "dc0001c0",
                "dd00000001c0", // arrays
                "80",
                "81a161c0",
                "de0001a161c0",
                "df00000001a161c0" // maps
            })
    void acceptsEveryFormat(String hex) {
        assertThatCode(() -> check(bytes(hex))).doesNotThrowAnyException();
        assertThat(Structure.end(bytes(hex + "c0"), 0)).isEqualTo(hex.length() / 2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", // nothing
                "c1", // not used by MessagePack
                "c0c0", // two values
                "cc",
                "cdff",
                "cb00000000000000", // numbers cut short
                "a161" + "62",
                "a2" + "61", // text too short, text too long
                "d40a",
                "c70a01",
                "c9ffffffff01", // ext cut short
                "91",
                "92c0",
                "81a161",
                "82a161c0" // collections cut short
            })
    void refusesWhatIsNotExactlyOneValue(String hex) {
        assertThatThrownBy(() -> check(bytes(hex))).isInstanceOf(ProtocolException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dbffffffff", "c6ffffffff", "c9ffffffff01", "ddffffffff", "dfffffffff",
                "db7fffffff", "c67fffffff", "dd7fffffff", "df7fffffff", "df80000000"
            })
    void refusesLengthsBeyondTheEndWhateverTheirSize(String hex) {
        assertThatThrownBy(() -> check(bytes(hex + "c0c0c0")))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("beyond the end");
    }

    @Test
    void accepts256LevelsOfArrays() {
        assertThatCode(() -> check(nested(256))).doesNotThrowAnyException();
    }

    @Test
    void refuses257LevelsOfArrays() {
        assertThatThrownBy(() -> check(nested(257)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("256 levels");
    }

    @Test
    void aFrameOfNothingButOpeningArraysDoesNotExhaustTheStack() {
        assertThatThrownBy(() -> check(nested(2_000_000)))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("256 levels");
    }

    /** The library's own skipping is the second opinion. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void agreesWithTheLibraryAboutMutatedMessages(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 500; i++) {
            byte[] frame = Mutations.ofBytes(random);

            assertThat(accepts(frame))
                    .as(HexFormat.of().formatHex(frame))
                    .isEqualTo(libraryAccepts(frame));
        }
    }

    private static boolean accepts(byte[] frame) {
        try {
            check(frame);
            return true;
        } catch (ProtocolException _) {
            return false;
        }
    }

    private static boolean libraryAccepts(byte[] frame) {
        try (MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(frame)) {
            unpacker.skipValue();
            return unpacker.getTotalReadBytes() == frame.length;
        } catch (MessagePackException | IOException _) {
            return false;
        }
    }

    private static void check(byte[] bytes) {
        Structure.check(bytes, 0, bytes.length);
    }

    /** Arrays of one item in one another, the innermost empty. */
    private static byte[] nested(int levels) {
        byte[] bytes = new byte[levels];
        Arrays.fill(bytes, (byte) 0x91);
        bytes[levels - 1] = (byte) 0x90;
        return bytes;
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }
}
