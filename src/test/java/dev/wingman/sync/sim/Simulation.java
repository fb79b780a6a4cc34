package dev.wingman.sync.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Value;
import dev.wingman.testing.LeafKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One run: clients work on two maps while the node crashes and its disk fills up, everything in an
 * order that the seed decides; at the end all that was kept back gets through, and then everybody
 * must see the same.
 */
final class Simulation {
    private static final int ACTIONS = 150;
    private static final int MAX_ROUNDS_TO_REST = 60;
    private static final int MAX_TTL_MILLIS = 2_000;

    /** By any of the clocks. */
    private static final long LONGER_THAN_ANYTHING_LIVES_MILLIS = 3_600_000;

    private static final MapName MANY = new MapName("many");
    private static final MapName FEW = new MapName("few");
    private static final List<Key> KEYS = keys();

    /** Of the clients' wall clocks; one is so far off that the server does not follow it. */
    private static final long[] CLOCK_ERRORS_MILLIS = {0, -3_600_000, 45_000, 600_000};

    private final StringBuilder trace = new StringBuilder();
    private final SplittableRandom random;
    private final SimulatedTime time = new SimulatedTime();
    private final Tally tally = new Tally();
    private final History history = new History();
    private final Scheduler scheduler;
    private final SimulatedNode node;
    private final List<SimulatedClient> clients = new ArrayList<>();
    private final PollingClient poller;
    private int writes;

    Simulation(long seed) {
        random = new SplittableRandom(seed);
        scheduler = new Scheduler(random, time, trace);
        node = new SimulatedNode(scheduler, time, random, history);
        for (int i = 0; i < CLOCK_ERRORS_MILLIS.length; i++) {
            clients.add(
                    new SimulatedClient(
                            clock("client-" + i, CLOCK_ERRORS_MILLIS[i]),
                            i % 2 == 0,
                            node::store,
                            trace,
                            tally));
        }
        poller =
                new PollingClient(
                        clock("poller", -60_000),
                        node,
                        scheduler,
                        history,
                        trace,
                        tally,
                        List.of(MANY, FEW));
    }

    private HybridLogicalClock clock(String nodeId, long aheadMillis) {
        return new HybridLogicalClock(time.wallClock(aheadMillis), nodeId);
    }

    /**
     * Some in one leaf, so that it needs several messages; the others in few partitions, so that
     * their logs become long enough to be cut.
     */
    private static List<Key> keys() {
        List<Key> keys = new ArrayList<>();
        LeafKeys.ofOneLeaf(10).forEach(key -> keys.add(new Key(key)));
        for (int i = 0; keys.size() < 40; i++) {
            var key = new Key("k" + i);
            if (key.partition() < 7) {
                keys.add(key);
            }
        }
        return List.copyOf(keys);
    }

    Tally run() {
        clients.forEach(client -> client.connect(node));
        for (Key key : KEYS) {
            clients.getFirst().write(MANY, key, value(), 0, history);
        }
        clients.getFirst().sendPending();
        for (int i = 0; i < ACTIONS; i++) {
            act();
            for (int steps = random.nextInt(25); steps > 0 && scheduler.step(); steps--) {
                history.requireSound();
            }
        }
        comeToRest();
        lastWords();
        verify();
        return tally;
    }

    /** Everything that was delivered and run, in order. */
    String trace() {
        return trace.toString();
    }

    private void act() {
        SimulatedClient client = clients.get(random.nextInt(clients.size()));
        int kind = random.nextInt(100);
        trace.append("action ").append(kind).append('\n');
        if (!client.isConnected() && kind < 80) {
            client.connect(node);
        } else if (kind < 45) {
            write(client);
        } else if (kind < 50) {
            removeMany(client);
        } else if (kind < 57) {
            client.ask(question());
        } else if (kind < 60) {
            client.stopAsking();
        } else if (kind < 64) {
            client.startSync(random.nextBoolean() ? MANY : FEW);
        } else if (kind < 67) {
            client.stall(true);
        } else if (kind < 73) {
            clients.forEach(each -> each.stall(false));
        } else if (kind < 75) {
            client.hangUp();
        } else if (kind < 78) {
            client.resend();
        } else if (kind < 87) {
            pollOrWrite();
        } else {
            actOnNode(kind);
        }
    }

    private void actOnNode(int kind) {
        if (kind < 90) {
            crash();
        } else if (kind < 92) {
            node.fillDisk();
        } else if (kind < 95) {
            node.freeDisk();
        } else if (kind < 97) {
            node.storeSums();
        } else {
            time.pass(random.nextInt(3_000));
            node.sweep();
            node.expireRows();
        }
    }

    private void crash() {
        trace.append("crash\n");
        tally.crashes++;
        poller.giveUp();
        node.crash();
    }

    private void write(SimulatedClient client) {
        for (int ops = 1 + random.nextInt(3); ops > 0; ops--) {
            boolean removes = random.nextInt(4) == 0;
            long ttlMillis = random.nextInt(8) == 0 ? 1 + random.nextInt(MAX_TTL_MILLIS) : 0;
            client.write(map(), key(), removes ? null : value(), ttlMillis, history);
        }
        if (random.nextInt(8) > 0) {
            client.sendPending();
        }
    }

    /** Enough to empty the windows of limited queries. */
    private void removeMany(SimulatedClient client) {
        for (Key key : KEYS.subList(0, 30)) {
            client.write(MANY, key, null, 0, history);
        }
        client.sendPending();
    }

    private void pollOrWrite() {
        if (random.nextInt(3) == 0) {
            poller.write(map(), key(), value());
        }
        poller.poll();
    }

    private static MapName mapOf(int kind) {
        return kind == 0 ? FEW : MANY;
    }

    private MapName map() {
        return mapOf(random.nextInt(4));
    }

    private Key key() {
        return KEYS.get(random.nextInt(random.nextBoolean() ? 5 : KEYS.size()));
    }

    private @Nullable Value value() {
        return Value.ofEncoded(Frame.with("n", random.nextInt(10), "write", ++writes).encode());
    }

    private Question question() {
        int below = random.nextBoolean() ? Integer.MAX_VALUE : random.nextInt(10);
        int limit = 1 + random.nextInt(SimulatedNode.MAX_RECORDS);
        return new Question(map(), below, random.nextBoolean(), limit);
    }

    private void comeToRest() {
        trace.append("coming to rest\n");
        node.freeDisk();
        for (SimulatedClient client : clients) {
            client.startSync(MANY);
            client.startSync(FEW);
        }
        for (int round = 0; !isAtRest() || round < 2; round++) {
            assertThat(round).as("rounds to come to rest").isLessThan(MAX_ROUNDS_TO_REST);
            for (SimulatedClient client : clients) {
                client.stall(false);
                if (client.isConnected()) {
                    client.resend();
                    client.syncAll();
                } else {
                    client.connect(node);
                }
            }
            poller.poll();
            settle();
        }
    }

    /** What everybody must hear of without asking again. */
    private void lastWords() {
        for (SimulatedClient client : clients) {
            client.write(MANY, key(), value(), 0, history);
            client.write(FEW, key(), random.nextBoolean() ? value() : null, 0, history);
            client.sendPending();
            settle();
        }
        do {
            poller.poll();
            settle();
        } while (!poller.isUpToDate());
        time.pass(LONGER_THAN_ANYTHING_LIVES_MILLIS);
        time.stop();
        node.expireRows();
        settle();
    }

    private void settle() {
        while (scheduler.step()) {
            history.requireSound();
        }
    }

    private boolean isAtRest() {
        return poller.isUpToDate()
                && clients.stream()
                        .allMatch(client -> client.isConnected() && !client.hasPending());
    }

    private void verify() {
        assertThat(isAtRest()).isTrue();
        assertThat(node.connections()).isEqualTo(clients.size());
        for (MapName map : List.of(MANY, FEW)) {
            node.requireSumsOfRecords(map);
            history.finalState(map)
                    .forEach((key, record) ->
                            assertThat(node.store().read(map, key))
                                    .isNotNull()
                                    .extracting(stored -> stored.record())
                                    .isEqualTo(record));
        }
        clients.forEach(client -> client.requireConverged(history, node.wallMillis()));
        poller.requireConverged();
    }
}
