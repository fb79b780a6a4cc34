package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.ClientMessage;
import dev.wingman.protocol.CloseCode;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MerklePath;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.QueryResult;
import dev.wingman.protocol.SyncRequest;
import dev.wingman.protocol.SyncResponse.SyncError;
import dev.wingman.protocol.Value;
import dev.wingman.security.policy.MapPattern;
import dev.wingman.security.policy.Policies;
import dev.wingman.security.policy.Policy;
import dev.wingman.security.policy.Policy.Action;
import dev.wingman.security.policy.Policy.Effect;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** On a server with policies: what sessions and {@code POST /sync} do about them. */
class MapAccessTest {
    private static final Key KEY = new Key("k");
    private static final Value LARGE = Value.of(new Datum.Text("x".repeat(500_000)));
    private static final ClientMessage ASK =
            new ClientMessage.QuerySubscribe("q", Rig.TODOS, Query.EVERYTHING);
    private static final Failure UNREADABLE =
            new Failure(ErrorCode.FORBIDDEN, "read access denied for map: todos");

    private Policies present = Policies.none();
    private final Rig rig = new Rig();
    private final Deque<Policies> moments = new ArrayDeque<>();
    private final SyncServer server =
            rig.server(null, () -> moments.isEmpty() ? present : moments.remove());
    private final TestClient client = new TestClient(rig, server);

    private static Policy allow(String maps, Action action) {
        return new Policy("p", new MapPattern(maps), action, Effect.ALLOW);
    }

    private void change(Policy... rules) {
        present = new Policies(true, List.of(rules), Set.of());
        server.accessChanged();
        rig.settle();
    }

    /** Wire protocol 5.3: an error and no acknowledgement, or the client takes it for done. */
    @Test
    void aBatchWithAWriteThatIsNotAllowedIsNotCarriedOut() {
        change(allow("notes", Action.ALL), allow("todos", Action.REMOVE));

        client.write(Rig.remove("1", KEY, 5), Rig.put("2", KEY, 6, 1));
        rig.settle();

        assertThat(client.heard)
                .containsExactly(
                        TestClient.encoded(
                                new Failure(
                                        ErrorCode.FORBIDDEN,
                                        "write access denied for map: todos")));
        assertThat(rig.store.read(Rig.TODOS, KEY)).isNull();
        assertThat(server.mapCount()).isZero();
    }

    @Test
    void everyMapAndActionOfABatchIsJudged() {
        change(allow("todos", Action.WRITE));
        var elsewhere = new Op.Write("3", Rig.NOTES, KEY, Rig.record(6, LARGE));

        client.write(Rig.put("1", KEY, 5, 1), Rig.put("2", KEY, 6, 1), elsewhere);
        client.write(Rig.put("1", KEY, 5, 1), Rig.remove("2", KEY, 6));
        rig.settle();

        assertThat(client.types()).containsExactly("ERROR", "ERROR");
        assertThat(server.mapCount()).isZero();
    }

    @Test
    void noAcknowledgementCoversWhatWasDenied() {
        change(allow("todos", Action.REMOVE));
        client.write(Rig.put("1", KEY, 6, 1));
        client.write(Rig.remove("2", KEY, 7));

        rig.settle();

        assertThat(client.types()).containsExactly("ERROR", "ERROR");
    }

    @Test
    void removingIsAnActionOfItsOwn() {
        change(allow("todos", Action.WRITE));

        client.write(Rig.remove("1", KEY, 5));
        rig.settle();

        assertThat(client.heard)
                .containsExactly(
                        TestClient.encoded(
                                new Failure(
                                        ErrorCode.FORBIDDEN,
                                        "remove access denied for map: todos")));
    }

    @Test
    void nothingOfAMapIsShownToWhoMayNotReadIt() {
        client.write(Rig.put("1", KEY, 5, 1));
        rig.settle();
        client.hangUp();
        change(allow("todos", Action.WRITE));
        var other = new TestClient(rig, server);

        other.send(new ClientMessage.SyncInit(Rig.TODOS));
        other.send(new ClientMessage.MerkleRequest(Rig.TODOS, new MerklePath("")));
        other.send(new ClientMessage.MerkleRequest(Rig.TODOS, new MerklePath("000")));
        other.send(ASK);
        rig.settle();

        byte[] refusal = TestClient.encoded(UNREADABLE)[0];
        assertThat(other.heard)
                .containsExactly(
                        refusal,
                        refusal,
                        refusal,
                        TestClient.encoded(new QueryResult("q", List.of(), false, UNREADABLE))[0]);
        assertThat(server.followers(Rig.TODOS)).isZero();
    }

    @Test
    void whoMayOnlyWriteHearsOfNoEvents() {
        change(allow("todos", Action.WRITE));
        var other = new TestClient(rig, server);

        client.write(Rig.put("1", KEY, 5, 1));
        rig.settle();
        other.write(Rig.put("1", KEY, 6, 2));
        rig.settle();

        assertThat(client.types()).containsExactly("OP_ACK");
    }

    @Test
    void whoMayNoLongerReadWhatTheyHearOfIsDisconnected() {
        var other = new TestClient(rig, server);
        client.send(ASK);
        other.send(new ClientMessage.SyncInit(Rig.NOTES));
        rig.settle();

        change(allow("notes", Action.READ));

        assertThat(client.closed).isEqualTo(CloseCode.POLICY_VIOLATION);
        assertThat(other.closed).isNull();
    }

    /** A session that follows nothing is not among those that a change disconnects. */
    @Test
    void aQueryThatBeginsWhileItsMapIsWithdrawnIsRefused() {
        moments.add(Policies.none());
        present = new Policies(true, List.of(), Set.of());

        client.send(ASK);
        rig.settle();

        assertThat(client.heard)
                .containsExactly(
                        TestClient.encoded(new QueryResult("q", List.of(), false, UNREADABLE)));
        assertThat(client.connection.metadata().subscriptions()).isEmpty();
        assertThat(rig.watches(server)).isZero();
    }

    @Test
    void theRestOfALeafIsNotShownWhenItsMapIsWithdrawnMeanwhile() {
        List<Key> keys = Rig.keysOfOneLeaf(10);
        for (Key key : keys) {
            client.write(new Op.Write("1", Rig.TODOS, key, Rig.record(5, LARGE)));
        }
        rig.settle();
        client.hangUp();
        var other = new TestClient(rig, server);
        other.reads = false;
        String leaf = "%03x".formatted(MerkleTrie.leafOf(keys.getFirst().hash()));
        other.send(new ClientMessage.MerkleRequest(Rig.TODOS, new MerklePath(leaf)));
        rig.settle();

        change(allow("notes", Action.ALL));
        other.readAgain();
        rig.settle();

        assertThat(other.types().getFirst()).isEqualTo("SYNC_RESP_LEAF");
        assertThat(other.heard.getLast()).isEqualTo(TestClient.encoded(UNREADABLE)[0]);
    }

    @Test
    void oneRequestByHttpIsJudgedLikeASession() {
        change(allow("notes", Action.READ));
        var request =
                new SyncRequest(
                        null,
                        List.of(Rig.put("1", KEY, 5, 1)),
                        List.of(
                                new SyncRequest.MapSince(Rig.TODOS, Stamp.NONE),
                                new SyncRequest.MapSince(Rig.NOTES, Stamp.NONE)),
                        List.of(
                                new SyncRequest.HttpQuery(
                                        "q", Rig.TODOS, Query.EVERYTHING, 0, null)),
                        List.of());

        var answer = new HttpSync(server, null).answer(request).toCompletableFuture();
        rig.settle();

        assertThat(answer).isDone();
        assertThat(answer.join().ack()).isNull();
        assertThat(answer.join().queryResults()).isEmpty();
        assertThat(answer.join().errors())
                .containsExactly(
                        new SyncError(
                                ErrorCode.FORBIDDEN,
                                "write access denied for map: todos",
                                "operations"),
                        new SyncError(ErrorCode.FORBIDDEN, UNREADABLE.message(), "q"),
                        new SyncError(ErrorCode.FORBIDDEN, UNREADABLE.message(), "todos"));
    }
}
