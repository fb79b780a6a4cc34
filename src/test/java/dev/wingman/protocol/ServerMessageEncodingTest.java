package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.protocol.ServerMessage.Entry;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.MapEvent;
import dev.wingman.protocol.ServerMessage.OpResult;
import dev.wingman.protocol.ServerMessage.QueryResult;
import dev.wingman.protocol.ServerMessage.Row;
import dev.wingman.protocol.ServerMessage.RowChange;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Dictionaries compare whatever their order, so a field too many fails as one too few does. */
class ServerMessageEncodingTest {
    private static final MapName MAP = new MapName("m");
    private static final Key KEY = new Key("k");
    private static final Timestamp AT = new Timestamp(1_700_000_000_000L, 1, "n");
    private static final String TS = "{'millis': 1700000000000, 'counter': 1, 'nodeId': 'n'}";
    private static final Value SEVEN = Value.of(new Datum.Whole(7));

    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 1024));

    @Test
    void authRequired() {
        assertEncodes(new ServerMessage.AuthRequired(), "{'type': 'AUTH_REQUIRED'}");
    }

    @Test
    void authAckLeavesOutWhatIsNotThere() {
        assertEncodes(
                new ServerMessage.AuthAck(null, null, null),
                "{'type': 'AUTH_ACK', 'protocolVersion': 1}");
        assertEncodes(
                new ServerMessage.AuthAck("u", "d", "t"),
                "{'type': 'AUTH_ACK', 'protocolVersion': 1, 'userId': 'u', 'deviceId': 'd',"
                        + " 'deviceToken': 't'}");
    }

    @Test
    void authFail() {
        assertEncodes(
                new ServerMessage.AuthFail("Authentication failed"),
                "{'type': 'AUTH_FAIL', 'error': 'Authentication failed'}");
    }

    @Test
    void deviceAckShowsATokenOnlyOnce() {
        assertEncodes(
                new ServerMessage.DeviceAck("d", null), "{'type': 'DEVICE_ACK', 'deviceId': 'd'}");
        assertEncodes(
                new ServerMessage.DeviceAck("d", "t"),
                "{'type': 'DEVICE_ACK', 'deviceId': 'd', 'deviceToken': 't'}");
    }

    @Test
    void pongReturnsTheTimestampByteForByte() {
        byte[] timestamp = HexFormat.of().parseHex("cb4278bcfe56800000");

        byte[] frame = codec.encode(new ServerMessage.Pong(Value.ofEncoded(timestamp), 5));

        assertThat(HexFormat.of().formatHex(frame)).contains("cb4278bcfe56800000");
        assertThat(Json.decoded(frame))
                .isEqualTo(json("{'type': 'PONG', 'timestamp': 1700000000000, 'serverTime': 5}"));
    }

    @Test
    void opAckNamesOnlyOpsThatWereRefused() {
        assertEncodes(
                new ServerMessage.OpAck("9", AckLevel.PERSISTED, List.of()),
                "{'type': 'OP_ACK', 'payload': {'lastId': '9', 'achievedLevel': 'PERSISTED'}}");
        assertEncodes(
                new ServerMessage.OpAck(
                        "9",
                        AckLevel.APPLIED,
                        List.of(
                                new OpResult("8", false, AckLevel.MEMORY, "no"),
                                new OpResult("9", true, AckLevel.REPLICATED, null))),
                "{'type': 'OP_ACK', 'payload': {'lastId': '9', 'achievedLevel': 'APPLIED',"
                        + " 'results': [{'opId': '8', 'success': false, 'achievedLevel': 'MEMORY',"
                        + " 'error': 'no'}, {'opId': '9', 'success': true,"
                        + " 'achievedLevel': 'REPLICATED'}]}}");
    }

    @Test
    void failure() {
        assertEncodes(
                new Failure(ErrorCode.RATE_LIMITED, "rate limit exceeded, slow down"),
                "{'type': 'ERROR', 'payload': {'code': 429,"
                        + " 'message': 'rate limit exceeded, slow down'}}");
    }

    @Test
    void hashesAreUnsigned() {
        assertEncodes(
                new ServerMessage.SyncRoot(MAP, -1, AT),
                "{'type': 'SYNC_RESP_ROOT', 'payload': {'mapName': 'm', 'rootHash': 4294967295,"
                        + " 'timestamp': @TS}}");
    }

    @Test
    void bucketsAreNamedByTheirDigitAndTheEmptyOnesLeftOut() {
        int[] children = new int[16];
        children[0] = 5;
        children[10] = -2;
        children[15] = 1;

        assertEncodes(
                new ServerMessage.SyncBuckets(MAP, new MerklePath("3f"), children),
                "{'type': 'SYNC_RESP_BUCKETS', 'payload': {'mapName': 'm', 'path': '3f',"
                        + " 'buckets': {'0': 5, 'a': 4294967294, 'f': 1}}}");
    }

    @Test
    void noBucketsAreAnEmptyMap() {
        assertEncodes(
                new ServerMessage.SyncBuckets(MAP, new MerklePath(""), new int[16]),
                "{'type': 'SYNC_RESP_BUCKETS',"
                        + " 'payload': {'mapName': 'm', 'path': '', 'buckets': {}}}");
    }

    @Test
    void aLeafHasPutsAndTombstones() {
        assertEncodes(
                new ServerMessage.SyncLeaf(
                        MAP,
                        new MerklePath("3fa"),
                        List.of(
                                new Entry(KEY, new LwwRecord<>(SEVEN, AT, 60_000)),
                                new Entry(new Key(""), new LwwRecord<>(null, AT, 0))),
                        false),
                "{'type': 'SYNC_RESP_LEAF', 'payload': {'mapName': 'm', 'path': '3fa', 'records': ["
                        + " {'key': 'k', 'record': {'value': 7, 'timestamp': @TS, 'ttlMs': 60000}},"
                        + " {'key': '', 'record': {'value': null, 'timestamp': @TS}}]}}");
    }

    @Test
    void aPartOfALeafSaysThatMoreFollows() {
        assertEncodes(
                new ServerMessage.SyncLeaf(MAP, new MerklePath("3fa"), List.of(), true),
                "{'type': 'SYNC_RESP_LEAF',"
                        + " 'payload': {'mapName': 'm', 'path': '3fa', 'records': [], 'more': true}}");
    }

    @Test
    void putEvent() {
        assertEncodes(
                new MapEvent(MAP, KEY, new LwwRecord<>(SEVEN, AT, 0)),
                "{'type': 'SERVER_EVENT', 'payload': {'mapName': 'm', 'eventType': 'PUT',"
                        + " 'key': 'k', 'record': {'value': 7, 'timestamp': @TS}}}");
    }

    @Test
    void removeEventCarriesItsRecord() {
        assertEncodes(
                new MapEvent(MAP, KEY, new LwwRecord<>(null, AT, 0)),
                "{'type': 'SERVER_EVENT', 'payload': {'mapName': 'm', 'eventType': 'REMOVE',"
                        + " 'key': 'k', 'record': {'value': null, 'timestamp': @TS}}}");
    }

    @Test
    void queryResult() {
        assertEncodes(
                new QueryResult("q", List.of(new Row(KEY, SEVEN)), true, null),
                "{'type': 'QUERY_RESP', 'payload': {'queryId': 'q', 'hasMore': true,"
                        + " 'cursorStatus': 'none', 'results': [{'key': 'k', 'value': 7}]}}");
    }

    @Test
    void queryResultThatSaysWhyThereIsNone() {
        assertEncodes(
                new QueryResult(
                        "q", List.of(), false, new Failure(ErrorCode.BAD_REQUEST, "no such op")),
                "{'type': 'QUERY_RESP', 'payload': {'queryId': 'q', 'hasMore': false,"
                        + " 'cursorStatus': 'none', 'results': [], 'error': 'no such op',"
                        + " 'code': 'bad_request'}}");
    }

    @Test
    void queryUpdates() {
        assertEncodes(
                new ServerMessage.QueryUpdate("q", KEY, SEVEN, RowChange.ENTER),
                "{'type': 'QUERY_UPDATE', 'payload': {'queryId': 'q', 'key': 'k', 'value': 7,"
                        + " 'changeType': 'ENTER'}}");
        assertEncodes(
                new ServerMessage.QueryUpdate("q", KEY, null, RowChange.LEAVE),
                "{'type': 'QUERY_UPDATE', 'payload': {'queryId': 'q', 'key': 'k', 'value': null,"
                        + " 'changeType': 'LEAVE'}}");
    }

    @Test
    void topicMessage() {
        var topic = new TopicName("news");

        assertEncodes(
                new ServerMessage.TopicMessage(topic, SEVEN, null, 5),
                "{'type': 'TOPIC_MESSAGE',"
                        + " 'payload': {'topic': 'news', 'data': 7, 'timestamp': 5}}");
        assertEncodes(
                new ServerMessage.TopicMessage(topic, SEVEN, "p", 5),
                "{'type': 'TOPIC_MESSAGE', 'payload': {'topic': 'news', 'data': 7,"
                        + " 'timestamp': 5, 'publisherId': 'p'}}");
    }

    @Test
    void aMessageLargerThanTheBufferComesOutWhole() {
        var text = new Datum.Text("x".repeat(100_000));
        Value large = Value.of(text);

        byte[] frame =
                codec.encode(
                        new QueryResult(
                                "q",
                                List.of(
                                        new Row(KEY, large),
                                        new Row(KEY, SEVEN),
                                        new Row(KEY, large)),
                                false,
                                null));

        Structure.check(frame, 0, frame.length);
        assertThat(frame).hasSizeBetween(200_000, 200_200);
        assertThat(codec.encode(new ServerMessage.AuthRequired())).hasSize(20);
    }

    private void assertEncodes(ServerMessage message, String json) {
        assertThat(Json.decoded(codec.encode(message))).isEqualTo(json(json));
    }

    private static Datum json(String json) {
        return Json.datum(json.replace("@TS", TS).replace('\'', '"'));
    }
}
