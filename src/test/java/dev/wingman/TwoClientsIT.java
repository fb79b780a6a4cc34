package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.LeafKeys;
import dev.wingman.testing.NodeClient;
import dev.wingman.testing.ServerProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Two Node processes share maps through the packaged server. Each test has maps of its own. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TwoClientsIT {
    private final List<Runnable> running = new ArrayList<>();
    private NodeClient.Installation installation;
    private ServerProcess server;
    private URI url;
    private NodeClient alice;
    private NodeClient bob;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        switch (NodeClient.install(Path.of("target", "node-client"))) {
            case NodeClient.Availability.Ready(var ready) -> installation = ready;
            case NodeClient.Availability.Missing(var reason) -> Assumptions.abort(reason);
        }
        // Clients come back to the port they know.
        server = ServerProcess.in(folder).with("wingman.network.port", freePort()).start();
        running.add(server::close);
        url = server.webSocketUrl("/ws");
        alice = client();
        bob = client();
    }

    private NodeClient client() {
        NodeClient client = installation.start(url);
        running.add(client::close);
        return client;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @AfterAll
    void stop() {
        running.forEach(Runnable::run);
    }

    @Test
    void whatOneWritesAndRemovesTheOtherSeesLive() {
        alice.watch("live");
        bob.watch("live");

        alice.set("live", "k", new JsonObject().put("age", 30));
        awaitChanges(bob, "live", "k={\"age\":30}");
        alice.remove("live", "k");

        awaitChanges(bob, "live", "k={\"age\":30}", "k removed");
    }

    @Test
    void everythingAcknowledgedIsThereAfterKillAndRestart() {
        alice.set("durable", "kept", 1);
        alice.set("durable", "removed", 2);
        alice.remove("durable", "removed");
        alice.synced();

        server.restart();

        NodeClient newcomer = client();
        for (NodeClient client : List.of(newcomer, bob)) {
            client.watch("durable");
            assertThat(client.get("durable", "kept")).isEqualTo(1);
            assertThat(client.get("durable", "removed")).isNull();
        }
    }

    @Test
    void editsOfBothMadeWhileTheServerIsAwayConvergeToTheLaterOnes() {
        alice.watch("offline");
        bob.watch("offline");
        alice.set("offline", "removed by bob", "old");
        alice.synced();
        awaitChanges(bob, "offline", "removed by bob=old");

        server.kill();
        alice.set("offline", "of alice", "a");
        alice.set("offline", "bob is later", "a");
        bob.set("offline", "alice is later", "b");
        awaitLaterMillisecond();
        bob.set("offline", "of bob", "b");
        bob.set("offline", "bob is later", "b");
        bob.remove("offline", "removed by bob");
        alice.set("offline", "alice is later", "a");
        server.restart();
        alice.synced();
        bob.synced();
        alice.synced();

        for (NodeClient client : List.of(alice, bob)) {
            await().untilAsserted(() ->
                    assertThat(contents(client)).containsExactly("a", "b", "b", "a", null));
        }
        assertThat(alice.root("offline")).isEqualTo(bob.root("offline")).isNotZero();
    }

    @Test
    void moreThanOneMessageCanHoldGoesOutAndComesInInSeveral() {
        String large = "v".repeat(500_000);
        List<String> keys = LeafKeys.ofOneLeaf(6);
        alice.watch("large");

        server.kill();
        keys.forEach(key -> alice.set("large", key, large));
        server.restart();
        alice.synced();

        NodeClient newcomer = client();
        newcomer.watch("large");
        assertThat(keys).allSatisfy(key -> assertThat(newcomer.get("large", key)).isEqualTo(large));
        newcomer.synced();
        assertThat(newcomer.root("large")).isEqualTo(alice.root("large"));
    }

    private static List<Object> contents(NodeClient client) {
        return Arrays.asList(
                client.get("offline", "of alice"),
                client.get("offline", "of bob"),
                client.get("offline", "bob is later"),
                client.get("offline", "alice is later"),
                client.get("offline", "removed by bob"));
    }

    private static void awaitLaterMillisecond() {
        long now = System.currentTimeMillis();
        await().until(() -> System.currentTimeMillis() > now);
    }

    @Test
    void aQuerySeesRowsEnterChangeAndLeave() {
        alice.set("query", "there before", user(30, "x"));
        alice.set("query", "other", user(31, "x"));
        alice.synced();
        bob.query("query", "{\"where\":{\"age\":30}}");

        // Writes to one key keep their order; between keys only waiting does.
        alice.set("query", "comes", user(30, "x"));
        alice.set("query", "comes", user(30, "changed"));
        alice.set("query", "comes", user(29, "changed"));
        List<String> rows = new ArrayList<>();
        Collections.addAll(rows, "RESULT [there before]", "ENTER comes", "UPDATE comes");
        awaitRow(bob, "query", rows, "LEAVE comes");
        alice.set("query", "other", user(30, "x"));
        awaitRow(bob, "query", rows, "ENTER other");
        alice.remove("query", "there before");

        awaitRow(bob, "query", rows, "LEAVE there before");
    }

    @Test
    void aSortedQueryShowsTheFirstRowsAndNeverMoreThanItsLimit() {
        for (int age = 10; age <= 40; age += 10) {
            alice.set("sorted", "of " + age, user(age, "x"));
        }
        alice.synced();
        bob.query("sorted", "{\"sort\":[{\"field\":\"age\",\"direction\":\"desc\"}],\"limit\":2}");

        List<String> rows = new ArrayList<>(List.of("RESULT [of 40, of 30]"));
        alice.set("sorted", "of 35", user(35, "x"));
        rows.add("LEAVE of 30");
        awaitRow(bob, "sorted", rows, "ENTER of 35");
        alice.remove("sorted", "of 40");

        rows.add("LEAVE of 40");
        awaitRow(bob, "sorted", rows, "ENTER of 30");
    }

    @Test
    void topicMessagesArriveInTheOrderTheyWereSent() {
        List<Object> numbers = List.copyOf(IntStream.range(0, 20).boxed().toList());
        bob.subscribe("news");

        numbers.forEach(number -> alice.publish("news", number));

        await().untilAsserted(() -> assertThat(bob.messages("news")).isEqualTo(numbers));
    }

    @Test
    void aMapThatIsUpToDateNeedsOneQuestionAndOneAnswerAfterAReconnect() {
        alice.watch("equal");
        for (int i = 0; i < 100; i++) {
            alice.set("equal", "key " + i, i);
        }
        alice.remove("equal", "key 50");
        alice.synced();
        bob.watch("equal");
        long root = alice.root("equal");

        alice.clearEvents();
        server.restart();
        alice.synced();

        assertThat(alice.traffic("equal")).containsExactly("SYNC_INIT", "SYNC_RESP_ROOT");
        assertThat(root).isNotZero().isEqualTo(bob.root("equal"));
    }

    private static void awaitChanges(NodeClient client, String map, String... changes) {
        await().untilAsserted(() -> assertThat(client.changes(map)).containsExactly(changes));
    }

    private static JsonObject user(int age, String name) {
        return new JsonObject().put("age", age).put("name", name);
    }

    /** Waits until the client has seen the rows and then {@code next}, which joins them. */
    private static void awaitRow(NodeClient client, String map, List<String> rows, String next) {
        rows.add(next);
        await().untilAsserted(() -> assertThat(client.rows(map)).containsExactlyElementsOf(rows));
    }
}
