package dev.wingman.sync;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.ClientMessage;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MerklePath;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.SyncRequest;
import dev.wingman.protocol.SyncRequest.HttpQuery;
import dev.wingman.protocol.SyncRequest.MapSince;
import dev.wingman.storage.sql.DatabaseException;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** Whatever breaks inside, nobody waits for ever and the next request is served. */
class FaultsTest {
    private static final Key KEY = new Key("k");
    private static final ClientMessage.QuerySubscribe ASK =
            new ClientMessage.QuerySubscribe("q", Rig.TODOS, Query.EVERYTHING);

    private final Rig rig = new Rig();
    private final SyncServer server = rig.server();
    private final TestClient client = new TestClient(rig, server);

    private void store() {
        client.write(Rig.put("1", KEY, 5, 1));
        rig.settle();
        client.heard.clear();
    }

    private void breakDown() {
        rig.faulty.fault = new IllegalStateException("of the test");
    }

    @Test
    void aWriteWhoseMergeFailsIsAnsweredByAnErrorAndMayBeSentAgain() {
        store();
        breakDown();
        client.write(Rig.put("2", KEY, 6, 2));
        rig.settle();
        rig.faulty.fault = null;

        client.write(Rig.put("2", KEY, 6, 2));
        rig.settle();

        assertThat(client.types()).containsExactly("ERROR", "OP_ACK");
        assertThat(server.counters().internalErrors()).isEqualTo(1);
    }

    @Test
    void aWriteWhoseCommitFailsIsAnsweredByAnErrorAndMayBeSentAgain() {
        client.write(Rig.put("1", KEY, 5, 1));
        client.loop.runAll();
        rig.stripes.get(KEY.partition() % 2).runNext(); // merges; the flush is still to come
        breakDown();
        rig.settle();
        rig.faulty.fault = null;

        client.write(Rig.put("1", KEY, 5, 1));
        rig.settle();

        assertThat(client.types()).containsExactly("ERROR", "OP_ACK");
    }

    @Test
    void aLeafThatCannotBeReadIsAnsweredByAnError() {
        store();
        breakDown();

        client.send(
                new ClientMessage.MerkleRequest(
                        Rig.TODOS,
                        new MerklePath("%03x".formatted(MerkleTrie.leafOf(KEY.hash())))));
        rig.settle();

        assertThat(client.types()).containsExactly("ERROR");
    }

    @Test
    void aQueryThatFailsIsAnsweredAndLeavesNothingBehind() {
        store();
        breakDown();

        client.send(ASK);
        rig.settle();
        rig.faulty.fault = null;

        assertThat(client.types()).containsExactly("QUERY_RESP");
        assertThat(client.connection.metadata().subscriptions()).isEmpty();
        assertThat(rig.watches(server)).isZero();

        client.send(ASK);
        rig.settle();

        assertThat(client.types()).containsExactly("QUERY_RESP", "QUERY_RESP");
        assertThat(client.connection.metadata().subscriptions()).containsExactly("q");
    }

    @Test
    void aDatabaseThatIsAwayIsNoFaultOfTheServer() {
        var away =
                DatabaseException.notOpened("db.example", new IllegalStateException("of the test"));

        Failure told = server.failure(new CompletionException(away));

        assertThat(told.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(told.message()).doesNotContain("db.example");
        assertThat(server.counters().internalErrors()).isZero();
    }

    @Test
    void aRequestOverHttpHasWhatFailedAmongItsErrors() {
        store();
        breakDown();

        var answer =
                new HttpSync(server, null)
                        .answer(
                                new SyncRequest(
                                        null,
                                        List.of(Rig.put("2", KEY, 6, 2)),
                                        List.of(new MapSince(Rig.TODOS, Stamp.NONE)),
                                        List.of(
                                                new HttpQuery(
                                                        "q", Rig.TODOS, Query.EVERYTHING, 0, null)),
                                        List.of()))
                        .toCompletableFuture();
        rig.settle();

        assertThat(answer).isDone();
        assertThat(answer.join().errors()).hasSize(3);
    }
}
