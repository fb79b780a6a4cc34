package dev.wingman.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.ClientMessage;
import dev.wingman.protocol.Decoded;
import dev.wingman.protocol.Fixtures;
import dev.wingman.protocol.MessageCodec;
import dev.wingman.protocol.ProtocolException;
import dev.wingman.protocol.WireLimits;
import dev.wingman.testing.Seeds;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever arrives, decoding returns and the next frame decodes as ever. {@code -Dfuzz.inputs=…}
 * says how many frames; {@code -Dseed=…} replays those of one seed.
 */
class CodecFuzzTest {
    private static final int PER_SEED = 500;
    private static final byte[] PING = Fixtures.frame("PING");

    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 512 * 1024));

    static LongStream seeds() {
        return Seeds.some(Integer.getInteger("fuzz.inputs", 50_000) / PER_SEED);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void mutatedMessagesLeaveTheCodecSound(long seed) {
        var random = new SplittableRandom(seed);
        Decoded expected = codec.decode(PING);

        for (int i = 0; i < PER_SEED; i++) {
            byte[] frame = Mutations.ofFixture(random);
            Decoded decoded = codec.decode(frame);
            tryAnswer(decoded);
            trySyncRequest(frame);

            assertThat(codec.decode(PING)).as("after %s", decoded).isEqualTo(expected);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void randomBytesAreNeverAMessage(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < PER_SEED; i++) {
            byte[] frame = new byte[random.nextInt(200)];
            random.nextBytes(frame);

            assertThat(codec.decode(frame)).isInstanceOf(Decoded.Malformed.class);
        }
    }

    /** What is refused is refused within the size of a message. */
    private void tryAnswer(Decoded decoded) {
        if (decoded instanceof Decoded.Message(ClientMessage.Refused(var reply))) {
            assertThat(codec.encode(reply)).hasSizeLessThan(128 << 10);
        } else if (decoded instanceof Decoded.Message(ClientMessage.NotAvailable(_, var reply))) {
            assertThat(codec.encode(reply)).hasSizeLessThan(128 << 10);
        }
    }

    private void trySyncRequest(byte[] body) {
        try {
            assertThat(codec.decodeSyncRequest(body)).isNotNull();
        } catch (ProtocolException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
