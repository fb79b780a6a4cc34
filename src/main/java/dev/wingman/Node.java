package dev.wingman;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.wingman.cluster.ClusterState;
import dev.wingman.cluster.OwnershipView;
import dev.wingman.cluster.Replication;
import dev.wingman.connection.Admission;
import dev.wingman.connection.ConnectionRegistry;
import dev.wingman.connection.IdleSweep;
import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.lifecycle.HealthState;
import dev.wingman.lifecycle.ShutdownController;
import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.MessageCodec;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.NodeState;
import dev.wingman.security.DeviceCredentials;
import dev.wingman.security.PublishedKeys;
import dev.wingman.security.TokenVerifier;
import dev.wingman.security.policy.Policies;
import dev.wingman.storage.CommitBatch;
import dev.wingman.storage.RecordStore;
import dev.wingman.storage.Recovery;
import dev.wingman.storage.RocksRecordStore;
import dev.wingman.storage.StoreException;
import dev.wingman.storage.StoreHealth;
import dev.wingman.sync.PartitionExecutor;
import dev.wingman.sync.ServerTopics;
import dev.wingman.sync.SyncServer;
import java.lang.management.ManagementFactory;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One server put together: store, stripes, sessions and the timers between them. Knows nothing of
 * HTTP and of the container.
 *
 * <p>Thread-safe. {@link #recover} is called once, {@link Drain} ends it.
 */
final class Node {
    private static final String NODE_ID = "node-id";
    private static final String DEVICE_KEY = "device-key";

    /** A start that waited for ever would let nobody in, those of other issuers included. */
    private static final int KEYS_PATIENCE_SECONDS = 10;

    // Not static: a native image would be built with their values in it.
    private final SecureRandom random = new SecureRandom();

    private final Settings settings;

    /** Null without the REST API. */
    private final @Nullable MissionControl missions;

    /** Of another issuer; null when none publishes its keys. */
    private final @Nullable PublishedKeys issuerKeys;

    /** Null with the REST API, which has its own, and on an open server. */
    private final @Nullable TokenVerifier configured;

    private final ShutdownController lifecycle = new ShutdownController();
    private final ConnectionRegistry registry;
    private final MessageCodec codec;
    private final ExecutorService[] stripes;
    private final ScheduledExecutorService timer;
    private final List<Future<?>> chores = new ArrayList<>();
    private volatile @Nullable Running running;
    private volatile boolean failed;

    /** What exists once the store is open. */
    private record Running(
            RocksRecordStore store,
            SyncServer server,
            ClusterState cluster,
            long records,
            Duration recovery) {}

    Node(Settings settings, @Nullable MissionControl missions) {
        this.settings = settings;
        this.missions = missions;
        this.issuerKeys =
                missions == null ? IssuerKeys.of(settings.access()) : missions.issuerKeys();
        this.configured = missions == null ? verifier(settings.access(), issuerKeys) : null;
        this.registry =
                new ConnectionRegistry(
                        settings.connection(),
                        lifecycle::healthState,
                        InstantSource.system(),
                        System::nanoTime);
        this.codec = new MessageCodec(settings.wire());
        this.stripes = new ExecutorService[Runtime.getRuntime().availableProcessors()];
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = Executors.newSingleThreadExecutor(daemon("stripe-" + i));
        }
        this.timer = Executors.newSingleThreadScheduledExecutor(daemon("timer"));
    }

    private static @Nullable TokenVerifier verifier(
            Settings.Access access, @Nullable PublishedKeys issuerKeys) {
        return access.open()
                ? null
                : new TokenVerifier(
                        access.configured(issuerKeys, access.leeway()), InstantSource.system());
    }

    static ThreadFactory daemon(String name) {
        return Thread.ofPlatform().daemon().name(name).factory();
    }

    /** Of another issuer; null when none publishes its keys. */
    @Nullable PublishedKeys issuerKeys() {
        return issuerKeys;
    }

    ShutdownController lifecycle() {
        return lifecycle;
    }

    ConnectionRegistry registry() {
        return registry;
    }

    Settings settings() {
        return settings;
    }

    /**
     * Since the Java runtime started. What the operating system says of its processes is off by up
     * to a second on Linux, which counts the seconds since it booted in whole ones.
     */
    Duration uptime() {
        return Duration.ofMillis(ManagementFactory.getRuntimeMXBean().getUptime());
    }

    /** Whether one more client may come in. */
    Admission admit() {
        return running == null ? notOpen() : registry.admit();
    }

    /** Whether one more request without a socket is taken. */
    Admission admitRequest() {
        return running == null ? notOpen() : registry.admitRequest();
    }

    private Admission notOpen() {
        return lifecycle.healthState() == HealthState.STARTING
                ? Admission.starting()
                : Admission.draining();
    }

    /** It could not start, and will be stopped for that. */
    void setFailed() {
        failed = true;
    }

    boolean hasFailed() {
        return failed;
    }

    /** Only once the store is open. */
    SyncServer server() {
        return opened().server();
    }

    /** Only once the store is open. */
    ClusterState cluster() {
        return opened().cluster();
    }

    private Running opened() {
        Running present = running;
        if (present == null) {
            throw new IllegalStateException("the store is not open yet");
        }
        return present;
    }

    /** Null until the store is open. */
    @Nullable RocksRecordStore store() {
        Running present = running;
        return present == null ? null : present.store();
    }

    /** Zero until the store is open. */
    long recoveredRecords() {
        Running present = running;
        return present == null ? 0 : present.records();
    }

    /** Zero until the store is open. */
    double recoverySeconds() {
        Running present = running;
        return present == null ? 0 : present.recovery().toNanos() / 1e9;
    }

    /** What keeps the server from taking writes; null when nothing does. */
    @Nullable String trouble() {
        RecordStore store = store();
        return store != null && store.health() instanceof StoreHealth.ReadOnly(_, var reason)
                ? reason
                : null;
    }

    /**
     * Opens the store and takes over what it has; afterwards clients may come. Blocks on the disk.
     *
     * @throws dev.wingman.storage.StoreException when the store cannot be opened
     */
    Recovery recover() {
        CompletionStage<Boolean> keys =
                issuerKeys == null ? CompletableFuture.completedFuture(true) : issuerKeys.begin();
        var opened = RocksRecordStore.open(settings.storage(), daemon("store"), System::nanoTime);
        if (missions != null) {
            missions.open();
        }
        var clock = new HybridLogicalClock(InstantSource.system(), nodeId(opened.store()).value());
        var view = OwnershipView.alone(new NodeId(clock.nodeId()));
        var server =
                new SyncServer(
                        new SyncServer.Parts(
                                opened.store(),
                                settings.storage().durability(),
                                Replication.none(),
                                clock),
                        new PartitionExecutor(List.of(stripes)),
                        () -> view,
                        new SyncServer.Surroundings(
                                codec,
                                access(opened.store()),
                                settings.sync(),
                                lifecycle::inFlightGuard,
                                System::nanoTime));
        server.restore(opened.recovery()).toCompletableFuture().join();
        var sweep =
                new IdleSweep(
                        registry,
                        settings.connection(),
                        InstantSource.system(),
                        missions == null ? _ -> null : missions::endOf);
        Runnable sweeping = () -> sweep.run(System.nanoTime());
        if (missions != null) {
            missions.tell(server, sweeping);
        }
        Recovery recovery = opened.recovery();
        running =
                new Running(
                        opened.store(), server, alone(view), recovery.records(), recovery.took());
        every(Duration.ofMillis(250), sweeping);
        every(Duration.ofSeconds(1), server.maps()::expireRows);
        keys.toCompletableFuture()
                .copy()
                .completeOnTimeout(false, KEYS_PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
        lifecycle.setReady();
        return recovery;
    }

    /** Nodes cannot join each other yet: there is no port for peers. */
    private ClusterState alone(OwnershipView view) {
        return ClusterState.alone(
                new MemberInfo(
                        view.self(),
                        settings.network().host(),
                        settings.network().port(),
                        0,
                        NodeState.ACTIVE,
                        view.epoch()));
    }

    private void every(Duration pause, Runnable task) {
        chores.add(
                timer.scheduleWithFixedDelay(
                        new Chore(task), pause.toNanos(), pause.toNanos(), TimeUnit.NANOSECONDS));
    }

    private SyncServer.Access access(RecordStore store) {
        return new SyncServer.Access(
                settings.access().open() ? null : tokens(),
                new DeviceCredentials(deviceKey(store), random),
                missions == null ? ServerTopics.none() : missions::mayFollow,
                missions == null ? Policies::none : missions::policies);
    }

    /** What clients are let in with. With the REST API only once its database is open. */
    TokenVerifier tokens() {
        if (missions != null) {
            return missions.tokens();
        }
        return Objects.requireNonNull(configured, "the server is open");
    }

    /** Hexadecimal, so that its order among node ids is the same for every client. */
    private NodeId nodeId(RecordStore store) {
        byte[] id =
                kept(store, NODE_ID, () -> HexFormat.of().formatHex(random(8)).getBytes(US_ASCII));
        return new NodeId(new String(id, US_ASCII));
    }

    private byte[] deviceKey(RecordStore store) {
        return kept(store, DEVICE_KEY, () -> random(DeviceCredentials.KEY_BYTES));
    }

    private byte[] random(int count) {
        var bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A value of the server's own, which the first start makes. */
    private static byte[] kept(RecordStore store, String name, Supplier<byte[]> first) {
        byte[] stored = store.readMeta(name);
        if (stored != null) {
            return stored;
        }
        byte[] fresh = first.get();
        var entry = new CommitBatch.MetaEntry(name, fresh);
        var batch = new CommitBatch(store.epoch(), List.of(), List.of(), List.of(entry));
        try {
            store.commit(batch).toCompletableFuture().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof StoreException cause ? cause : e;
        }
        return fresh;
    }

    ScheduledExecutorService timer() {
        return timer;
    }

    /** Lets the store go. Nothing can be written afterwards. */
    void close() {
        chores.forEach(chore -> chore.cancel(false));
        timer.shutdown();
        for (ExecutorService stripe : stripes) {
            stripe.shutdown();
        }
        if (missions != null) {
            missions.close();
        }
        Running present = running;
        if (present != null) {
            present.store().close();
        }
    }
}
