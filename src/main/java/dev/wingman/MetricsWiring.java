package dev.wingman;

import dev.wingman.connection.Admission;
import dev.wingman.connection.ConnectionCounters;
import dev.wingman.connection.ConnectionKind;
import dev.wingman.protocol.CloseCode;
import dev.wingman.storage.RocksRecordStore;
import dev.wingman.storage.StoreException;
import dev.wingman.storage.StoreStats;
import dev.wingman.sync.SyncServer;
import dev.wingman.websocket.ClientEndpoint;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What the server counts, by the names under which it is scraped. Nothing is counted here: meters
 * read the counters of the core when somebody asks.
 */
@Singleton
class MetricsWiring implements MeterBinder {
    private static final double NANOS = 1e9;

    private final Node node;
    private final ClientEndpoint endpoint;
    private volatile StoreStats storeStats = new StoreStats(0, 0, 0, 0, 0, 0, 0, 0);

    MetricsWiring(Node node, ClientEndpoint endpoint) {
        this.node = node;
        this.endpoint = endpoint;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        bindConnections(registry);
        bindMessages(registry);
        bindStore(registry);
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
                    .description("Connections closed by the server; 1013 are slow consumers")
                    .register(registry);
        }
        counter("wingman.connections.left", counters::leftByPeer)
                .description("Connections ended by the client or the network")
                .register(registry);
        for (Admission.Reason reason : Admission.Reason.values()) {
            counter("wingman.connections.refused", () -> counters.refused(reason))
                    .tag("reason", word(reason))
                    .description("Upgrades answered with 503")
                    .register(registry);
        }
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
        counter("wingman.tokens.refused", ofServer(server -> server.counters().tokensRefused()))
                .description("AUTH messages with a token that does not hold")
                .register(registry);
        counter("wingman.requests.failed", ofServer(server -> server.counters().internalErrors()))
                .description("Requests that failed through a fault of the server")
                .register(registry);
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
        FunctionCounter.builder(
                        "wingman.store.commit.time",
                        this,
                        self -> self.stats().commitNanosTotal() / NANOS)
                .baseUnit("seconds")
                .description("Time spent writing groups")
                .register(registry);
        Gauge.builder(
                        "wingman.store.commit.time.max",
                        this,
                        self -> self.stats().commitNanosMax() / NANOS)
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
        gauge("wingman.recovery.records", node::recoveredRecords)
                .description("Records found at the start, tombstones included")
                .register(registry);
        Gauge.builder("wingman.recovery.time", node, Node::recoverySeconds)
                .baseUnit("seconds")
                .description("Time the start took to open the store")
                .register(registry);
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
        return () -> figure.applyAsLong(stats());
    }

    private StoreStats stats() {
        RocksRecordStore store = node.store();
        if (store != null) {
            try {
                storeStats = store.stats();
            } catch (StoreException e) {
                // It is closed; its last figures stand.
            }
        }
        return storeStats;
    }
}
