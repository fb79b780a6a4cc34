package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.ServerMessage.AckLevel;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpSyncTest {
    private static final MapName MAP = new MapName("m");
    private static final Timestamp AT = new Timestamp(5, 1, "n");
    private static final String TS = "{'millis': 5, 'counter': 1, 'nodeId': 'n'}";

    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 1024, 3));

    @Test
    void anEmptyBodyAsksForNothing() {
        assertThat(codec.decodeSyncRequest(new byte[0])).isEqualTo(SyncRequest.EMPTY);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'clientId': 'c', 'unknown': [1]}",
                "{'clientHlc': null, 'operations': null, 'syncMaps': null, 'queries': null,"
                        + " 'searches': null}"
            })
    void whatIsAbsentHasItsDefault(String json) {
        assertThat(decode(json)).isEqualTo(SyncRequest.EMPTY);
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "'x': 1 | 0 | 0",
                "'lastSyncTimestamp': null | 0 | 0",
                "'lastSyncTimestamp': 0 | 0 | 0",
                "'lastSyncTimestamp': 1.7e12 | 1700000000000 | 0",
                "'lastSyncTimestamp': {} | 0 | 0",
                "'lastSyncTimestamp': {'millis': 5.0, 'counter': 1, 'nodeId': 'n'} | 5 | 1"
            })
    void aMapIsAskedForSinceAStamp(String field, long millis, long counter) {
        assertThat(decode("{'syncMaps': [{'mapName': 'm', " + field + "}]}").maps())
                .containsExactly(new SyncRequest.MapSince(MAP, new Stamp(millis, counter)));
    }

    @Test
    void operationsAreOps() {
        assertThat(decode("{'operations': [5, {'mapName': 'm', 'key': 'k', 'record': null}]}"))
                .extracting(SyncRequest::operations)
                .isEqualTo(
                        List.of(
                                new Op.Invalid(null, ErrorCode.BAD_REQUEST, "an op is a map"),
                                new Op.Remove(null, MAP, new Key("k"))));
    }

    @Test
    void queriesFilterByEquality() {
        assertThat(
                        decode(
                                "{'queries': [{'queryId': 'q', 'mapName': 'm', 'filter': {'a': 1},"
                                        + " 'limit': 10, 'offset': 20, 'cursor': 'c'}]}"))
                .extracting(SyncRequest::queries)
                .isEqualTo(
                        List.of(
                                new SyncRequest.HttpQuery(
                                        "q",
                                        MAP,
                                        new Query(
                                                null,
                                                Map.of("a", new Datum.Whole(1)),
                                                List.of(),
                                                10L,
                                                "c",
                                                List.of(),
                                                List.of(),
                                                false),
                                        20,
                                        null)));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "'filter': 5 | queries.filter is a map",
                "'limit': -1 | queries.limit is a whole number, 1 or more",
                "'limit': 0 | queries.limit is a whole number, 1 or more",
                "'offset': 'x' | queries.offset is a whole number, 0 or more"
            })
    void aQueryThatBreaksARuleIsRefusedAlone(String field, String reason) {
        String query = "{'queryId': 'q', 'mapName': 'm', " + field + "}";
        String good = "{'queryId': 'r', 'mapName': 'm'}";

        assertThat(decode("{'queries': [" + query + ", " + good + "]}").queries())
                .containsExactly(
                        new SyncRequest.HttpQuery("q", MAP, Query.EVERYTHING, 0, reason),
                        new SyncRequest.HttpQuery("r", MAP, Query.EVERYTHING, 0, null));
    }

    @Test
    void searchesAreOnlyNamed() {
        assertThat(decode("{'searches': [{'searchId': 's', 'query': 'x'}]}").searchIds())
                .containsExactly("s");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'clientHlc': 5}",
                "{'clientHlc': {'millis': -1, 'counter': 0, 'nodeId': 'n'}}",
                "{'operations': {}}",
                "{'syncMaps': 5}",
                "{'syncMaps': [{}]}",
                "{'syncMaps': [{'mapName': ''}]}",
                "{'syncMaps': [{'mapName': 'm', 'lastSyncTimestamp': 'x'}]}",
                "{'syncMaps': [{'mapName': 'm', 'lastSyncTimestamp': {'millis': -1}}]}",
                "{'queries': [{'mapName': 'm'}]}",
                "{'queries': [{'queryId': 'q'}]}",
                "{'searches': [{}]}"
            })
    void aBodyThatBreaksARuleIsABadRequest(String json) {
        assertRefused(json, ErrorCode.BAD_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(strings = {"c0", "90", "05", "c1", "8080", "81a161"})
    void aBodyThatIsNoMapIsABadRequest(String hex) {
        byte[] body = HexFormat.of().parseHex(hex);

        assertThatThrownBy(() -> codec.decodeSyncRequest(body))
                .isInstanceOfSatisfying(
                        ProtocolException.class,
                        e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_REQUEST));
    }

    @Test
    void aBodyNestedTooDeepIsABadRequest() {
        assertRefused("{'x': " + "[".repeat(256) + "]".repeat(256) + "}", ErrorCode.BAD_REQUEST);
    }

    @Test
    void partsHaveALimit() {
        String map = "{'mapName': 'm'}";

        assertThat(decode("{'syncMaps': [" + map + "," + map + "," + map + "]}").maps()).hasSize(3);
        assertRefused(
                "{'syncMaps': [" + map + "," + map + "," + map + "," + map + "]}",
                ErrorCode.TOO_LARGE);
        assertRefused(
                "{'syncMaps': [{'x': '" + "x".repeat(Fields.MAX_BYTES) + "'}]}",
                ErrorCode.TOO_LARGE);
    }

    @Test
    void anAnswerWithNothingInItIsTheClock() {
        assertEncodes(
                new SyncResponse(AT, null, List.of(), List.of(), List.of()), "{'serverHlc': TS}");
    }

    @Test
    void anAnswerHasItsParts() {
        Value seven = Value.of(new Datum.Whole(7));
        var response =
                new SyncResponse(
                        AT,
                        new ServerMessage.OpAck(
                                "9",
                                AckLevel.PERSISTED,
                                List.of(
                                        new ServerMessage.OpResult(
                                                "8", false, AckLevel.MEMORY, "no"))),
                        List.of(
                                new SyncResponse.Delta(
                                        MAP,
                                        List.of(
                                                entry("a", new LwwRecord<>(seven, AT, 60)),
                                                entry("b", new LwwRecord<>(null, AT, 0))),
                                        AT)),
                        List.of(new SyncResponse.QueryRows("q", List.of(seven), true)),
                        List.of(
                                new SyncResponse.SyncError(ErrorCode.NOT_AVAILABLE, "e", "s"),
                                new SyncResponse.SyncError(ErrorCode.BAD_REQUEST, "f", null)));

        assertEncodes(
                response,
                "{'serverHlc': TS,"
                        + " 'ack': {'lastId': '9', 'results': [{'opId': '8', 'success': false,"
                        + "  'achievedLevel': 'MEMORY', 'error': 'no'}]},"
                        + " 'deltas': [{'mapName': 'm', 'serverSyncTimestamp': TS, 'records': ["
                        + "  {'key': 'a', 'eventType': 'PUT',"
                        + "   'record': {'value': 7, 'timestamp': TS, 'ttlMs': 60}},"
                        + "  {'key': 'b', 'eventType': 'REMOVE',"
                        + "   'record': {'value': null, 'timestamp': TS}}]}],"
                        + " 'queryResults': [{'queryId': 'q', 'results': [7], 'hasMore': true}],"
                        + " 'errors': [{'code': 501, 'message': 'e', 'context': 's'},"
                        + "  {'code': 400, 'message': 'f'}]}");
    }

    @Test
    void anAckWithoutRefusalsHasNoResults() {
        assertEncodes(
                new SyncResponse(
                        AT,
                        new ServerMessage.OpAck("9", AckLevel.PERSISTED, List.of()),
                        List.of(),
                        List.of(),
                        List.of()),
                "{'serverHlc': TS, 'ack': {'lastId': '9'}}");
    }

    private static ServerMessage.Entry entry(String key, LwwRecord<Value> record) {
        return new ServerMessage.Entry(new Key(key), record);
    }

    private SyncRequest decode(String json) {
        return codec.decodeSyncRequest(Json.frame(json.replace('\'', '"')));
    }

    private void assertRefused(String json, ErrorCode code) {
        assertThatThrownBy(() -> decode(json))
                .isInstanceOfSatisfying(
                        ProtocolException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private void assertEncodes(SyncResponse response, String json) {
        assertThat(Json.decoded(codec.encode(response)))
                .isEqualTo(Json.datum(json.replace("TS", TS).replace('\'', '"')));
    }
}
