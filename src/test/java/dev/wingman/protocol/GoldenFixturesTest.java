package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.ServerMessage.NotAvailable.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the real client's encoder sends means here what it means there. */
class GoldenFixturesTest {
    private static final Timestamp AT = new Timestamp(1_700_000_000_000L, 1, "node-1");
    private static final MapName USERS = new MapName("users");

    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 512 * 1024));

    @ParameterizedTest
    @MethodSource("dev.wingman.protocol.Fixtures#names")
    void decodesToTheTreeOfItsJson(String name) {
        Datum decoded = Json.decoded(Fixtures.frame(name));

        assertThat(asJson(decoded)).isEqualTo(Fixtures.json(name));
    }

    @ParameterizedTest
    @MethodSource("dev.wingman.protocol.Fixtures#names")
    void isMalformedWhenItEndsEarly(String name) {
        byte[] frame = Fixtures.frame(name);

        for (int length = 0; length < frame.length; length++) {
            assertThat(codec.decode(Arrays.copyOf(frame, length)))
                    .as("%s cut to %d bytes", name, length)
                    .isInstanceOf(Decoded.Malformed.class);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "AUTH_ACK",
                "AUTH_FAIL",
                "AUTH_REQUIRED",
                "ERROR",
                "GC_PRUNE",
                "JOURNAL_EVENT",
                "LOCK_RELEASED",
                "OP_REJECTED",
                "PARTITION_MAP",
                "PONG",
                "QUERY_RESP",
                "SERVER_BATCH_EVENT",
                "SYNC_RESET_REQUIRED",
                "SYNC_RESP_ROOT"
            })
    void whatOnlyServersSayIsUnknownFromAClient(String name) {
        Decoded decoded = codec.decode(Fixtures.frame(name));

        assertThat(decoded).isEqualTo(new Decoded.Unknown(name));
    }

    @Test
    void auth() {
        assertThat(message("AUTH"))
                .isEqualTo(new ClientMessage.Auth("eyJhbGciOiJIUzI1NiJ9.test-jwt-token", null));
    }

    @Test
    void ping() {
        assertThat(message("PING"))
                .isEqualTo(new ClientMessage.Ping(Value.of(new Datum.Real(1.7e12))));
    }

    @Test
    void clientOpIsABatchOfOne() {
        assertThat(message("CLIENT_OP"))
                .isInstanceOfSatisfying(
                        ClientMessage.OpBatch.class,
                        batch ->
                                assertThat(batch.ops())
                                        .singleElement()
                                        .isInstanceOfSatisfying(
                                                Op.Write.class,
                                                GoldenFixturesTest::isTheOneOfTheFixture));
    }

    private static void isTheOneOfTheFixture(Op.Write write) {
        Value value = Objects.requireNonNull(write.record().value());
        assertThat(write)
                .isEqualTo(
                        new Op.Write(
                                "op-1",
                                USERS,
                                new Key("user-1"),
                                new LwwRecord<>(value, AT, 60_000)));
        assertThat(Datum.of(value)).isEqualTo(Json.datum("{\"name\": \"Alice\", \"age\": 30}"));
    }

    @Test
    void opsWithoutATypeArePuts() {
        var later = new Timestamp(1_700_000_000_001L, 0, "node-2");

        assertThat(message("OP_BATCH"))
                .isEqualTo(
                        new ClientMessage.OpBatch(
                                List.of(
                                        put("op-1", "user-1", "Alice", AT),
                                        put("op-2", "user-2", "Bob", later))));
    }

    @Test
    void syncInit() {
        assertThat(message("SYNC_INIT")).isEqualTo(new ClientMessage.SyncInit(USERS));
    }

    @Test
    void querySubscribe() {
        Map<String, Datum> where = Map.of("age", Json.datum("{\"$gt\": 18}"));

        assertThat(message("QUERY_SUB"))
                .isEqualTo(
                        new ClientMessage.QuerySubscribe(
                                "q-001",
                                USERS,
                                new Query(
                                        null,
                                        where,
                                        List.of(new Query.SortField("createdAt", true)),
                                        50L,
                                        null,
                                        List.of(),
                                        List.of(),
                                        false)));
    }

    @Test
    void querySubscribeWithGroups() {
        assertThat(message("QUERY_SUB_GROUPBY_AGG"))
                .isEqualTo(
                        new ClientMessage.QuerySubscribe(
                                "q-agg-1",
                                new MapName("orders"),
                                new Query(
                                        null,
                                        Map.of(),
                                        List.of(),
                                        null,
                                        null,
                                        List.of(),
                                        List.of("category"),
                                        true)));
    }

    @Test
    void queryUnsubscribe() {
        assertThat(message("QUERY_UNSUB")).isEqualTo(new ClientMessage.QueryUnsubscribe("q-001"));
    }

    @Test
    void topics() {
        var room = new TopicName("chat/room-1");

        assertThat(message("TOPIC_SUB")).isEqualTo(new ClientMessage.TopicSubscribe(room));
        assertThat(message("TOPIC_UNSUB")).isEqualTo(new ClientMessage.TopicUnsubscribe(room));
        assertThat(message("TOPIC_PUB"))
                .isInstanceOfSatisfying(
                        ClientMessage.TopicPublish.class,
                        publish -> {
                            assertThat(publish.topic()).isEqualTo(new TopicName("notifications"));
                            assertThat(Datum.of(publish.data()))
                                    .isEqualTo(Json.datum("{\"text\": \"hello world\"}"));
                        });
    }

    @Test
    void batchWhoseFirstLengthReachesBeyondItsDataIsEmpty() {
        assertThat(message("BATCH")).isEqualTo(new ClientMessage.Batch(0, List.of()));
    }

    @Test
    void lockReleaseIsAnsweredInItsType() {
        assertThat(message("LOCK_RELEASE"))
                .isEqualTo(
                        new ClientMessage.NotAvailable(
                                "LOCK_RELEASE",
                                new ServerMessage.NotAvailable(
                                        Answer.LOCK_RELEASED,
                                        "lock-req-1",
                                        "LOCK_RELEASE is not available on this server",
                                        List.of("my-lock"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "COUNTER_REQUEST",
                "JOURNAL_SUBSCRIBE",
                "LOCK_REQUEST",
                "ORMAP_SYNC_INIT",
                "PARTITION_MAP_REQUEST"
            })
    void requestsWithoutAnAnswerThatSaysNoGetAnError(String name) {
        assertThat(message(name))
                .isEqualTo(
                        new ClientMessage.NotAvailable(
                                name,
                                new ServerMessage.Failure(
                                        ErrorCode.NOT_AVAILABLE,
                                        name + " is not available on this server")));
    }

    @Test
    void httpSyncRequest() {
        SyncRequest request = codec.decodeSyncRequest(Fixtures.frame("HTTP_SYNC_REQUEST"));

        assertThat(request)
                .isEqualTo(
                        new SyncRequest(
                                new Stamp(1_700_000_000_000L, 1),
                                List.of(put("op-1", "user-1", "Alice", AT)),
                                List.of(
                                        new SyncRequest.MapSince(
                                                USERS, new Stamp(1_700_000_000_000L, 1))),
                                List.of(),
                                List.of()));
    }

    @Test
    void whatTheServerSaysHasTheShapeOfTheFixture() {
        byte[] root = codec.encode(new ServerMessage.SyncRoot(USERS, 12345, AT));
        byte[] pong =
                codec.encode(
                        new ServerMessage.Pong(
                                Value.of(new Datum.Whole(1_700_000_000_000L)), 1_700_000_000_005L));
        byte[] ack = codec.encode(new ServerMessage.AuthAck(null, null, null));

        byte[] map = codec.encode(partitionMap());

        assertThat(Json.decoded(map)).isEqualTo(Fixtures.json("PARTITION_MAP"));
        assertThat(Json.decoded(root)).isEqualTo(Fixtures.json("SYNC_RESP_ROOT"));
        assertThat(Json.decoded(pong)).isEqualTo(Fixtures.json("PONG"));
        assertThat(Json.decoded(ack)).isEqualTo(Fixtures.json("AUTH_ACK"));
    }

    private static ServerMessage partitionMap() {
        var node = new NodeId("node-1");
        return new ServerMessage.PartitionMap(
                7,
                271,
                List.of(
                        new ServerMessage.NodeInfo(
                                node,
                                "ws://10.0.0.1:8080",
                                "http://10.0.0.1:3000",
                                NodeStatus.ACTIVE)),
                List.of(new ServerMessage.PartitionInfo(0, node, List.of(new NodeId("node-2")))),
                1_700_000_000_000L);
    }

    @Test
    void oneCodecServesManyThreads() {
        Decoded expected = codec.decode(Fixtures.frame("OP_BATCH"));
        byte[] frame = Fixtures.frame("OP_BATCH");

        Stream<Decoded> decoded =
                IntStream.range(0, 10_000).parallel().mapToObj(_ -> codec.decode(frame));

        assertThat(decoded).containsOnly(expected);
    }

    private ClientMessage message(String name) {
        return codec.decode(Fixtures.frame(name)) instanceof Decoded.Message(ClientMessage message)
                ? message
                : new ClientMessage.NoEffect("did not decode: " + name);
    }

    private static Op put(String id, String key, String value, Timestamp at) {
        return new Op.Write(
                id, USERS, new Key(key), new LwwRecord<>(Value.of(new Datum.Text(value)), at, 0));
    }

    /** JSON knows no binary and does not tell 1.0 from 1. */
    private static Datum asJson(Datum datum) {
        return switch (datum) {
            case Datum.Real(double value) when value == Math.rint(value) ->
                    new Datum.Whole((long) value);
            case Datum.Binary(Value raw) ->
                    Json.datum("{\"type\": \"Buffer\", \"data\": " + unsignedPayload(raw) + "}");
            case Datum.Sequence(List<Datum> items) ->
                    new Datum.Sequence(items.stream().map(GoldenFixturesTest::asJson).toList());
            case Datum.Dictionary(Map<String, Datum> fields) -> {
                Map<String, Datum> values = new LinkedHashMap<>();
                fields.forEach((name, value) -> values.put(name, asJson(value)));
                yield new Datum.Dictionary(values);
            }
            case Datum.Nil _, Datum.Bool _, Datum.Whole _, Datum.Real _, Datum.Text _ -> datum;
        };
    }

    /** After the two bytes of a bin8 header. */
    private static List<Integer> unsignedPayload(Value bin8) {
        byte[] encoded = bin8.encoded();
        List<Integer> payload = new ArrayList<>();
        for (int i = 2; i < encoded.length; i++) {
            payload.add(Byte.toUnsignedInt(encoded[i]));
        }
        return payload;
    }
}
