package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.ServerMessage.Failure;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Envelopes, and the messages that are neither ops nor queries. */
class ClientMessageDecodingTest {
    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 512 * 1024));

    @Test
    void theTypeNeedNotComeFirst() {
        assertThat(
                        decode(
                                "{'payload': {'extra': 1, 'topic': 'news'}, 'x': [], 'type': 'TOPIC_SUB'}"))
                .isEqualTo(message(new ClientMessage.TopicSubscribe(new TopicName("news"))));
    }

    @Test
    void unknownKeysAreIgnoredAtEveryLevel() {
        assertThat(
                        decode(
                                "{'type': 'SYNC_INIT', 'rootHash': 1, 'bucketHashes': {'a': {}},"
                                        + " 'mapName': 'users', 'timestamp': {}}"))
                .isEqualTo(message(new ClientMessage.SyncInit(new MapName("users"))));
    }

    @Test
    void keysThatAreNotTextAreIgnored() {
        // {5: "x", nil: "y", [1]: "z", "type": "DEVICE_HELLO"}
        byte[] frame = hex("84 05 a178 c0 a179 9101 a17a a474797065 ac4445564943455f48454c4c4f");

        assertThat(codec.decode(frame)).isEqualTo(message(new ClientMessage.DeviceHello(null)));
    }

    @Test
    void anUnknownTypeIsUnknown() {
        assertThat(decode("{'type': 'SOMETHING_NEW', 'payload': {}}"))
                .isEqualTo(new Decoded.Unknown("SOMETHING_NEW"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'payload': {}}",
                "{'type': null}",
                "{'type': 5}",
                "{'type': ['PING']}",
                "{'type': 'TOPIC_SUB', 'topic': 'news'}", // in a payload, not flat
                "{'type': 'TOPIC_SUB', 'payload': 'news'}",
                "{'type': 'TOPIC_SUB', 'payload': {'topic': 7}}",
                "{'type': 'QUERY_UNSUB', 'payload': {}}",
                "{'type': 'BATCH', 'count': 1}"
            })
    void whatCannotBeAnsweredIsMalformed(String json) {
        assertThat(decode(json)).isInstanceOf(Decoded.Malformed.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{'type': 'PING'} | a PING has a numeric timestamp",
                "{'type': 'PING', 'timestamp': 'now'} | a PING has a numeric timestamp",
                "{'type': 'PING', 'timestamp': null} | a PING has a numeric timestamp",
                "{'type': 'PING', 'payload': {'timestamp': 1}} | a PING has a numeric timestamp",
                "{'type': 'SYNC_INIT'} | mapName is missing",
                "{'type': 'SYNC_INIT', 'mapName': 7} | mapName is missing",
                "{'type': 'QUERY_SUB'} | the payload is missing",
                "{'type': 'QUERY_SUB', 'payload': {'mapName': 'u', 'query': {}}} | queryId is missing",
                "{'type': 'QUERY_SUB', 'payload': {'queryId': 7}} | queryId is missing",
                "{'type': 'OP_BATCH'} | the payload is missing",
                "{'type': 'OP_BATCH', 'payload': []} | the payload is missing",
                "{'type': 'OP_BATCH', 'payload': {}} | ops is an array",
                "{'type': 'OP_BATCH', 'payload': {'ops': null}} | ops is an array",
                "{'type': 'OP_BATCH', 'payload': {'ops': {'0': {}}}} | ops is an array",
                "{'type': 'CLIENT_OP', 'payload': []} | the payload is missing",
                "{'type': 'MERKLE_REQ_BUCKET', 'mapName': 'u', 'path': ''} | the payload is missing",
                "{'type': 'MERKLE_REQ_BUCKET', 'payload': {'mapName': 'u'}} | path is missing",
                "{'type': 'SEARCH', 'payload': {'query': 'x'}} | requestId is missing",
                "{'type': 'JOURNAL_READ'} | requestId is missing"
            })
    void whoWaitsForAnAnswerIsToldWhatIsWrong(String json, String reason) {
        assertThat(decode(json))
                .isEqualTo(
                        new Decoded.Message(
                                new ClientMessage.Refused(
                                        new ServerMessage.Failure(ErrorCode.BAD_REQUEST, reason))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "c0", "05", "90", "a474797065", "8080", "c1"})
    void whatIsNoMapIsMalformed(String hex) {
        assertThat(codec.decode(hex(hex))).isInstanceOf(Decoded.Malformed.class);
    }

    @Test
    void nestingIsAllowedTo256LevelsWithTheRootAsTheFirst() {
        assertThat(codec.decode(ping(255))).isInstanceOf(Decoded.Message.class);
        assertThat(codec.decode(ping(256)))
                .isEqualTo(new Decoded.Malformed("nested deeper than 256 levels"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"05", "cd0005", "cf0000000000000005", "cb4014000000000000", "ca40a00000"})
    void aPingsTimestampComesInAnyNumberFormatAndIsKeptAsItIs(String timestamp) {
        byte[] frame = hex("82 a474797065 a450494e47 a974696d657374616d70" + timestamp);

        assertThat(codec.decode(frame))
                .isEqualTo(message(new ClientMessage.Ping(Value.ofEncoded(hex(timestamp)))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'type': 'AUTH'}", "{'type': 'AUTH', 'token': 5}"})
    void authWithoutATokenFailsWhereTokensAreChecked(String json) {
        assertThat(decode(json)).isEqualTo(message(new ClientMessage.Auth("", null)));
    }

    @Test
    void authBringsItsDevice() {
        assertThat(decode("{'type': 'AUTH', 'token': 't', 'deviceToken': 'd'}"))
                .isEqualTo(message(new ClientMessage.Auth("t", "d")));
    }

    @Test
    void tokensAreNotShown() {
        assertThat(new ClientMessage.Auth("secret", "device").toString())
                .doesNotContain("secret", "device");
        assertThat(new ClientMessage.DeviceHello("device").toString()).doesNotContain("device");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{'type': 'DEVICE_HELLO'}", "{'type': 'DEVICE_HELLO', 'deviceToken': 5}"})
    void helloNeverFails(String json) {
        assertThat(decode(json)).isEqualTo(message(new ClientMessage.DeviceHello(null)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'SYNC_INIT'}",
                "{'type': 'SYNC_INIT', 'mapName': ''}",
                "{'type': 'SYNC_INIT', 'mapName': 'a\\u0000b'}",
                "{'type': 'SYNC_INIT', 'mapName': 5}",
                "{'type': 'MERKLE_REQ_BUCKET', 'payload': {'mapName': '', 'path': ''}}",
                "{'type': 'MERKLE_REQ_BUCKET', 'payload': {'mapName': 'users', 'path': 'F'}}",
                "{'type': 'MERKLE_REQ_BUCKET', 'payload': {'mapName': 'users', 'path': '0000'}}",
                "{'type': 'MERKLE_REQ_BUCKET', 'payload': {'mapName': 'users'}}"
            })
    void syncOfWhatCannotExistIsRefused(String json) {
        assertThat(decode(json))
                .isInstanceOfSatisfying(
                        Decoded.Message.class,
                        decoded ->
                                assertThat(decoded.message())
                                        .isInstanceOfSatisfying(
                                                ClientMessage.Refused.class,
                                                refused ->
                                                        assertThat(refused.reply())
                                                                .isInstanceOf(Failure.class)
                                                                .extracting("code")
                                                                .isEqualTo(ErrorCode.BAD_REQUEST)));
    }

    @Test
    void merkleRequest() {
        assertThat(
                        decode(
                                "{'type': 'MERKLE_REQ_BUCKET',"
                                        + " 'payload': {'path': '3f', 'mapName': 'users'}}"))
                .isEqualTo(
                        message(
                                new ClientMessage.MerkleRequest(
                                        new MapName("users"), new MerklePath("3f"))));
    }

    @ParameterizedTest
    @ValueSource(strings = {"TOPIC_SUB", "TOPIC_UNSUB", "TOPIC_PUB"})
    void invalidTopicNamesAreIgnored(String type) {
        assertThat(decode("{'type': '" + type + "', 'payload': {'topic': 'no spaces'}}"))
                .isEqualTo(message(new ClientMessage.NoEffect(type)));
    }

    @Test
    void publishedDataIsKeptAsItIs() {
        // {"type": "TOPIC_PUB", "payload": {"data": [1 as uint16, 1.0], "topic": "t"}}
        byte[] frame =
                hex(
                        "82 a474797065 a9544f5049435f505542 a77061796c6f6164"
                                + "82 a464617461 92cd0001cb3ff0000000000000 a5746f706963 a174");

        assertThat(codec.decode(frame))
                .isEqualTo(
                        message(
                                new ClientMessage.TopicPublish(
                                        new TopicName("t"),
                                        Value.ofEncoded(hex("92cd0001cb3ff0000000000000")))));
    }

    @Test
    void publishingNothingPublishesNil() {
        assertThat(decode("{'type': 'TOPIC_PUB', 'payload': {'topic': 't'}}"))
                .isEqualTo(message(new ClientMessage.TopicPublish(new TopicName("t"), Value.NIL)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CLIENT_APPLY_ACK",
                "QUERY_SYNC_INIT",
                "SEARCH_UNSUB",
                "HYBRID_SEARCH_UNSUB",
                "HYBRID_QUERY_UNSUBSCRIBE",
                "JOURNAL_UNSUBSCRIBE"
            })
    void whatAsksForNothingHasNoEffect(String type) {
        assertThat(decode("{'type': '" + type + "'}"))
                .isEqualTo(message(new ClientMessage.NoEffect(type)));
    }

    @Test
    void aFrameMayBeWrittenAgainOnceItIsDecoded() {
        byte[] frame = Json.frame("{\"type\": \"PING\", \"timestamp\": 7}");

        Decoded decoded = codec.decode(frame);
        Arrays.fill(frame, (byte) 0);

        assertThat(decoded)
                .isEqualTo(message(new ClientMessage.Ping(Value.of(new Datum.Whole(7)))));
    }

    @Test
    void manyOpsThatAreNoneAreRefusedTogether() {
        byte[] head =
                hex("82 a474797065 a84f505f4241544348 a77061796c6f6164 81 a36f7073 dd00010001");
        byte[] frame = Arrays.copyOf(head, head.length + 65_537);
        Arrays.fill(frame, head.length, frame.length, (byte) 0x80);

        assertThat(codec.decode(frame))
                .isEqualTo(
                        message(
                                new ClientMessage.Refused(
                                        new Failure(
                                                ErrorCode.TOO_LARGE,
                                                "at most 65536 items, not 65537"))));
    }

    /** A PING beside arrays in one another. */
    private static byte[] ping(int arrays) {
        Datum nested = new Datum.Sequence(List.of());
        for (int i = 1; i < arrays; i++) {
            nested = new Datum.Sequence(List.of(nested));
        }
        var fields = new LinkedHashMap<String, Datum>();
        fields.put("type", new Datum.Text("PING"));
        fields.put("extra", nested);
        fields.put("timestamp", new Datum.Whole(1));
        return Value.of(new Datum.Dictionary(fields)).encoded();
    }

    private Decoded decode(String json) {
        return codec.decode(Json.frame(json.replace('\'', '"')));
    }

    private static Decoded message(ClientMessage message) {
        return new Decoded.Message(message);
    }

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }
}
