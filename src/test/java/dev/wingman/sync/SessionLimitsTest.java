package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.MerkleTrie;
import dev.wingman.protocol.ClientMessage;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.MerklePath;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.OpAck;
import dev.wingman.protocol.ServerMessage.OpResult;
import dev.wingman.protocol.TopicName;
import dev.wingman.protocol.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a client gets that asks for more than there is room for. */
class SessionLimitsTest {
    private static final int MESSAGE_BYTES = 2_000;
    private static final int BURST = 400;
    private static final int MAX_MAPS = 2;

    private final Rig rig = new Rig();
    private final SyncServer server =
            rig.server(null, new SyncServer.Limits(32, 1, BURST, 10_000, MAX_MAPS, MESSAGE_BYTES));
    private final TestClient client = new TestClient(rig, server);

    private static Op.Write put(Key key, int bytes) {
        var value = Value.of(new Datum.Text("x".repeat(bytes)));
        return new Op.Write("1", Rig.TODOS, key, Rig.record(5, value));
    }

    private List<Key> store(int count, int bytes) {
        List<Key> keys = Rig.keysOfOneLeaf(count);
        client.write(keys.stream().map(key -> (Op) put(key, bytes)).toArray(Op[]::new));
        rig.settle();
        client.heard.clear();
        return keys;
    }

    private static ClientMessage leafOf(Key key) {
        String path = "%03x".formatted(MerkleTrie.leafOf(key.hash()));
        return new ClientMessage.MerkleRequest(Rig.TODOS, new MerklePath(path));
    }

    /** The keys in all answers so far, in order, none of which is too large. */
    private List<String> keysHeard(String list) {
        List<String> keys = new ArrayList<>();
        for (byte[] frame : client.heard) {
            assertThat(frame).hasSizeLessThanOrEqualTo(MESSAGE_BYTES);
            for (Datum item : ((Datum.Sequence) field(payload(frame), list)).items()) {
                keys.add(((Datum.Text) field(item, "key")).value());
            }
        }
        return keys;
    }

    private static Datum payload(byte[] frame) {
        return field(Datum.of(Value.ofEncoded(frame)), "payload");
    }

    private static Datum field(Datum of, String name) {
        return Objects.requireNonNull(((Datum.Dictionary) of).fields().get(name));
    }

    private static String[] texts(List<Key> keys) {
        return keys.stream().map(Key::value).toArray(String[]::new);
    }

    @Test
    void aLeafThatIsTooLargeComesInPartsThatTogetherHaveEverything() {
        List<Key> keys = store(7, 300);

        client.send(leafOf(keys.getFirst()), new ClientMessage.Ping(Value.NIL));
        rig.settle();

        assertThat(client.types().getLast()).isEqualTo("PONG");
        client.heard.removeLast();
        assertThat(client.types()).hasSizeGreaterThan(3).containsOnly("SYNC_RESP_LEAF");
        assertThat(keysHeard("records")).containsExactlyInAnyOrder(texts(keys));
    }

    @Test
    void aSingleRecordIsSentWhateverItsSize() {
        List<Key> keys = store(2, 4_000);

        client.send(leafOf(keys.getFirst()));
        rig.settle();

        assertThat(client.types()).containsExactly("SYNC_RESP_LEAF", "SYNC_RESP_LEAF");
    }

    @Test
    void theRestOfALeafWaitsUntilTheClientHasReadWhatItHas() {
        List<Key> keys = store(300, 700);
        client.reads = false;
        client.send(leafOf(keys.getFirst()));
        rig.settle();
        boolean congested = client.connection.isCongested();

        client.readAgain();
        rig.settle();

        assertThat(congested).isTrue();
        assertThat(client.connection.isConnected()).isTrue();
        assertThat(keysHeard("records")).containsExactlyInAnyOrder(texts(keys));
    }

    @Test
    void aQueryShowsTheFirstRowsThatHaveRoomAndSaysThatThereAreMore() {
        List<Key> keys = store(7, 300);
        List<String> sorted = keys.stream().map(Key::value).sorted().toList();

        client.send(new ClientMessage.QuerySubscribe("q", Rig.TODOS, Query.EVERYTHING));
        rig.settle();

        assertThat(client.types()).containsExactly("QUERY_RESP");
        assertThat(keysHeard("results"))
                .hasSizeBetween(1, 6)
                .isSubsetOf(sorted)
                .doesNotHaveDuplicates();
        assertThat(field(payload(client.heard.getFirst()), "hasMore"))
                .isEqualTo(new Datum.Bool(true));
    }

    @Test
    void anOpThatNamesOneMapTooManyIsRefusedAndTheOthersAreDone() {
        client.write(
                write("1", "first"),
                write("2", "second"),
                write("3", "third"),
                write("4", "first"));
        rig.settle();

        assertThat(client.heard)
                .containsExactly(
                        TestClient.encoded(
                                new OpAck(
                                        "4",
                                        AckLevel.PERSISTED,
                                        List.of(
                                                new OpResult(
                                                        "3",
                                                        false,
                                                        AckLevel.MEMORY,
                                                        "the server has the most maps it may"
                                                                + " have: 2; raise"
                                                                + " wingman.sync.max-maps")))));
        assertThat(server.mapCount()).isEqualTo(MAX_MAPS);
    }

    @Test
    void moreRefusedOpsThanOneMessageCanNameAreNamedInSeveral() {
        client.reads = false;
        client.write(refused(300));
        rig.settle();
        client.send(new ClientMessage.Ping(Value.NIL));
        client.readAgain();
        rig.settle();

        List<String> named = new ArrayList<>();
        assertThat(client.types().getLast()).isEqualTo("PONG");
        for (byte[] frame : client.heard.subList(0, client.heard.size() - 1)) {
            assertThat(frame).hasSizeLessThanOrEqualTo(MESSAGE_BYTES);
            assertThat(field(payload(frame), "lastId")).isEqualTo(new Datum.Text("300"));
            for (Datum result : ((Datum.Sequence) field(payload(frame), "results")).items()) {
                named.add(((Datum.Text) field(result, "opId")).value());
            }
        }
        assertThat(named).hasSize(300).startsWith("1", "2", "3").endsWith("300");
    }

    private static Op[] refused(int count) {
        Op[] ops = new Op[count];
        for (int i = 0; i < count; i++) {
            ops[i] = new Op.Invalid("" + (i + 1), ErrorCode.BAD_REQUEST, "not like this");
        }
        return ops;
    }

    /** Two answers of many parts wait for the same client, and neither is lost. */
    @Test
    void theRestsOfTwoAcksBothWaitUntilTheClientReads() {
        var roomy = rig.server(null, new SyncServer.Limits(32, 1, 40_000, 10, 10, MESSAGE_BYTES));
        var writer = new TestClient(rig, roomy);
        writer.reads = false;
        writer.write(refused(9_000));
        writer.write(refused(9_001));
        rig.settle();
        boolean congested = writer.connection.isCongested();

        writer.readAgain();
        rig.settle();

        assertThat(congested).isTrue();
        assertThat(writer.closed).isNull();
        assertThat(writer.types()).hasSizeGreaterThan(1_000).containsOnly("OP_ACK");
        int results =
                writer.heard.stream()
                        .mapToInt(frame ->
                                ((Datum.Sequence) field(payload(frame), "results")).items().size())
                        .sum();
        assertThat(results).isEqualTo(18_001);
    }

    @Test
    void aTopicMessageThatWouldBeLargerThanAMessageIsRefused() {
        var listener = new TestClient(rig, server);
        var topic = TopicName.of("t").orElseThrow();
        listener.send(new ClientMessage.TopicSubscribe(topic));
        rig.settle();

        client.send(
                new ClientMessage.TopicPublish(topic, text(MESSAGE_BYTES - 1_000)),
                new ClientMessage.TopicPublish(topic, text(MESSAGE_BYTES)));
        rig.settle();

        assertThat(listener.types()).containsExactly("TOPIC_MESSAGE");
        assertThat(client.heard)
                .containsExactly(
                        TestClient.encoded(
                                new Failure(
                                        ErrorCode.TOO_LARGE,
                                        "a TOPIC_MESSAGE has at most 2000 bytes, this one more")));
    }

    private static Value text(int bytes) {
        return Value.of(new Datum.Text("x".repeat(bytes)));
    }

    private static Op.Write write(String id, String map) {
        return new Op.Write(id, new MapName(map), new Key("k"), Rig.record(5, Rig.number(1)));
    }

    @Test
    void aMapTooManyToFollowIsToldAfterTheAckOfItsWrite() {
        var roomy =
                rig.server(null, new SyncServer.Limits(32, 1, 20_000, 10, 20_000, MESSAGE_BYTES));
        var writer = new TestClient(rig, roomy);
        List<Op> ops = new ArrayList<>();
        for (int i = 0; i <= Subscriptions.MAX_MAPS; i++) {
            ops.add(write("" + (i + 1), "m" + i));
        }

        writer.write(ops.toArray(Op[]::new));
        rig.settle();

        assertThat(writer.types()).containsExactly("OP_ACK", "ERROR");
    }

    @Test
    void theMapsOfTheStoreAreKnownAfterARestart() {
        client.write(write("1", "first"), write("2", "second"));
        rig.settle();

        var restarted = rig.server(null, server.limits());
        restarted.restore(rig.store.recover());
        rig.settle();
        var again = new TestClient(rig, restarted);
        again.write(write("3", "third"), write("4", "second"));
        rig.settle();

        assertThat(restarted.mapCount()).isEqualTo(2);
        assertThat(again.types()).containsExactly("OP_ACK");
        assertThat(((Datum.Sequence) field(payload(again.heard.getFirst()), "results")).items())
                .hasSize(1);
    }

    @Test
    void everyOpInABatchOfBatchesCounts() {
        List<Op> ops = new ArrayList<>();
        for (int i = 0; i < BURST / 2; i++) {
            ops.add(Rig.put("" + (i + 1), new Key("k" + i), 5, i));
        }
        var batch = new ClientMessage.OpBatch(ops);

        client.send(new ClientMessage.Batch(2, List.of(batch, batch)));
        client.send(new ClientMessage.Ping(Value.NIL));
        rig.settle();

        assertThat(client.types()).contains("OP_ACK", "ERROR").doesNotContain("PONG");
        assertThat(client.heard)
                .contains(
                        TestClient.encoded(
                                new Failure(
                                        ErrorCode.RATE_LIMITED, "rate limit exceeded, slow down")));
    }

    /** The client takes an ack for all ops before it, so those that were refused come first. */
    @Test
    void opsOfARefusedBatchAreNotCoveredByALaterAck() {
        var inner = new ClientMessage.OpBatch(List.of(Rig.put("1", new Key("k"), 5, 1)));
        client.send(new ClientMessage.Batch(BURST, List.of()));
        client.send(new ClientMessage.Batch(1, List.of(inner)));
        rig.settle();
        rig.millis.addAndGet(10_000);

        client.write(Rig.put("2", new Key("l"), 5, 1));
        rig.settle();

        assertThat(client.types()).containsExactly("ERROR", "ERROR");
    }

    @Test
    void framesThatAreNoMessagesCountAsWell() {
        rig.settle();
        for (int i = 0; i < BURST; i++) {
            client.session.receivedNothing();
        }
        assertThat(client.types()).doesNotContain("ERROR");

        client.session.receivedNothing();
        rig.settle();

        assertThat(client.types()).containsOnlyOnce("ERROR");
    }
}
