package dev.wingman.protocol;

/**
 * The shape of MessagePack bytes: how far a value reaches and how deep it nests.
 *
 * <p>Checked before anything is parsed, because a header of five bytes may announce gigabytes: past
 * this check a parser neither allocates for what is not there nor runs off the end.
 */
final class Structure {
    /** Maps and arrays inside one another; the outermost is the first. */
    static final int MAX_DEPTH = 256;

    private Structure() {}

    /** Refuses bytes that are not exactly one value of at most {@link #MAX_DEPTH} levels. */
    static void check(byte[] bytes, int from, int to) {
        int end = end(bytes, from, to, 1);
        if (end != to) {
            throw malformed("bytes after the end of the value");
        }
    }

    /** Where the value ends that begins at {@code at}; it has been checked before. */
    static int end(byte[] bytes, int at) {
        return end(bytes, at, bytes.length, 1);
    }

    private static int end(byte[] bytes, int at, int to, int level) {
        int head = (int) unsigned(bytes, at, 1, to);
        int next = at + 1;
        if (head <= 0x7f || head >= 0xe0) { // fixint
            return next;
        }
        if (head <= 0x8f) { // fixmap
            return items(bytes, next, to, 2L * (head & 0x0f), level);
        }
        if (head <= 0x9f) { // fixarray
            return items(bytes, next, to, head & 0x0f, level);
        }
        if (head <= 0xbf) { // fixstr
            return payload(next, head & 0x1f, to);
        }
        return switch (head) {
            case 0xc0, 0xc2, 0xc3 -> next; // nil, false, true
            case 0xc4, 0xd9 -> payload(next + 1, unsigned(bytes, next, 1, to), to); // bin8, str8
            case 0xc5, 0xda -> payload(next + 2, unsigned(bytes, next, 2, to), to);
            case 0xc6, 0xdb -> payload(next + 4, unsigned(bytes, next, 4, to), to);
            case 0xc7 -> payload(next + 2, unsigned(bytes, next, 1, to), to); // ext8 and its type
            case 0xc8 -> payload(next + 3, unsigned(bytes, next, 2, to), to);
            case 0xc9 -> payload(next + 5, unsigned(bytes, next, 4, to), to);
            case 0xcc, 0xd0 -> payload(next, 1, to); // integers and floats
            case 0xcd, 0xd1 -> payload(next, 2, to);
            case 0xca, 0xce, 0xd2 -> payload(next, 4, to);
            case 0xcb, 0xcf, 0xd3 -> payload(next, 8, to);
            case 0xd4, 0xd5, 0xd6, 0xd7, 0xd8 -> // fixext 1, 2, 4, 8, 16 and its type
                    payload(next + 1, 1L << (head - 0xd4), to);
            case 0xdc -> items(bytes, next + 2, to, unsigned(bytes, next, 2, to), level);
            case 0xdd -> items(bytes, next + 4, to, unsigned(bytes, next, 4, to), level);
            case 0xde -> items(bytes, next + 2, to, 2 * unsigned(bytes, next, 2, to), level);
            case 0xdf -> items(bytes, next + 4, to, 2 * unsigned(bytes, next, 4, to), level);
            default -> throw malformed("a byte that MessagePack does not use");
        };
    }

    private static int items(byte[] bytes, int at, int to, long count, int level) {
        if (level > MAX_DEPTH) {
            throw malformed("nested deeper than " + MAX_DEPTH + " levels");
        }
        if (count > to - at) { // an item has at least one byte
            throw truncated();
        }
        int end = at;
        for (long i = 0; i < count; i++) {
            end = end(bytes, end, to, level + 1);
        }
        return end;
    }

    private static int payload(int at, long size, int to) {
        if (size > to - at) {
            throw truncated();
        }
        return at + (int) size;
    }

    private static long unsigned(byte[] bytes, int at, int size, int to) {
        if (size > to - at) {
            throw truncated();
        }
        long number = 0;
        for (int i = at; i < at + size; i++) {
            number = (number << Byte.SIZE) | (bytes[i] & 0xff);
        }
        return number;
    }

    private static ProtocolException truncated() {
        return malformed("a value ends beyond the end of the message");
    }

    private static ProtocolException malformed(String reason) {
        return new ProtocolException(ErrorCode.BAD_REQUEST, reason);
    }
}
