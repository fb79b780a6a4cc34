package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpDecodingTest {
    private static final MapName MAP = new MapName("m");
    private static final Key KEY = new Key("k");
    private static final Timestamp AT = new Timestamp(5, 1, "n");
    private static final String TS = "'timestamp': {'millis': 5, 'counter': 1, 'nodeId': 'n'}";
    private static final String OR_MAPS = "OR maps are not available on this server";

    private final MessageCodec codec = new MessageCodec(new WireLimits(8, 16));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "'opType': 'PUT',",
                "'opType': null,",
                "'orTag': null, 'orRecord': null,"
            })
    void aRecordWithAValueIsAPut(String type) {
        assertThat(op(type + "'record': {'value': 7, " + TS + "}"))
                .isEqualTo(write(new Datum.Whole(7), 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'opType': 'REMOVE', 'record': {'value': null, ",
                "'opType': 'REMOVE', 'record': {",
                "'opType': 'REMOVE', 'record': {'value': 7, ",
                "'opType': 'REMOVE', 'orTag': 't', 'record': {'value': null, ",
                "'opType': 'PUT', 'record': {'value': null, ",
                "'record': {'value': null, ",
                "'record': {" // a client leaves out what is undefined
            })
    void aRecordWithoutAValueIsATombstoneWithTheClientsTimestamp(String start) {
        assertThat(op(start + TS + "}")).isEqualTo(write(null, 0));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'opType': 'REMOVE'",
                "'opType': 'REMOVE', 'record': null",
                "'record': null"
            })
    void aRemovalWithoutARecordIsStampedByTheServer(String fields) {
        assertThat(op(fields)).isEqualTo(new Op.Remove("1", MAP, KEY));
    }

    @ParameterizedTest
    @CsvSource({"null, 0", "0, 0", "60000, 60000", "1.0, 1"})
    void timeToLive(String ttlMs, long millis) {
        assertThat(op("'record': {'value': 7, 'ttlMs': " + ttlMs + ", " + TS + "}"))
                .isEqualTo(write(new Datum.Whole(7), millis));
    }

    @Test
    void wholeFloatsAreIntegers() {
        String floats = "'timestamp': {'millis': 1.7e12, 'counter': 1.0, 'nodeId': 'n'}";

        assertThat(op("'record': {'value': 7, " + floats + "}"))
                .isEqualTo(
                        new Op.Write(
                                "1",
                                MAP,
                                KEY,
                                new LwwRecord<>(
                                        Value.of(new Datum.Whole(7)),
                                        new Timestamp(1_700_000_000_000L, 1, "n"),
                                        0)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'opType': 'OR_ADD', 'orRecord': {'value': 1}, 'orTag': '1:0:n'",
                "'orRecord': {'value': 1}",
                "'opType': 'OR_REMOVE', 'orTag': '1:0:n'",
                "'orTag': '1:0:n'",
                "'opType': 'OR_ADD'",
                "'opType': 'OR_REMOVE'",
                "'orTag': '1:0:n', 'record': null"
            })
    void opsOfOrMapsAreNotAvailable(String fields) {
        assertThat(op(fields)).isEqualTo(new Op.Invalid("1", ErrorCode.NOT_AVAILABLE, OR_MAPS));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'millis': 5, 'counter': 1}",
                "{'millis': 5, 'counter': 1, 'nodeId': null}",
                "{'millis': 5, 'counter': 1, 'nodeId': 'a:b'}",
                "{'millis': 5, 'nodeId': 'n'}",
                "{'counter': 1, 'nodeId': 'n'}",
                "{'millis': -5, 'counter': 1, 'nodeId': 'n'}",
                "{'millis': 5, 'counter': -1, 'nodeId': 'n'}",
                "{'millis': 5.5, 'counter': 1, 'nodeId': 'n'}",
                "{'millis': 1e300, 'counter': 1, 'nodeId': 'n'}",
                "{'millis': '5', 'counter': 1, 'nodeId': 'n'}",
                "{'millis': 9007199254740992, 'counter': 1, 'nodeId': 'n'}",
                "null",
                "5",
                "'5:1:n'"
            })
    void aBadTimestampSpoilsItsOp(String timestamp) {
        assertThat(op("'record': {'value': 7, 'timestamp': " + timestamp + "}"))
                .isEqualTo(
                        new Op.Invalid(
                                "1",
                                ErrorCode.BAD_REQUEST,
                                "a record has a timestamp {millis, counter, nodeId}"));
    }

    @Test
    void theLargestTimestampIsWhatJavaScriptCanStillCount() {
        String largest = "{'millis': 9007199254740991, 'counter': 9007199254740991, 'nodeId': 'n'}";

        assertThat(op("'record': {'timestamp': " + largest + "}"))
                .isEqualTo(
                        new Op.Write(
                                "1",
                                MAP,
                                KEY,
                                new LwwRecord<>(
                                        null,
                                        new Timestamp(9007199254740991L, 9007199254740991L, "n"),
                                        0)));
    }

    @Test
    void aNodeIdHasALimit() {
        String longest = "n".repeat(WireReader.MAX_NODE_ID_LENGTH);

        assertThat(op(recordBy(longest))).isInstanceOf(Op.Write.class);
        assertThat(op(recordBy(longest + "n"))).isInstanceOf(Op.Invalid.class);
    }

    private static String recordBy(String nodeId) {
        return "'record': {'timestamp': {'millis': 5, 'counter': 1, 'nodeId': '" + nodeId + "'}}";
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'id': '1'}",
                "{'id': '1', 'key': 'k', 'record': null}",
                "{'id': '1', 'mapName': 'm', 'record': null}",
                "{'id': '1', 'mapName': '', 'key': 'k', 'record': null}",
                "{'id': '1', 'mapName': 5, 'key': 'k', 'record': null}",
                "{'id': '1', 'mapName': 'm', 'key': 5, 'record': null}",
                "{'id': '1', 'mapName': 'm', 'key': 'k'}",
                "{'id': '1', 'mapName': 'm', 'key': 'k', 'opType': 'PUT'}",
                "{'id': '1', 'mapName': 'm', 'key': 'k', 'opType': 'INCREMENT', 'record': null}",
                "{'id': '1', 'mapName': 'm', 'key': 'k', 'record': 5}",
                "{'id': '1', 'mapName': 'm', 'key': 'k', 'record': []}",
                "{'id': '1', 'mapName': 'm', 'key': 'k', 'record': {'ttlMs': -1, TS}}",
                "{'id': '1', 'mapName': 'm', 'key': 'k', 'record': {'ttlMs': 'x', TS}}",
                "{'id': '1', 'mapName': 'm', 'key': 'k', 'record': {'ttlMs': 0.5, TS}}"
            })
    void anOpThatBreaksARuleIsInvalid(String op) {
        assertThat(ops(op.replace("TS", TS)))
                .singleElement()
                .isInstanceOfSatisfying(
                        Op.Invalid.class,
                        invalid -> {
                            assertThat(invalid.id()).isEqualTo("1");
                            assertThat(invalid.code()).isEqualTo(ErrorCode.BAD_REQUEST);
                        });
    }

    @ParameterizedTest
    @CsvSource({"12345678, true", "123456789, false", "日日, true", "日日日, false", "'', true"})
    void aKeyIsMeasuredInBytesOfUtf8(String key, boolean fits) {
        Op op = ops("{'mapName': 'm', 'key': '" + key + "', 'record': null}").getFirst();

        assertThat(op)
                .isEqualTo(
                        fits
                                ? new Op.Remove(null, MAP, new Key(key))
                                : new Op.Invalid(
                                        null, ErrorCode.TOO_LARGE, "a key has at most 8 bytes"));
    }

    /** Else an acknowledgement, which names every op that is refused, would have no limit. */
    @ParameterizedTest
    @CsvSource({"256, true", "257, false"})
    void anIdIsNoLongerThanItCanBeSentBack(int bytes, boolean fits) {
        String id = "i".repeat(bytes);
        String op = "{'id': '" + id + "', 'mapName': 'm', 'key': 'k', 'opType': 'REMOVE'}";

        assertThat(ops(op))
                .containsExactly(
                        fits
                                ? new Op.Remove(id, MAP, KEY)
                                : new Op.Invalid(
                                        null,
                                        ErrorCode.TOO_LARGE,
                                        "an op's id has at most 256 bytes"));
    }

    @ParameterizedTest
    @CsvSource({"mapp, true", "mappe, false", "ää, true", "äää, false"})
    void theNameOfAMapIsMeasuredInBytesOfUtf8(String map, boolean fits) {
        var limited = new MessageCodec(new WireLimits(8, 16, 8, 4));
        String frame =
                "{'type': 'CLIENT_OP', 'payload': {'mapName': '%s', 'key': 'k', 'record': null}}"
                        .formatted(map);

        assertThat(limited.decode(Json.frame(frame.replace('\'', '"'))))
                .isEqualTo(
                        new Decoded.Message(
                                new ClientMessage.OpBatch(
                                        List.of(
                                                fits
                                                        ? new Op.Remove(null, new MapName(map), KEY)
                                                        : new Op.Invalid(
                                                                null,
                                                                ErrorCode.BAD_REQUEST,
                                                                "a map name has at most 4"
                                                                        + " bytes")))));
    }

    @Test
    void aValueIsMeasuredAsEncoded() {
        assertThat(op("'record': {'value': '123456789012345', " + TS + "}"))
                .isInstanceOf(Op.Write.class);
        assertThat(op("'record': {'value': '1234567890123456', " + TS + "}"))
                .isEqualTo(
                        new Op.Invalid("1", ErrorCode.TOO_LARGE, "a value has at most 16 bytes"));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "none",
            value = {
                "batch-3, batch-3",
                "17, 17",
                "17.0, 17",
                "1.5, none",
                "null, none",
                "true, none",
                "[1], none"
            })
    void anIdIsTextOrItsDigits(String id, @Nullable String expected) {
        String json = "batch-3".equals(id) ? "'batch-3'" : id;

        Op op = ops("{'id': " + json + ", 'mapName': 'm', 'key': 'k', 'record': null}").getFirst();

        assertThat(op).isEqualTo(new Op.Remove(expected, MAP, KEY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "5",
                "null",
                "'op'",
                "[1, {'id': '9'}]",
                "{}",
                "{'id': {'a': [1, 2]}, 'mapName': [1], 'key': {'b': {}}, 'record': [[1], 2]}",
                "{'record': {'timestamp': [1, 2], 'ttlMs': {'x': 1}, 'value': {'y': 2}}}",
                "{'record': {'timestamp': {'millis': {'a': 1}, 'counter': [1], 'nodeId': 7}}}"
            })
    void oneBadOpDoesNotTouchItsNeighbours(String bad) {
        String good = "{'id': '1', 'mapName': 'm', 'key': 'k', 'record': {'value': 7, " + TS + "}}";

        List<Op> ops = ops(good + ", " + bad + ", " + good);

        assertThat(ops).hasSize(3);
        assertThat(ops.get(0)).isEqualTo(write(new Datum.Whole(7), 0));
        assertThat(ops.get(1)).isInstanceOf(Op.Invalid.class);
        assertThat(ops.get(2)).isEqualTo(ops.get(0));
    }

    @Test
    void aBatchMayGoToSeveralMaps() {
        List<Op> ops =
                ops(
                        "{'mapName': 'a', 'key': 'k', 'record': null},"
                                + "{'mapName': 'b', 'key': 'k', 'record': null}");

        assertThat(ops)
                .containsExactly(
                        new Op.Remove(null, new MapName("a"), KEY),
                        new Op.Remove(null, new MapName("b"), KEY));
    }

    @Test
    void anEmptyBatchIsABatch() {
        assertThat(ops("")).isEmpty();
    }

    private static Op write(@Nullable Datum value, long ttlMillis) {
        return new Op.Write(
                "1",
                MAP,
                KEY,
                new LwwRecord<>(value == null ? null : Value.of(value), AT, ttlMillis));
    }

    private Op op(String fields) {
        return ops("{'id': '1', 'mapName': 'm', 'key': 'k', " + fields + "}").getFirst();
    }

    private List<Op> ops(String ops) {
        String json = "{'type': 'OP_BATCH', 'payload': {'ops': [" + ops + "]}}";
        return codec.decode(Json.frame(json.replace('\'', '"')))
                        instanceof Decoded.Message(ClientMessage.OpBatch(List<Op> decoded))
                ? decoded
                : List.of(new Op.Invalid(null, ErrorCode.INTERNAL, "did not decode: " + json));
    }
}
