package dev.wingman.protocol;

import dev.wingman.crdt.Timestamp;
import java.io.IOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.msgpack.core.MessageFormat;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessageUnpacker;
import org.msgpack.core.buffer.ArrayBufferInput;
import org.msgpack.value.ValueType;

/**
 * A cursor over one MessagePack value that {@link Structure} has found sound.
 *
 * <p>Every read consumes exactly one value, and a value of another type than asked for reads as
 * absent: so whatever a peer sends, the reader knows where it is.
 *
 * <p>An unpacker costs 17 KB to make, so each thread keeps one. Callers are event loops and a fixed
 * set of workers, hence few; a pool would need a lock and a confined reader would have to be handed
 * through all layers. One frame at a time: {@link #close} forgets it, so that an idle thread does
 * not hold it in memory.
 */
final class WireReader implements AutoCloseable {
    /** Not a whole number in the range of {@code long}. No field of the protocol is negative. */
    static final long NOT_WHOLE = Long.MIN_VALUE;

    /**
     * Beyond it JavaScript, which reads every number as a double, would see another timestamp than
     * we do, and hash another.
     */
    static final long MAX_TIMESTAMP_PART = (1L << 53) - 1;

    /** UTF-16 code units: a node id is kept with every record that the node writes. */
    static final int MAX_NODE_ID_LENGTH = 256;

    private static final double TWO_TO_63 = 0x1p63;
    private static final byte[] NOTHING = {};
    private static final ThreadLocal<WireReader> PER_THREAD =
            ThreadLocal.withInitial(WireReader::new);

    private final ArrayBufferInput input = new ArrayBufferInput(NOTHING);
    private final MessageUnpacker unpacker = MessagePack.newDefaultUnpacker(input);
    private byte[] bytes = NOTHING;
    private int to;

    /** Where the unpacker, which counts from there, was last put. */
    private int base;

    /** The present map: whose fields {@link #seek} looks through. */
    private int mapStart;

    private WireReader() {}

    /** The thread's reader, before the first byte of the frame. */
    static WireReader over(byte[] frame) throws IOException {
        WireReader reader = PER_THREAD.get();
        reader.open(frame, 0, frame.length);
        return reader;
    }

    /** Leaves the present frame for another. */
    void open(byte[] frame, int from, int end) throws IOException {
        bytes = frame;
        to = end;
        mapStart = from;
        reset(from);
    }

    /** Forgets the frame. */
    @Override
    public void close() throws IOException {
        open(NOTHING, 0, 0);
    }

    /** Only to where a value of the frame begins or ends. */
    void moveTo(int at) throws IOException {
        if (position() != at) {
            reset(at);
        }
    }

    private void reset(int at) throws IOException {
        base = at;
        input.reset(bytes, at, to - at);
        var _ = unpacker.reset(input);
    }

    int position() {
        return base + (int) unpacker.getTotalReadBytes();
    }

    /** Moves to the value of the field in the present map; false when there is none. */
    boolean seek(String field) throws IOException {
        moveTo(mapStart);
        for (int left = mapSize(); left > 0; left--) {
            if (field.equals(key())) {
                return true;
            }
            skip();
        }
        return false;
    }

    /** Makes the map in the field the present one; false when there is none. */
    boolean enter(String field) throws IOException {
        if (!seek(field) || !nextIs(ValueType.MAP)) {
            return false;
        }
        mapStart = position();
        return true;
    }

    /** The text in that field of the present map; null when there is none. */
    @Nullable String text(String field) throws IOException {
        return seek(field) ? text() : null;
    }

    boolean nextIs(ValueType type) throws IOException {
        return unpacker.getNextFormat().getValueType() == type;
    }

    boolean nextIsNumber() throws IOException {
        return unpacker.getNextFormat().getValueType().isNumberType();
    }

    /** Encoded size of the present map. */
    int mapBytes() {
        return bytesOf(mapStart);
    }

    private int bytesOf(int valueStart) {
        return Structure.end(bytes, valueStart) - valueStart;
    }

    void skip() throws IOException {
        unpacker.skipValue();
    }

    /** Consumes the next value and tells whether it was anything but nil. */
    boolean present() throws IOException {
        boolean present = !nextIs(ValueType.NIL);
        skip();
        return present;
    }

    /** Number of entries of the next map, which is entered; 0 after a value that is no map. */
    int mapSize() throws IOException {
        if (nextIs(ValueType.MAP)) {
            return unpacker.unpackMapHeader();
        }
        skip();
        return 0;
    }

    /** Number of items of the next array, which is entered; 0 after a value that is no array. */
    int arraySize() throws IOException {
        if (nextIs(ValueType.ARRAY)) {
            return unpacker.unpackArrayHeader();
        }
        skip();
        return 0;
    }

    /** As {@link #arraySize()}, refusing more than so many items. */
    int arraySize(int maxItems) throws IOException {
        int size = arraySize();
        if (size > maxItems) {
            throw new ProtocolException(
                    ErrorCode.TOO_LARGE, "at most " + maxItems + " items, not " + size);
        }
        return size;
    }

    /** A field's name; empty, which no field is, for a key that is not text. */
    String key() throws IOException {
        String key = text();
        return key == null ? "" : key;
    }

    @Nullable String text() throws IOException {
        if (nextIs(ValueType.STRING)) {
            return unpacker.unpackString();
        }
        skip();
        return null;
    }

    /** The different texts in the next array; other items are left out. */
    List<String> texts(int maxItems) throws IOException {
        Set<String> texts = new LinkedHashSet<>();
        for (int left = arraySize(maxItems); left > 0; left--) {
            String text = text();
            if (text != null) {
                texts.add(text);
            }
        }
        return List.copyOf(texts);
    }

    /** Text, or a whole number as its decimal digits: some clients number their ops. */
    @Nullable String idText() throws IOException {
        if (nextIs(ValueType.INTEGER)) {
            return unpacker.unpackBigInteger().toString();
        }
        if (nextIs(ValueType.FLOAT)) {
            long whole = whole(NOT_WHOLE);
            return whole == NOT_WHOLE ? null : Long.toString(whole);
        }
        return text();
    }

    /** A whole number in any format; {@link #NOT_WHOLE} for every other value but nil. */
    long whole(long ifNil) throws IOException {
        MessageFormat format = unpacker.getNextFormat();
        return switch (format.getValueType()) {
            case INTEGER -> integer(format);
            case FLOAT -> asWhole(unpacker.unpackDouble());
            case NIL, BOOLEAN, STRING, BINARY, ARRAY, MAP, EXTENSION ->
                    present() ? NOT_WHOLE : ifNil;
        };
    }

    private long integer(MessageFormat format) throws IOException {
        if (format != MessageFormat.UINT64) {
            return unpacker.unpackLong();
        }
        BigInteger number = unpacker.unpackBigInteger();
        return number.bitLength() < Long.SIZE ? number.longValue() : NOT_WHOLE;
    }

    /** The number as {@code long}; {@link #NOT_WHOLE} when it is not one. */
    static long asWhole(double number) {
        boolean isWhole = number == Math.rint(number) && Math.abs(number) < TWO_TO_63;
        return isWhole ? (long) number : NOT_WHOLE;
    }

    /** Null when it is not a timestamp of the protocol. */
    @Nullable Timestamp timestamp() throws IOException {
        long millis = NOT_WHOLE;
        long counter = NOT_WHOLE;
        String nodeId = null;
        for (int left = mapSize(); left > 0; left--) {
            switch (key()) {
                case "millis" -> millis = whole(NOT_WHOLE);
                case "counter" -> counter = whole(NOT_WHOLE);
                case "nodeId" -> nodeId = text();
                default -> skip();
            }
        }
        boolean sound = isTimestampPart(millis) && isTimestampPart(counter);
        return sound && nodeId != null && isNodeId(nodeId)
                ? new Timestamp(millis, counter, nodeId)
                : null;
    }

    private static boolean isNodeId(String text) {
        return text.length() <= MAX_NODE_ID_LENGTH && text.indexOf(':') < 0;
    }

    private static boolean isTimestampPart(long number) {
        return number >= 0 && number <= MAX_TIMESTAMP_PART;
    }

    /** The bytes of the next value as they stand. */
    Value value() throws IOException {
        int from = position();
        skip();
        return slice(from, position());
    }

    Value slice(int from, int end) {
        return Value.ofEncoded(Arrays.copyOfRange(bytes, from, end));
    }

    /** The present map, decoded as a whole. */
    Datum map() throws IOException {
        moveTo(mapStart);
        return ValueCodec.read(this);
    }

    /**
     * The maps in the array in that field of the present map, each decoded as a whole; none when
     * the field is missing or nil.
     */
    <T> List<T> maps(String field, int maxItems, Function<Fields, T> made) throws IOException {
        if (!seek(field) || nextIs(ValueType.NIL)) {
            return List.of();
        }
        if (!nextIs(ValueType.ARRAY)) {
            throw new ProtocolException(ErrorCode.BAD_REQUEST, field + " is an array");
        }
        List<T> items = new ArrayList<>();
        for (int left = arraySize(maxItems); left > 0; left--) {
            if (bytesOf(position()) > Fields.MAX_BYTES) {
                throw new ProtocolException(
                        ErrorCode.TOO_LARGE,
                        "an item of " + field + " has at most " + Fields.MAX_BYTES + " bytes");
            }
            items.add(made.apply(Fields.of(field, ValueCodec.read(this))));
        }
        return List.copyOf(items);
    }

    /** Only when a number is next. */
    Datum number() throws IOException {
        MessageFormat format = unpacker.getNextFormat();
        if (format.getValueType() == ValueType.FLOAT) {
            return new Datum.Real(unpacker.unpackDouble());
        }
        if (format != MessageFormat.UINT64) {
            return new Datum.Whole(unpacker.unpackLong());
        }
        BigInteger number = unpacker.unpackBigInteger();
        return number.bitLength() < Long.SIZE
                ? new Datum.Whole(number.longValue())
                : new Datum.Real(number.doubleValue());
    }

    /** Only when a boolean is next. */
    boolean bool() throws IOException {
        return unpacker.unpackBoolean();
    }

    ValueType nextType() throws IOException {
        return unpacker.getNextFormat().getValueType();
    }

    /** Binary data: bin, or the map of indexes that JavaScript makes of it; null for others. */
    byte @Nullable [] binary() throws IOException {
        return switch (nextType()) {
            case BINARY -> unpacker.readPayload(unpacker.unpackBinaryHeader());
            case MAP -> indexMap();
            case NIL, BOOLEAN, INTEGER, FLOAT, STRING, ARRAY, EXTENSION -> {
                skip();
                yield null;
            }
        };
    }

    /** Only when bin or an array of bytes is next; null when it is an array of anything else. */
    @Nullable Bytes bytes() throws IOException {
        if (nextIs(ValueType.BINARY)) {
            return Bytes.of(unpacker.readPayload(unpacker.unpackBinaryHeader()));
        }
        byte[] array = new byte[arraySize()];
        boolean sound = true;
        for (int i = 0; i < array.length; i++) {
            long unsigned = whole(NOT_WHOLE);
            sound &= unsigned >= 0 && unsigned <= 0xff;
            array[i] = (byte) unsigned;
        }
        return sound ? Bytes.of(array) : null;
    }

    /** Only when an integer is next: its 64 bits, those of a uint64 that exceeds long included. */
    long bits() throws IOException {
        return unpacker.getNextFormat() == MessageFormat.UINT64
                ? unpacker.unpackBigInteger().longValue()
                : unpacker.unpackLong();
    }

    /** {@code {"0": b0, "1": b1, …}} in any order, every index once. */
    private byte @Nullable [] indexMap() throws IOException {
        int size = mapSize();
        var seen = new boolean[size];
        byte[] data = new byte[size];
        boolean sound = true;
        for (int left = size; left > 0; left--) {
            int index = index(key(), size);
            long unsigned = whole(NOT_WHOLE);
            if (index < 0 || seen[index] || unsigned < 0 || unsigned > 0xff) {
                sound = false;
            } else {
                seen[index] = true;
                data[index] = (byte) unsigned;
            }
        }
        return sound ? data : null;
    }

    private static int index(String text, int size) {
        // Nine digits always fit an int, and no frame holds a thousand million entries.
        boolean isNumber = text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int index = isNumber && !text.isEmpty() ? Integer.parseInt(text) : -1;
        return index < size ? index : -1;
    }
}
