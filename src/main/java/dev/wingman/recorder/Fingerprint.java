package dev.wingman.recorder;

import java.util.Arrays;
import java.util.HexFormat;

/** SHA-256 over the canonical form of a request. Equal requests have equal fingerprints. */
@SuppressWarnings("ArrayRecordComponent") // compared by content below
record Fingerprint(byte[] hash) {
    static final int BYTES = 32;

    /** Stands before the first request of a recording. */
    static final Fingerprint HEAD =
            new Fingerprint(
                    HexFormat.of()
                            .parseHex(
                                    "b4d6e60a9b97e7b98c63df9308728c5c88c0b40c398046772c63447b94608b4d"));

    Fingerprint {
        if (hash.length != BYTES) {
            throw new IllegalArgumentException("a fingerprint has 32 bytes, not " + hash.length);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Fingerprint(var theirs) && Arrays.equals(hash, theirs);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(hash);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(hash);
    }
}
