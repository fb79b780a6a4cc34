package dev.wingman.crdt;

/**
 * 32-bit FNV-1a over UTF-16 code units, one unit a step, as the TypeScript client computes it (wire
 * protocol 4.4). Results are unsigned: widen with {@link Integer#toUnsignedLong}.
 *
 * <p>Source: Fowler, Noll, Vo, "The FNV Non-Cryptographic Hash Algorithm"; the original steps by
 * byte.
 */
public final class TextHash {
    private static final int OFFSET_BASIS = 0x811c9dc5;
    private static final int PRIME = 0x01000193;

    private TextHash() {}

    public static int of(String text) {
        return continued(OFFSET_BASIS, text);
    }

    /** Hash of {@code key:timestamp}, without building that text. */
    public static int ofEntry(String key, Timestamp timestamp) {
        int hash = step(of(key), ':');
        hash = step(decimal(hash, timestamp.millis()), ':');
        hash = step(decimal(hash, timestamp.counter()), ':');
        return continued(hash, timestamp.nodeId());
    }

    private static int continued(int hash, String text) {
        for (int i = 0; i < text.length(); i++) {
            hash = step(hash, text.charAt(i));
        }
        return hash;
    }

    private static int decimal(int hash, long number) {
        long unit = 1;
        while (number / unit >= 10) {
            unit *= 10;
        }
        for (; unit > 0; unit /= 10) {
            hash = step(hash, (char) ('0' + number / unit % 10));
        }
        return hash;
    }

    private static int step(int hash, char unit) {
        return (hash ^ unit) * PRIME;
    }
}
