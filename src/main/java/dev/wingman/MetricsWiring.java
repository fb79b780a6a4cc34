package dev.wingman;

import dev.wingman.connection.Admission;
import dev.wingman.connection.ConnectionCounters;
import dev.wingman.connection.ConnectionKind;
import dev.wingman.connection.ConnectionRegistry.Queued;
import dev.wingman.http.RequestCounters;
import dev.wingman.protocol.CloseCode;
import dev.wingman.security.PublishedKeys;
import dev.wingman.storage.Histogram;
import dev.wingman.storage.RocksRecordStore;
import dev.wingman.storage.StoreException;
import dev.wingman.storage.StoreStats;
import dev.wingman.sync.MessageCounters;
import dev.wingman.sync.OperationCounters;
import dev.wingman.sync.SentCounters;
import dev.wingman.sync.SyncServer;
import dev.wingman.websocket.ClientEndpoint;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.prometheus.client.Collector;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.Collector.MetricFamilySamples.Sample;
import io.prometheus.client.CollectorRegistry;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the server counts, by the names under which it is scraped. Nothing is counted here: meters
 * read the counters of the core when somebody asks.
 */
@Singleton
class MetricsWiring implements MeterBinder {
    private static final double NANOS = 1e9;

    private final Node node;
    private final ClientEndpoint endpoint;
    private final RequestCounters requests;
    private final CollectorRegistry prometheus;
    private final Recent<Queued> queued;
    private final Recent<StoreStats> storeStats;
    private volatile StoreStats lastStats = new StoreStats(0, 0, 0, 0, 0, 0, 0);

    MetricsWiring(
            Node node,
            ClientEndpoint endpoint,
            RequestCounters requests,
            CollectorRegistry prometheus) {
        this.node = node;
        this.endpoint = endpoint;
        this.requests = requests;
        this.prometheus = prometheus;
        this.queued = new Recent<>(node.registry()::queued, System::nanoTime);
        this.storeStats = new Recent<>(this::stats, System::nanoTime);
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bindConnections(registry);
        bindQueues(registry);
        bindMessages(registry);
        bindTokens(registry);
        bindOperations(registry);
        bindStore(registry);
        bindRecovery(registry);
    }

    private void bindConnections(MeterRegistry registry) {
        ConnectionCounters counters = node.registry().counters();
        for (ConnectionKind kind : ConnectionKind.values()) {
            gauge("wingman.connections", () -> node.registry().countByKind(kind))
                    .tag("kind", word(kind))
                    .description("Open connections")
                    .register(registry);
        }
        counter("wingman.connections.opened", counters::opened)
                .description("Connections let in")
                .register(registry);
        for (CloseCode code : CloseCode.values()) {
            counter("wingman.connections.closed", () -> counters.closed(code))
                    .tag("code", String.valueOf(code.number()))
                    .description("Connections closed by the server")
                    .register(registry);
        }
        counter("wingman.connections.left", counters::leftByPeer)
                .description("Connections ended by the client or the network")
                .register(registry);
        counter("wingman.connections.unanswered", counters::unanswered)
                .description("Connections closed by the server without an answer to the close")
                .register(registry);
        for (Admission.Reason reason : Admission.Reason.values()) {
            counter("wingman.connections.refused", () -> counters.refused(reason))
                    .tag("reason", word(reason))
                    .description("Upgrades answered with 503")
                    .register(registry);
        }
    }

    private void bindQueues(MeterRegistry registry) {
        ConnectionCounters counters = node.registry().counters();
        gauge("wingman.queues.waiting", () -> queued.get().connections())
                .description("Connections for which something waits to be written")
                .register(registry);
        gauge("wingman.queues.frames", () -> queued.get().frames())
                .description("Frames that wait to be written, over all connections")
                .register(registry);
        gauge("wingman.queues.size", () -> queued.get().bytes())
                .baseUnit("bytes")
                .description("Bytes that wait to be written, over all connections")
                .register(registry);
        counter("wingman.connections.slow", counters::slowConsumers)
                .description("Connections closed because the client did not read")
                .register(registry);
        counter("wingman.messages.dropped", counters::droppedMessages)
                .description("Topic messages lost because their receiver did not keep up")
                .register(registry);
        counter("wingman.events.coalesced", counters::coalescedEvents)
                .description("Map events replaced by newer ones of the same entry before sending")
                .register(registry);
        counter("wingman.queries.stale", counters::staleQueries)
                .description("Live query updates given up for a fresh result later")
                .register(registry);
    }

    private void bindMessages(MeterRegistry registry) {
        gauge("wingman.requests.in.flight", () -> node.lifecycle().inFlightCount())
                .description("Requests that a stop would wait for")
                .register(registry);
        counter("wingman.requests.unfinished", requests::unfinishedRequests)
                .description(
                        "Connections given up because a request did not come to its end in time")
                .register(registry);
        for (MessageCounters.Type type : MessageCounters.Type.values()) {
            counter(
                            "wingman.messages.received",
                            ofServer(server -> server.messages().received(type)))
                    .tag("type", type.name())
                    .description("Messages of clients, those inside a BATCH included")
                    .register(registry);
        }
        for (SentCounters.Type type : SentCounters.Type.values()) {
            counter("wingman.messages.sent", ofServer(server -> server.sent().sent(type)))
                    .tag("type", type.name())
                    .description("Messages for clients, once for each who is to get it")
                    .register(registry);
        }
        counter("wingman.frames.malformed", endpoint.counters()::malformedFrames)
                .description("Frames dropped because they are no message")
                .register(registry);
        counter("wingman.frames.unknown", endpoint.counters()::unknownFrames)
                .description("Frames dropped because the server does not know their type")
                .register(registry);
        counter("wingman.deliveries", ofServer(SyncServer::deliveries))
                .description("Map events and topic messages handed to subscribers")
                .register(registry);
        gauge("wingman.maps", ofServer(SyncServer::mapCount))
                .description("Maps that were ever written to; wingman.sync.max-maps is the limit")
                .register(registry);
        gauge("wingman.queries.watched", ofServer(SyncServer::queryWatches))
                .description("Live queries, each counted once for every stripe")
                .register(registry);
        gauge("wingman.subjects.followed", ofServer(SyncServer::subjects))
                .description("Maps and topics that somebody follows")
                .register(registry);
        counter("wingman.requests.failed", ofServer(server -> server.counters().internalErrors()))
                .description("Requests that failed through a fault of the server")
                .register(registry);
    }

    private void bindTokens(MeterRegistry registry) {
        counter("wingman.tokens.refused", ofServer(server -> server.counters().tokensRefused()))
                .description("AUTH messages with a token that does not hold")
                .register(registry);
        gauge("wingman.issuer.keys", () -> ofIssuer(PublishedKeys::count))
                .description("Keys at jwks-url that count; 0 when they are too old")
                .register(registry);
        gauge("wingman.issuer.keys.age", () -> ofIssuer(PublishedKeys::ageSeconds))
                .baseUnit("seconds")
                .description("Since the keys at jwks-url were read; usually 5 minutes at most")
                .register(registry);
        counter("wingman.issuer.failures", () -> ofIssuer(PublishedKeys::failures))
                .description("Readings of jwks-url that did not succeed")
                .register(registry);
    }

    /** Zero when no issuer publishes its keys. */
    private long ofIssuer(ToLongFunction<PublishedKeys> figure) {
        PublishedKeys keys = node.issuerKeys();
        return keys == null ? 0 : figure.applyAsLong(keys);
    }

    private void bindOperations(MeterRegistry registry) {
        for (OperationCounters.Outcome outcome : OperationCounters.Outcome.values()) {
            counter("wingman.operations", ofServer(server -> server.operations().count(outcome)))
                    .tag("outcome", word(outcome))
                    .description("Operations of clients by what became of them")
                    .register(registry);
        }
        bind(
                "wingman_operations_duration_seconds",
                "Time from the start of a batch to its acknowledgement, for each operation",
                NANOS,
                () -> node.store() == null ? null : node.server().operations().durations());
    }

    private void bindStore(MeterRegistry registry) {
        counter("wingman.store.commits", ofStore(StoreStats::commits))
                .description("Groups of batches written together")
                .register(registry);
        counter("wingman.store.changes", ofStore(StoreStats::changes))
                .description("Records written")
                .register(registry);
        counter("wingman.store.wal.syncs", ofStore(StoreStats::walSyncs))
                .description("Times the write-ahead log was brought to the disk")
                .register(registry);
        bind(
                "wingman_store_commit_duration_seconds",
                "Time to write one group and bring it to the disk",
                NANOS,
                ofOpen(RocksRecordStore::commitNanos));
        bind(
                "wingman_store_group_changes",
                "Records in one group",
                1,
                ofOpen(RocksRecordStore::groupSizes));
        Gauge.builder(
                        "wingman.store.commit.duration.max",
                        this,
                        self -> self.storeStats.get().commitNanosMax() / NANOS)
                .baseUnit("seconds")
                .description("Longest time a group took since the start")
                .register(registry);
        gauge("wingman.store.queued", ofStore(StoreStats::queuedBytes))
                .baseUnit("bytes")
                .description("What waits to be written, about")
                .register(registry);
        gauge("wingman.store.tables", ofStore(StoreStats::tableBytes))
                .baseUnit("bytes")
                .description("Size of the table files on disk")
                .register(registry);
        gauge("wingman.store.files", ofStore(StoreStats::fileBytes))
                .baseUnit("bytes")
                .description("Size of all files of the store, with the write-ahead log")
                .register(registry);
        gauge(
                        "wingman.store.writable",
                        () -> node.store() != null && node.trouble() == null ? 1 : 0)
                .description("1 while the store takes writes, 0 while it is not open or read only")
                .register(registry);
    }

    private void bindRecovery(MeterRegistry registry) {
        gauge("wingman.recovery.records", node::recoveredRecords)
                .description("Records found at the start, tombstones included")
                .register(registry);
        Gauge.builder("wingman.recovery.time", node, Node::recoverySeconds)
                .baseUnit("seconds")
                .description("Time the start took to open the store")
                .register(registry);
    }

    /**
     * Micrometer can only count for itself, and so the format is asked directly.
     *
     * @param units of the histogram in one of the metric
     */
    private void bind(
            String name, String help, double units, Supplier<@Nullable Histogram> source) {
        prometheus.register(
                new Collector() {
                    @Override
                    public List<MetricFamilySamples> collect() {
                        Histogram histogram = source.get();
                        return histogram == null
                                ? List.of()
                                : List.of(samples(name, help, units, histogram));
                    }
                });
    }

    private static MetricFamilySamples samples(
            String name, String help, double units, Histogram histogram) {
        List<Sample> samples = new ArrayList<>();
        long count = 0;
        for (int i = 0; i < histogram.size(); i++) {
            count += histogram.count(i);
            long bound = histogram.upperBound(i);
            String limit =
                    bound == Long.MAX_VALUE ? "+Inf" : Collector.doubleToGoString(bound / units);
            samples.add(new Sample(name + "_bucket", List.of("le"), List.of(limit), count));
        }
        samples.add(new Sample(name + "_count", List.of(), List.of(), count));
        samples.add(new Sample(name + "_sum", List.of(), List.of(), histogram.sum() / units));
        return new MetricFamilySamples(name, Collector.Type.HISTOGRAM, help, samples);
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** The registry holds the object of a counter weakly, so it must be one that stays. */
    private FunctionCounter.Builder<Node> counter(String name, LongSupplier count) {
        return FunctionCounter.builder(name, node, _ -> count.getAsLong());
    }

    private static Gauge.Builder<Supplier<Number>> gauge(String name, LongSupplier value) {
        return Gauge.builder(name, value::getAsLong);
    }

    /** Nothing has happened before there is a server. */
    private LongSupplier ofServer(ToLongFunction<SyncServer> count) {
        return () -> node.store() == null ? 0 : count.applyAsLong(node.server());
    }

    private LongSupplier ofStore(ToLongFunction<StoreStats> figure) {
        return () -> figure.applyAsLong(storeStats.get());
    }

    private Supplier<@Nullable Histogram> ofOpen(Function<RocksRecordStore, Histogram> histogram) {
        return () -> {
            RocksRecordStore store = node.store();
            return store == null ? null : histogram.apply(store);
        };
    }

    private StoreStats stats() {
        RocksRecordStore store = node.store();
        if (store != null) {
            try {
                lastStats = store.stats();
            } catch (StoreException e) {
                // It is closed; its last figures stand.
            }
        }
        return lastStats;
    }
}
