package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchDecodingTest {
    private static final byte[] PING = Json.frame("{\"type\": \"PING\", \"timestamp\": 1}");
    private static final ClientMessage PINGED =
            new ClientMessage.Ping(Value.of(new Datum.Whole(1)));
    private static final int MAX_ITEMS = 10;

    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 1024, MAX_ITEMS));

    @Test
    void itemsAreMessagesInTheirOrder() {
        byte[] unsubscribe =
                Json.frame("{\"type\":\"QUERY_UNSUB\",\"payload\":{\"queryId\":\"q\"}}");

        assertThat(decode(framed(PING, unsubscribe)))
                .isEqualTo(batch(2, PINGED, new ClientMessage.QueryUnsubscribe("q")));
    }

    @Test
    void whatDoesNotDecodeIsCountedAndSkipped() {
        byte[] garbage = {(byte) 0xc1};
        byte[] unknown = Json.frame("{\"type\": \"SOMETHING_NEW\"}");
        byte[] empty = {};
        byte[] tooDeep = new byte[300];
        Arrays.fill(tooDeep, (byte) 0x91);

        assertThat(decode(framed(garbage, PING, unknown, empty, tooDeep, PING)))
                .isEqualTo(batch(6, PINGED, PINGED));
    }

    @Test
    void batchesDoNotNest() {
        byte[] nested = frame(bin(framed(PING)));

        assertThat(decode(framed(nested, PING))).isEqualTo(batch(2, PINGED));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "0000", "000000", "00000005c0", "ffffffffc0", "7fffffff"})
    void aTailCutShortEndsTheBatch(String tail) {
        byte[] whole = framed(PING);
        byte[] data = concat(whole, HexFormat.of().parseHex(tail));

        assertThat(decode(data)).isEqualTo(batch(1, PINGED));
    }

    @Test
    void itemsOfNoLengthCount() {
        assertThat(decode(new byte[4 * 5])).isEqualTo(batch(5));
    }

    @Test
    void tooManyItemsAreOnlyCounted() {
        byte[][] items = new byte[MAX_ITEMS + 1][];
        Arrays.fill(items, PING);

        assertThat(decode(framed(items))).isEqualTo(batch(MAX_ITEMS + 1));
        assertThat(decode(framed(Arrays.copyOf(items, MAX_ITEMS))))
                .isInstanceOfSatisfying(
                        Decoded.Message.class,
                        decoded ->
                                assertThat(decoded.message())
                                        .isInstanceOfSatisfying(
                                                ClientMessage.Batch.class,
                                                full ->
                                                        assertThat(full.items())
                                                                .hasSize(MAX_ITEMS)));
    }

    @Test
    void dataMayBeAMapOfIndexesInAnyOrder() {
        byte[] data = framed(PING);
        Map<String, Datum> bytes = new LinkedHashMap<>();
        for (int i = data.length - 1; i >= 0; i--) {
            bytes.put(Integer.toString(i), new Datum.Whole(Byte.toUnsignedInt(data[i])));
        }

        assertThat(codec.decode(frame(new Datum.Dictionary(bytes)))).isEqualTo(batch(1, PINGED));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"1\": 0}", // a gap
                "{\"0\": 256}",
                "{\"0\": -1}",
                "{\"0\": \"a\"}",
                "{\"\": 0}",
                "{\"x\": 0}",
                "{\"-1\": 0}",
                "{\"0\": 0, \"00\": 0}",
                "{\"99999999999999999999\": 0}"
            })
    void aMapThatIsNoIndexMapIsMalformed(String json) {
        assertThat(codec.decode(frame(Json.datum(json)))).isInstanceOf(Decoded.Malformed.class);
    }

    private Decoded decode(byte[] data) {
        return codec.decode(frame(bin32(data)));
    }

    private static Decoded batch(int framedItems, ClientMessage... items) {
        return new Decoded.Message(new ClientMessage.Batch(framedItems, List.of(items)));
    }

    private static byte[] frame(Datum data) {
        Map<String, Datum> fields = new HashMap<>();
        fields.put("type", new Datum.Text("BATCH"));
        fields.put("count", new Datum.Whole(99)); // not trusted
        fields.put("data", data);
        return Value.of(new Datum.Dictionary(fields)).encoded();
    }

    private static byte[] framed(byte[]... items) {
        var data = new ByteArrayOutputStream();
        for (byte[] item : items) {
            data.writeBytes(ByteBuffer.allocate(4).putInt(item.length).array());
            data.writeBytes(item);
        }
        return data.toByteArray();
    }

    private static Datum bin(byte[] data) {
        return new Datum.Binary(
                Value.ofEncoded(concat(new byte[] {(byte) 0xc4, (byte) data.length}, data)));
    }

    private static Datum bin32(byte[] data) {
        byte[] header = ByteBuffer.allocate(5).put((byte) 0xc6).putInt(data.length).array();
        return new Datum.Binary(Value.ofEncoded(concat(header, data)));
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
