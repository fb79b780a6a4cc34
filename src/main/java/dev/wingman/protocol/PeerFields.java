package dev.wingman.protocol;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.msgpack.value.ValueType;

/**
 * The fields of one map in a message between nodes: found in one pass, then read in any order. Nil
 * and missing are the same, the first of two fields with one name counts, and a value of another
 * type than asked for breaks a rule.
 *
 * <p>Good for as long as its {@link WireReader} stays with the frame.
 */
final class PeerFields {
    /** Far more than any message has; it bounds what a map of a million fields makes of us. */
    static final int MAX_FIELDS = 64;

    static final long MAX_U32 = 0xffff_ffffL;

    private final WireReader in;
    private final String[] names;
    private final int[] starts;
    private int count;

    /** What is made of a map. */
    @FunctionalInterface
    interface Made<T> {
        T of(PeerFields fields) throws IOException;
    }

    /** What is made of the next item of an array, which it consumes. */
    @FunctionalInterface
    interface Item<T> {
        T next() throws IOException;
    }

    private PeerFields(WireReader in, int size) {
        this.in = in;
        names = new String[size];
        starts = new int[size];
    }

    /** Consumes the next value, a map. */
    static <T> T read(WireReader in, Made<T> made) throws IOException {
        if (!in.nextIs(ValueType.MAP)) {
            throw broken("a message, and every structure in it, is a map");
        }
        int size = in.mapSize();
        if (size > MAX_FIELDS) {
            throw broken("a map has at most " + MAX_FIELDS + " fields, not " + size);
        }
        var fields = new PeerFields(in, size);
        for (int left = size; left > 0; left--) {
            fields.index();
        }
        int end = in.position();
        T result = made.of(fields);
        in.moveTo(end);
        return result;
    }

    private void index() throws IOException {
        names[count] = in.key();
        starts[count] = in.position();
        if (in.present()) {
            count++;
        }
    }

    boolean has(String field) {
        return indexOf(field) >= 0;
    }

    private int indexOf(String field) {
        for (int i = 0; i < count; i++) {
            if (names[i].equals(field)) {
                return i;
            }
        }
        return -1;
    }

    /** Puts the reader before the field's value, which is of that type. */
    private void seek(String field, ValueType type) throws IOException {
        moveTo(field);
        if (!in.nextIs(type)) {
            throw broken(field + " is " + type);
        }
    }

    private void moveTo(String field) throws IOException {
        int index = indexOf(field);
        if (index < 0) {
            throw broken(field + " is missing");
        }
        in.moveTo(starts[index]);
    }

    String text(String field) throws IOException {
        seek(field, ValueType.STRING);
        String text = in.text();
        return text == null ? "" : text;
    }

    @Nullable String optionalText(String field) throws IOException {
        return has(field) ? text(field) : null;
    }

    @Nullable UUID optionalUuid(String field) throws IOException {
        return has(field) ? UUID.fromString(text(field)) : null;
    }

    /** That of the values which has this text; the text itself is a stranger's and not repeated. */
    <T> T oneOf(List<T> values, Function<T, String> text, String field) throws IOException {
        String given = text(field);
        for (T value : values) {
            if (text.apply(value).equals(given)) {
                return value;
            }
        }
        throw broken(field + " is one of " + values.stream().map(text).toList());
    }

    boolean flag(String field) throws IOException {
        seek(field, ValueType.BOOLEAN);
        return in.bool();
    }

    /** 0 to 2^63 - 1. */
    long u64(String field) throws IOException {
        return atMost(Long.MAX_VALUE, field);
    }

    /** 0 to 2^32 - 1. */
    long u32(String field) throws IOException {
        return atMost(MAX_U32, field);
    }

    int port(String field) throws IOException {
        return (int) atMost(MemberInfo.MAX_PORT, field);
    }

    int partition(String field) throws IOException {
        return (int) atMost(Partitions.COUNT - 1, field);
    }

    private long atMost(long max, String field) throws IOException {
        seek(field, ValueType.INTEGER);
        return atMost(max, in, field);
    }

    /** The next value, a whole number. */
    static long atMost(long max, WireReader in, String what) throws IOException {
        long number = in.whole(WireReader.NOT_WHOLE);
        if (number < 0 || number > max) {
            throw broken(what + " is a whole number, 0 to " + max);
        }
        return number;
    }

    /** All 64 bits of it. */
    long bits(String field) throws IOException {
        seek(field, ValueType.INTEGER);
        return in.bits();
    }

    Bytes bytes(String field) throws IOException {
        moveTo(field);
        Bytes bytes = in.nextIs(ValueType.BINARY) || in.nextIs(ValueType.ARRAY) ? in.bytes() : null;
        if (bytes == null) {
            throw broken(field + " is bin, or an array of numbers, 0 to 255");
        }
        return bytes;
    }

    <T> T map(String field, Made<T> made) throws IOException {
        seek(field, ValueType.MAP);
        return read(in, made);
    }

    <T> List<T> list(String field, Item<T> item) throws IOException {
        seek(field, ValueType.ARRAY);
        int size = in.arraySize();
        List<T> items = new ArrayList<>(); // grows with what is read, not with what is announced
        for (int left = size; left > 0; left--) {
            items.add(item.next());
        }
        return items;
    }

    /** Empty when the field is missing. */
    <T> List<T> optionalList(String field, Item<T> item) throws IOException {
        return has(field) ? list(field, item) : List.of();
    }

    static ProtocolException broken(String rule) {
        return new ProtocolException(ErrorCode.BAD_REQUEST, rule);
    }
}
