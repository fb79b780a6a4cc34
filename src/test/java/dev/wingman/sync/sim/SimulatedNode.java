package dev.wingman.sync.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.cluster.OwnershipView;
import dev.wingman.cluster.Replication;
import dev.wingman.connection.ConnectionConfig;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.connection.IdleSweep;
import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.crdt.LeafSums;
import dev.wingman.lifecycle.HealthState;
import dev.wingman.lifecycle.ShutdownController;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.MessageCodec;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.Partitions;
import dev.wingman.protocol.WireLimits;
import dev.wingman.security.DeviceCredentials;
import dev.wingman.storage.Durability;
import dev.wingman.storage.InMemoryRecordStore;
import dev.wingman.storage.Recovery;
import dev.wingman.storage.StoreException;
import dev.wingman.sync.PartitionExecutor;
import dev.wingman.sync.SyncServer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A server of real parts on the scheduler's lanes, with two stripes and a disk in memory. */
final class SimulatedNode {
    static final MessageCodec CODEC = new MessageCodec(new WireLimits(64, 1024));

    /** Rows of a query and records of a delta: few, so that they are cut. */
    static final int MAX_RECORDS = 6;

    private static final int STRIPES = 2;
    private static final int LOG_ENTRIES = 3;
    private static final long MAX_CLOCK_ERROR_MILLIS = 20_000;

    /** Queues so short that slow readers come to feel it. */
    private static final ConnectionConfig CONNECTIONS =
            new ConnectionConfig(
                    100,
                    8,
                    2_000,
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(10),
                    1,
                    1,
                    100_000,
                    4,
                    1_000,
                    1_000);

    /** Half of it is for records: a leaf with more than seven is told in parts. */
    private static final int MAX_MESSAGE_BYTES = 2_500;

    private static final SyncServer.Limits LIMITS =
            new SyncServer.Limits(
                    CONNECTIONS.maxInFlight(),
                    CONNECTIONS.rate(),
                    CONNECTIONS.burst(),
                    MAX_RECORDS,
                    100,
                    MAX_MESSAGE_BYTES);

    private final Scheduler scheduler;
    private final SimulatedTime time;
    private final SplittableRandom random;
    private final History history;
    private final Scheduler.Lane disk;
    private InMemoryRecordStore store;
    private Running running;

    /** What a crash takes. */
    private record Running(
            SyncServer server,
            ConnectionRegistry registry,
            IdleSweep sweep,
            List<Scheduler.Lane> stripes,
            List<SimulatedSocket> sockets) {}

    SimulatedNode(
            Scheduler scheduler, SimulatedTime time, SplittableRandom random, History history) {
        this.scheduler = scheduler;
        this.time = time;
        this.random = random;
        this.history = history;
        this.disk = scheduler.lane("disk");
        this.store = new InMemoryRecordStore(disk, LOG_ENTRIES);
        this.running = start();
    }

    private Running start() {
        long clockError = random.nextLong(-MAX_CLOCK_ERROR_MILLIS, MAX_CLOCK_ERROR_MILLIS + 1);
        InstantSource wallClock = time.wallClock(clockError);
        var clock = new HybridLogicalClock(wallClock, "node");
        OwnershipView view = OwnershipView.alone(new NodeId(clock.nodeId()));
        List<Scheduler.Lane> stripes = new ArrayList<>();
        for (int i = 0; i < STRIPES; i++) {
            stripes.add(scheduler.lane("stripe-" + i));
        }
        var server =
                new SyncServer(
                        new SyncServer.Parts(
                                new ObservedStore(store, history),
                                Durability.COMMIT,
                                Replication.none(),
                                clock),
                        new PartitionExecutor(stripes),
                        () -> view,
                        new SyncServer.Surroundings(
                                CODEC,
                                new SyncServer.Access(
                                        null,
                                        new DeviceCredentials(
                                                new byte[DeviceCredentials.KEY_BYTES], random)),
                                LIMITS,
                                new ShutdownController()::inFlightGuard,
                                time::nanos));
        restore(server);
        var registry =
                new ConnectionRegistry(
                        CONNECTIONS, () -> HealthState.READY, wallClock, time::nanos);
        return new Running(
                server,
                registry,
                new IdleSweep(registry, CONNECTIONS, wallClock, _ -> null),
                stripes,
                new ArrayList<>());
    }

    private void restore(SyncServer server) {
        Recovery recovery = store.recover();
        for (int partition = 0; partition < Partitions.COUNT; partition++) {
            Recovery.Partition found = recovery.partitions().get(partition);
            assertThat(found.lastSequence()).isEqualTo(history.lastSequence(partition));
            assertThat(found.sums()).isEqualTo(store.rebuildSums(partition));
        }
        history.requireAllAcknowledgedKept(store);
        var restored = server.restore(recovery).toCompletableFuture();
        while (!restored.isDone()) {
            assertThat(scheduler.step()).isTrue();
        }
        restored.join();
    }

    SimulatedSocket connect(SimulatedClient client) {
        var socket = new SimulatedSocket(client, scheduler, history);
        socket.open(running.server, running.registry);
        running.sockets.add(socket);
        return socket;
    }

    /** The power fails: what was not on the disk is gone, and the wall clock may be another. */
    void crash() {
        disk.cutTo(0);
        running.stripes.forEach(Scheduler.Lane::end);
        for (SimulatedSocket socket : running.sockets) {
            socket.cut(random);
        }
        store = store.crash();
        running = start();
    }

    void fillDisk() {
        store.refuseWrites(
                new StoreException(
                        StoreException.Problem.DISK_FULL,
                        "cannot write /data/store/000012.log: no space"));
    }

    void freeDisk() {
        store.refuseWrites(null);
    }

    /** What a timer does in the real world, as {@link #expireRows}. */
    void sweep() {
        running.sweep.run(time.nanos());
    }

    void expireRows() {
        running.server.maps().expireRows();
    }

    void storeSums() {
        running.server.maps().storeSums();
    }

    SyncServer server() {
        return running.server;
    }

    InMemoryRecordStore store() {
        return store;
    }

    long wallMillis() {
        return running.server.clock().wallMillis();
    }

    int connections() {
        return running.registry.count();
    }

    /** Nothing is under way: what the server has computed must be what the disk says. */
    void requireSumsOfRecords(MapName map) {
        var asked = running.server.maps().sums(map).toCompletableFuture();
        scheduler.settle();
        var rebuilt = new LeafSums();
        for (int partition = 0; partition < Partitions.COUNT; partition++) {
            LeafSums part = store.rebuildSums(partition).get(map);
            if (part != null) {
                rebuilt.add(part);
            }
        }
        assertThat(asked.join()).isEqualTo(rebuilt);
    }
}
