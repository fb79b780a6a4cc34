package dev.wingman.sync;

import dev.wingman.cluster.OwnershipView;
import dev.wingman.cluster.Replication;
import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.Timestamp;
import dev.wingman.lifecycle.ShutdownController;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.MessageCodec;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.Op;
import dev.wingman.protocol.Value;
import dev.wingman.protocol.WireLimits;
import dev.wingman.security.DeviceCredentials;
import dev.wingman.security.TokenVerifier;
import dev.wingman.security.policy.Policies;
import dev.wingman.storage.Durability;
import dev.wingman.storage.InMemoryRecordStore;
import dev.wingman.storage.StoreException;
import dev.wingman.storage.StoreException.Problem;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A server's parts with nothing in them that moves by itself. */
final class Rig {
    static final long START_MILLIS = 1_000_000;
    static final MapName TODOS = new MapName("todos");
    static final MapName NOTES = new MapName("notes");
    static final MessageCodec CODEC = new MessageCodec(new WireLimits(1024, 4096));

    private static final int LOG_ENTRIES = 8;

    final ManualExecutor disk = new ManualExecutor();
    final List<ManualExecutor> stripes = List.of(new ManualExecutor(), new ManualExecutor());
    final List<ManualExecutor> loops = new ArrayList<>();
    final PartitionExecutor executors = new PartitionExecutor(stripes);
    final AtomicLong millis = new AtomicLong(START_MILLIS);
    final HybridLogicalClock clock =
            new HybridLogicalClock(() -> Instant.ofEpochMilli(millis.get()), "node");
    final InMemoryRecordStore store = new InMemoryRecordStore(disk, LOG_ENTRIES);
    final FaultyStore faulty = new FaultyStore(store);
    final SyncServer.Parts parts =
            new SyncServer.Parts(faulty, Durability.COMMIT, Replication.none(), clock);

    final Failures failures = new Failures(new SyncCounters());

    SyncServer server() {
        return server(null, SyncServer.Limits.DEFAULTS);
    }

    SyncServer server(@Nullable TokenVerifier tokens, SyncServer.Limits limits) {
        return server(parts, tokens, limits);
    }

    SyncServer server(SyncServer.Parts other) {
        return server(other, null, SyncServer.Limits.DEFAULTS);
    }

    /**
     * @param policies of the moment
     */
    SyncServer server(@Nullable TokenVerifier tokens, Supplier<Policies> policies) {
        var access = new SyncServer.Access(tokens, credentials(), ServerTopics.none(), policies);
        return serverWith(parts, access, SyncServer.Limits.DEFAULTS);
    }

    private SyncServer server(
            SyncServer.Parts ofServer, @Nullable TokenVerifier tokens, SyncServer.Limits limits) {
        return serverWith(ofServer, new SyncServer.Access(tokens, credentials()), limits);
    }

    private static DeviceCredentials credentials() {
        return new DeviceCredentials(
                new byte[DeviceCredentials.KEY_BYTES], new SplittableRandom(1));
    }

    private SyncServer serverWith(
            SyncServer.Parts ofServer, SyncServer.Access access, SyncServer.Limits limits) {
        OwnershipView view = OwnershipView.alone(new NodeId("node"));
        return new SyncServer(
                ofServer,
                executors,
                () -> view,
                new SyncServer.Surroundings(
                        CODEC,
                        access,
                        limits,
                        new ShutdownController()::inFlightGuard,
                        () -> (millis.get() - START_MILLIS) * 1_000_000));
    }

    /** The loop of one connection. */
    ManualExecutor newLoop() {
        var loop = new ManualExecutor();
        loops.add(loop);
        return loop;
    }

    /** Runs everything but the disk. */
    void runAllButDisk() {
        boolean ran = true;
        while (ran) {
            ran = false;
            for (ManualExecutor executor : threads()) {
                ran |= executor.waiting() > 0;
                executor.runAll();
            }
        }
    }

    private List<ManualExecutor> threads() {
        var threads = new ArrayList<>(stripes);
        threads.addAll(loops);
        return threads;
    }

    void settle() {
        runAllButDisk();
        while (disk.waiting() > 0) {
            disk.runAll();
            runAllButDisk();
        }
    }

    /** Live queries that somebody keeps up to date. */
    int watches(SyncServer server) {
        settle();
        return server.maps().watches();
    }

    void fillDisk() {
        store.refuseWrites(
                new StoreException(
                        Problem.DISK_FULL, "cannot write /data/store/000012.log: no space"));
    }

    void freeDisk() {
        store.refuseWrites(null);
    }

    static LwwRecord<Value> record(long atMillis, @Nullable Value value) {
        return new LwwRecord<>(value, new Timestamp(atMillis, 0, "client"), 0);
    }

    static Value number(long number) {
        Map<String, Datum> fields = new LinkedHashMap<>();
        fields.put("n", new Datum.Whole(number));
        return Value.of(new Datum.Dictionary(fields));
    }

    static Op.Write put(String id, Key key, long atMillis, long number) {
        return new Op.Write(id, TODOS, key, record(atMillis, number(number)));
    }

    static Op.Write remove(String id, Key key, long atMillis) {
        return new Op.Write(id, TODOS, key, record(atMillis, null));
    }

    /** Keys of one leaf, on both stripes. */
    static List<Key> keysOfOneLeaf(int count) {
        int leaf = MerkleTrie.leafOf(new Key("k0").hash());
        List<Key> keys = new ArrayList<>();
        for (int i = 0; keys.size() < count; i++) {
            var key = new Key("k" + i);
            if (MerkleTrie.leafOf(key.hash()) == leaf) {
                keys.add(key);
            }
        }
        return keys;
    }

    /** A key of the stripe with that number; another for every {@code which}. */
    static Key keyOn(int stripe, int which) {
        int found = 0;
        for (int i = 0; ; i++) {
            var key = new Key("k" + i);
            if (key.partition() % 2 == stripe && found++ == which) {
                return key;
            }
        }
    }
}
