package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever arrives, decoding returns and the next frame decodes as ever. */
class HostileFramesTest {
    private static final int PER_SEED = 2_000;
    private static final byte[] PING = Fixtures.frame("PING");

    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 512 * 1024));

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void mutatedMessagesLeaveTheCodecSound(long seed) {
        var random = new SplittableRandom(seed);
        Decoded expected = codec.decode(PING);

        for (int i = 0; i < PER_SEED; i++) {
            byte[] frame = Mutations.ofFixture(random);
            Decoded decoded = codec.decode(frame);
            trySyncRequest(frame);

            assertThat(codec.decode(PING)).as("after %s", decoded).isEqualTo(expected);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void randomBytesAreNeverAMessage(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < PER_SEED; i++) {
            byte[] frame = new byte[random.nextInt(200)];
            random.nextBytes(frame);

            assertThat(codec.decode(frame)).isInstanceOf(Decoded.Malformed.class);
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
