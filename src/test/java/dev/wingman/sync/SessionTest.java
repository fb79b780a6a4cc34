package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.cluster.Replication;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.protocol.ClientMessage;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MerklePath;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.protocol.ServerMessage.Entry;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.MapEvent;
import dev.wingman.protocol.ServerMessage.OpAck;
import dev.wingman.protocol.ServerMessage.OpResult;
import dev.wingman.protocol.ServerMessage.Pong;
import dev.wingman.protocol.ServerMessage.QueryResult;
import dev.wingman.protocol.ServerMessage.QueryUpdate;
import dev.wingman.protocol.ServerMessage.Row;
import dev.wingman.protocol.ServerMessage.RowChange;
import dev.wingman.protocol.ServerMessage.SyncLeaf;
import dev.wingman.protocol.ServerMessage.TopicMessage;
import dev.wingman.protocol.TopicName;
import dev.wingman.protocol.Value;
import dev.wingman.protocol.WireLimits;
import dev.wingman.storage.Durability;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** On a server that lets everybody in. */
class SessionTest {
    private static final Key KEY = new Key("k");
    private static final TopicName TOPIC = new TopicName("news");
    private static final ClientMessage.Ping PING = new ClientMessage.Ping(Value.NIL);
    private static final ClientMessage.SyncInit FOLLOW = new ClientMessage.SyncInit(Rig.TODOS);
    private static final ClientMessage.QuerySubscribe ASK =
            new ClientMessage.QuerySubscribe("q", Rig.TODOS, Query.EVERYTHING);

    private final Rig rig = new Rig();
    private final SyncServer server = rig.server();
    private final TestClient client = new TestClient(rig, server);

    private static OpAck ack(String lastId) {
        return new OpAck(lastId, AckLevel.PERSISTED, List.of());
    }

    @Test
    void anOpenServerAsksNobodyWhoTheyAre() {
        client.send(PING);
        rig.settle();

        assertThat(client.heard)
                .containsExactly(TestClient.encoded(new Pong(Value.NIL, Rig.START_MILLIS)));
    }

    @Test
    void aWriteIsAcknowledgedOnceItIsOnTheDisk() {
        client.write(Rig.put("1", KEY, 5, 1));
        rig.runAllButDisk();

        assertThat(client.heard).isEmpty();

        rig.settle();

        assertThat(client.heard).containsExactly(TestClient.encoded(ack("1")));
    }

    @Test
    void requestsAreAnsweredInTheOrderTheyCame() {
        client.write(Rig.put("1", KEY, 5, 1));
        client.send(FOLLOW, PING, ASK, PING);

        rig.settle();

        assertThat(client.types())
                .containsExactly("OP_ACK", "SYNC_RESP_ROOT", "PONG", "QUERY_RESP", "PONG");
    }

    @Test
    void aQuestionSeesTheWritesBeforeIt() {
        client.write(Rig.put("1", KEY, 5, 1));
        client.send(ASK);

        rig.settle();

        assertThat(client.heard)
                .containsExactly(
                        TestClient.encoded(
                                ack("1"),
                                new QueryResult(
                                        "q", List.of(new Row(KEY, Rig.number(1))), false, null)));
    }

    @Test
    void batchesOfOpsDoNotWaitForEachOther() {
        client.write(Rig.put("1", Rig.keyOn(0, 0), 5, 1));
        client.write(Rig.put("2", Rig.keyOn(1, 0), 5, 1));

        rig.runAllButDisk();

        assertThat(rig.disk.waiting()).isEqualTo(2);
    }

    @Test
    void aWriteIsToldToWhoFollowsTheMapAndNotToItsAuthor() {
        var other = new TestClient(rig, server);
        other.send(FOLLOW);
        client.send(FOLLOW);
        rig.settle();

        client.write(Rig.put("1", KEY, 5, 1));
        rig.settle();

        assertThat(client.types()).containsExactly("SYNC_RESP_ROOT", "OP_ACK");
        assertThat(other.heard.getLast())
                .isEqualTo(
                        Rig.CODEC.encode(
                                new MapEvent(Rig.TODOS, KEY, Rig.record(5, Rig.number(1)))));
    }

    @Test
    void whoWroteToAMapFollowsIt() {
        var other = new TestClient(rig, server);
        other.write(Rig.put("1", Rig.keyOn(0, 0), 5, 1));
        rig.settle();

        client.write(Rig.put("1", KEY, 5, 1));
        rig.settle();

        assertThat(other.types()).containsExactly("OP_ACK", "SERVER_EVENT");
    }

    @Test
    void aWriteThatLosesIsAcknowledgedAndToldToNobody() {
        var other = new TestClient(rig, server);
        other.send(FOLLOW);
        other.write(Rig.put("1", KEY, 9, 1));
        rig.settle();

        client.write(Rig.put("1", KEY, 5, 2));
        rig.settle();

        assertThat(client.heard).containsExactly(TestClient.encoded(ack("1")));
        assertThat(other.types()).containsExactly("SYNC_RESP_ROOT", "OP_ACK");
    }

    @Test
    void theAuthorsOwnQueryIsKeptUpToDate() {
        client.send(ASK);
        rig.settle();

        client.write(Rig.put("1", KEY, 5, 1));
        rig.settle();

        assertThat(client.heard)
                .contains(
                        Rig.CODEC.encode(
                                new QueryUpdate("q", KEY, Rig.number(1), RowChange.ENTER)));
    }

    @Test
    void aQueryWithAKnownIdTakesThePlaceOfTheOther() {
        client.send(ASK, ASK);
        rig.settle();

        client.write(Rig.put("1", KEY, 5, 1));
        rig.settle();

        assertThat(client.types())
                .containsExactlyInAnyOrder("QUERY_RESP", "QUERY_RESP", "QUERY_UPDATE", "OP_ACK");
    }

    @Test
    void afterUnsubscribingAQueryIsSilent() {
        client.send(ASK, new ClientMessage.QueryUnsubscribe("q"));
        rig.settle();

        client.write(Rig.put("1", KEY, 5, 1));
        rig.settle();

        assertThat(client.types()).containsExactly("QUERY_RESP", "OP_ACK");
    }

    @Test
    void aLeafOfTheTrieIsAnsweredWithItsRecords() {
        client.write(Rig.remove("1", KEY, 5));
        var path = new MerklePath("%03x".formatted(MerkleTrie.leafOf(KEY.hash())));
        client.send(new ClientMessage.MerkleRequest(Rig.TODOS, path));

        rig.settle();

        assertThat(client.heard.getLast())
                .isEqualTo(
                        Rig.CODEC.encode(
                                new SyncLeaf(
                                        Rig.TODOS,
                                        path,
                                        List.of(new Entry(KEY, Rig.record(5, null))),
                                        false)));
    }

    @Test
    void aFailedWriteIsAnErrorAndNoAcknowledgement() {
        rig.fillDisk();

        client.write(Rig.put("1", KEY, 5, 1));
        rig.settle();

        assertThat(client.heard)
                .containsExactly(
                        TestClient.encoded(
                                new Failure(
                                        ErrorCode.STORAGE_FULL,
                                        "the server has no more space; reads still work")));
    }

    @Test
    void aMessageGoesToWhoListensToItsTopic() {
        var other = new TestClient(rig, server);
        other.send(new ClientMessage.TopicSubscribe(TOPIC));
        client.send(new ClientMessage.TopicSubscribe(TOPIC));
        rig.settle();

        client.send(new ClientMessage.TopicPublish(TOPIC, Rig.number(1)));
        rig.settle();

        assertThat(client.heard).isEmpty();
        assertThat(other.heard)
                .containsExactly(
                        TestClient.encoded(
                                new TopicMessage(TOPIC, Rig.number(1), null, Rig.START_MILLIS)));
    }

    @Test
    void readingPausesWhileTheLimitOfRequestsIsBeingWorkedOn() {
        int limit = SyncServer.Limits.DEFAULTS.maxInFlight();
        for (int i = 1; i < limit; i++) {
            client.write(Rig.put("" + i, KEY, i, 1));
        }
        rig.runAllButDisk();
        boolean pausedBefore = client.paused;
        client.write(Rig.put("" + limit, KEY, limit, 1));
        rig.runAllButDisk();
        boolean pausedAtLimit = client.paused;

        rig.settle();

        assertThat(pausedBefore).isFalse();
        assertThat(pausedAtLimit).isTrue();
        assertThat(client.paused).isFalse();
        assertThat(client.heard).hasSize(limit);
    }

    @Test
    void readingPausesWhileTheClientDoesNotReadItsAnswers() {
        client.reads = false;
        for (int i = 0; i < 200; i++) {
            client.send(PING);
            rig.settle();
        }
        boolean pausedWhileFull = client.paused;

        client.readAgain();
        rig.settle();

        assertThat(pausedWhileFull).isTrue();
        assertThat(client.paused).isFalse();
        assertThat(client.heard).hasSize(200);
    }

    @Test
    void aClientThatMissedUpdatesOfAQueryGetsAllRowsAgain() {
        client.send(ASK);
        rig.settle();
        client.reads = false;
        var other = new TestClient(rig, server);
        for (int i = 0; i < 400; i++) {
            other.write(Rig.put("" + i, new Key("k" + i), 5, i));
            rig.settle();
        }

        client.readAgain();
        rig.settle();

        assertThat(client.types()).endsWith("QUERY_RESP");
        assertThat(rowsOf(client.heard.getLast())).isEqualTo(400);
    }

    private static int rowsOf(byte[] answer) {
        var frame = (Datum.Dictionary) Datum.of(Value.ofEncoded(answer));
        var payload = (Datum.Dictionary) Objects.requireNonNull(frame.fields().get("payload"));
        var rows = (Datum.Sequence) Objects.requireNonNull(payload.fields().get("results"));
        return rows.items().size();
    }

    @Test
    void whoAsksTooMuchIsToldToSlowDownAndGoesOnLater() {
        int burst = SyncServer.Limits.DEFAULTS.burst();
        client.send(new ClientMessage.Batch(burst, List.of()));
        client.send(PING);
        rig.settle();
        rig.millis.addAndGet(1_000);

        client.send(PING);
        rig.settle();

        assertThat(client.types()).containsExactly("ERROR", "ERROR", "PONG");
        assertThat(client.heard.get(1))
                .isEqualTo(
                        Rig.CODEC.encode(
                                new Failure(
                                        ErrorCode.RATE_LIMITED, "rate limit exceeded, slow down")));
    }

    @Test
    void aBatchWithNothingToWriteIsAcknowledgedNoHigherThanTheStoreGoes() {
        var lax =
                rig.server(
                        new SyncServer.Parts(
                                rig.store, Durability.BATCHED, Replication.none(), rig.clock));
        var writer = new TestClient(rig, lax);

        writer.write(new Op.Invalid("7", ErrorCode.BAD_REQUEST, "no"));
        rig.settle();

        assertThat(writer.heard)
                .containsExactly(
                        TestClient.encoded(
                                new OpAck(
                                        "7",
                                        AckLevel.APPLIED,
                                        List.of(new OpResult("7", false, AckLevel.MEMORY, "no")))));
    }

    /** Each is too large for more than one to wait beside what is queued. */
    @Test
    void severalStaleQueriesAreRefreshedOneAfterTheOther() {
        Value large = Value.of(new Datum.Text("x".repeat(4_000)));
        for (int i = 0; i < 150; i++) {
            client.write(
                    new Op.Write("" + (i + 1), Rig.TODOS, new Key("k" + i), Rig.record(5, large)));
        }
        rig.settle();
        var reader = new TestClient(rig, server);
        for (int i = 0; i < 4; i++) {
            reader.send(new ClientMessage.QuerySubscribe("q" + i, Rig.TODOS, Query.EVERYTHING));
        }
        rig.settle();
        reader.heard.clear();
        reader.reads = false;
        for (int i = 0; i < 300; i++) { // more than the queue takes
            client.write(Rig.put("" + (200 + i), KEY, 10 + i, i));
            rig.settle();
        }

        reader.readAgain();
        rig.settle();

        assertThat(reader.closed).isNull();
        assertThat(reader.types().stream().filter("QUERY_RESP"::equals)).hasSize(4);
        assertThat(reader.types()).endsWith("QUERY_RESP");
    }

    @Test
    void theMessagesOfABatchAreTakenInTheirOrder() {
        client.send(new ClientMessage.Batch(3, List.of(PING, FOLLOW, PING)));

        rig.settle();

        assertThat(client.types()).containsExactly("PONG", "SYNC_RESP_ROOT", "PONG");
    }

    @Test
    void aBatchOfTooManyMessagesIsRefusedAsAWhole() {
        client.send(new ClientMessage.Batch(WireLimits.MAX_BATCH_ITEMS + 1, List.of(PING)));

        rig.settle();

        assertThat(client.heard)
                .containsExactly(
                        TestClient.encoded(
                                new Failure(
                                        ErrorCode.TOO_LARGE, "a BATCH has at most 8192 messages")));
    }

    @Test
    void aDeviceIsMadeOnceForASession() {
        client.send(new ClientMessage.DeviceHello(null), new ClientMessage.DeviceHello("unknown"));
        rig.settle();

        assertThat(client.types()).containsExactly("DEVICE_ACK", "DEVICE_ACK");
        assertThat(client.heard.getLast().length).isLessThan(client.heard.getFirst().length);
    }

    @Test
    void aTokenIsAcknowledgedWhereNoneIsNeeded() {
        client.send(new ClientMessage.Auth("whatever", null));

        rig.settle();

        assertThat(client.types()).containsExactly("AUTH_ACK");
    }

    @Test
    void aSessionThatHasEndedLeavesNothingBehind() {
        client.send(FOLLOW, ASK, new ClientMessage.TopicSubscribe(TOPIC));
        rig.settle();
        int followed = server.subjects();
        int watches = rig.watches(server);

        client.hangUp();
        rig.settle();

        assertThat(followed).isEqualTo(2);
        assertThat(watches).isPositive();
        assertThat(server.subjects()).isZero();
        assertThat(rig.watches(server)).isZero();
    }

    @Test
    void whatIsUnderWayWhenASessionEndsIsWrittenAllTheSame() {
        client.write(Rig.put("1", KEY, 5, 1));
        rig.runAllButDisk();

        client.hangUp();
        rig.settle();

        assertThat(rig.store.read(Rig.TODOS, KEY)).isNotNull();
        assertThat(client.heard).isEmpty();
        assertThat(server.mapInterest().subjects()).isZero();
    }
}
