package dev.wingman.protocol;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Frames that are almost right. */
final class Mutations {
    private Mutations() {}

    /** A fixture with one to four of its bytes changed, and now and then a changed length. */
    static byte[] ofFixture(SplittableRandom random) {
        String name = Fixtures.NAMES.get(random.nextInt(Fixtures.NAMES.size()));
        byte[] frame = Fixtures.frame(name);
        change(frame, random);
        return random.nextInt(8) == 0
                ? Arrays.copyOf(frame, random.nextInt(2 * frame.length))
                : frame;
    }

    /** One to four of its bytes. */
    static void change(byte[] frame, SplittableRandom random) {
        for (int changes = random.nextInt(1, 5); changes > 0; changes--) {
            frame[random.nextInt(frame.length)] = interesting(random);
        }
    }

    /** The headers of MessagePack are rare among random bytes, so they are drawn more often. */
    private static byte interesting(SplittableRandom random) {
        return (byte) (random.nextBoolean() ? random.nextInt(0xc0, 0xe0) : random.nextInt(0x100));
    }
}
