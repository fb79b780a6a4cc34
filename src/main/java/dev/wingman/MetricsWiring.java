package dev.wingman;

import dev.wingman.connection.Admission;
import dev.wingman.connection.ConnectionCounters;
import dev.wingman.connection.ConnectionKind;
import dev.wingman.protocol.CloseCode;
import dev.wingman.storage.RocksRecordStore;
import dev.wingman.storage.StoreStats;
import dev.wingman.sync.SyncServer;
import dev.wingman.websocket.ClientEndpoint;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.inject.Singleton;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Shows the counters of the core at {@code /metrics}. They are read when somebody asks; nothing
 * here is on the path of a message.
 */
@Singleton
class MetricsWiring implements MeterBinder {
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final Node node;
    private final ClientEndpoint endpoint;

    MetricsWiring(Node node, ClientEndpoint endpoint) {
        this.node = node;
        this.endpoint = endpoint;
    }

    @Override
    public void bindTo(MeterRegistry meters) {
        bindConnections(meters);
        bindQueues(meters);
        bindMessages(meters);
        bindStore(meters);
    }

    private void bindConnections(MeterRegistry meters) {
        for (ConnectionKind kind : ConnectionKind.values()) {
            Gauge.builder("wingman.open.connections", node, n -> n.registry().countByKind(kind))
                    .tag("kind", lowerCase(kind))
                    .description("Sockets that are open")
                    .baseUnit("connections")
                    .register(meters);
        }
        ConnectionCounters counters = node.registry().counters();
        count(meters, "wingman.opened.connections", "connections", "Sockets opened", counters)
                .from(ConnectionCounters::opened);
        count(
                        meters,
                        "wingman.left.connections",
                        "connections",
                        "Sockets closed by the other end",
                        counters)
                .from(ConnectionCounters::leftByPeer);
        for (CloseCode code : CloseCode.values()) {
            FunctionCounter.builder("wingman.closed.connections", counters, c -> c.closed(code))
                    .tag("code", String.valueOf(code.number()))
                    .description("Sockets closed by the server, by WebSocket close code")
                    .baseUnit("connections")
                    .register(meters);
        }
        for (Admission.Reason reason : Admission.Reason.values()) {
            FunctionCounter.builder("wingman.refused.connections", counters, c -> c.refused(reason))
                    .tag("reason", lowerCase(reason))
                    .description("Upgrades answered with 503")
                    .baseUnit("connections")
                    .register(meters);
        }
    }

    private void bindQueues(MeterRegistry meters) {
        ConnectionCounters counters = node.registry().counters();
        count(
                        meters,
                        "wingman.dropped.messages",
                        "messages",
                        "Topic messages lost because a client reads too slowly",
                        counters)
                .from(ConnectionCounters::droppedMessages);
        count(
                        meters,
                        "wingman.coalesced.events",
                        "events",
                        "Events that gave way to a newer one of the same entry",
                        counters)
                .from(ConnectionCounters::coalescedEvents);
        count(
                        meters,
                        "wingman.stale.queries",
                        "queries",
                        "Times a live query had to be sent afresh to a slow client",
                        counters)
                .from(ConnectionCounters::staleQueries);
    }

    private void bindMessages(MeterRegistry meters) {
        gauge(meters, "wingman.in.flight.requests", "requests", "Requests being worked on")
                .from(n -> n.lifecycle().inFlightCount());
        count(
                        meters,
                        "wingman.malformed.frames",
                        "frames",
                        "Frames dropped because they are no message",
                        endpoint)
                .from(e -> e.counters().malformedFrames());
        count(
                        meters,
                        "wingman.unknown.frames",
                        "frames",
                        "Frames ignored because their type is not known",
                        endpoint)
                .from(e -> e.counters().unknownFrames());
        count(
                        meters,
                        "wingman.delivered.messages",
                        "messages",
                        "Events handed to subscribers",
                        node)
                .from(n -> ofServer(n, SyncServer::deliveries));
        count(meters, "wingman.refused.tokens", "tokens", "Tokens that do not hold", node)
                .from(n -> ofServer(n, server -> server.counters().tokensRefused()));
        count(
                        meters,
                        "wingman.failed.requests",
                        "requests",
                        "Requests that failed through a fault of the server",
                        node)
                .from(n -> ofServer(n, server -> server.counters().internalErrors()));
    }

    private void bindStore(MeterRegistry meters) {
        count(meters, "wingman.store.commits", "commits", "Groups of writes made durable", node)
                .from(n -> ofStore(n, StoreStats::commits));
        count(meters, "wingman.store.changes", "changes", "Changes made durable", node)
                .from(n -> ofStore(n, StoreStats::changes));
        count(meters, "wingman.store.syncs", "syncs", "Times the log was forced to the disk", node)
                .from(n -> ofStore(n, StoreStats::walSyncs));
        count(meters, "wingman.store.commit.seconds", "seconds", "Time spent committing", node)
                .from(n -> ofStore(n, s -> s.commitNanosTotal() / NANOS_PER_SECOND));
        gauge(meters, "wingman.store.commit.max.seconds", "seconds", "The longest commit so far")
                .from(n -> ofStore(n, s -> s.commitNanosMax() / NANOS_PER_SECOND));
        gauge(meters, "wingman.store.queued.bytes", "bytes", "Writes that wait for the disk")
                .from(n -> ofStore(n, StoreStats::queuedBytes));
        gauge(meters, "wingman.store.table.bytes", "bytes", "Size of the table files")
                .from(n -> ofStore(n, StoreStats::tableBytes));
        gauge(meters, "wingman.store.writable", "", "1 when writes are taken, else 0")
                .from(n -> n.store() != null && n.trouble() == null ? 1 : 0);
        gauge(meters, "wingman.recovery.seconds", "seconds", "Time the last start took to recover")
                .from(n -> n.recoveryTime().toNanos() / NANOS_PER_SECOND);
        gauge(meters, "wingman.recovered.records", "records", "Records found by the last start")
                .from(Node::recoveredRecords);
    }

    private static double ofStore(Node node, ToDoubleFunction<StoreStats> value) {
        RocksRecordStore store = node.store();
        return store == null ? 0 : value.applyAsDouble(store.stats());
    }

    private static double ofServer(Node node, ToDoubleFunction<SyncServer> value) {
        return node.store() == null ? 0 : value.applyAsDouble(node.server());
    }

    private static String lowerCase(Enum<?> name) {
        return name.name().toLowerCase(Locale.ROOT);
    }

    /** Where a meter takes its value from, the last thing said about it. */
    private interface Source<T> {
        void from(ToDoubleFunction<T> value);
    }

    private static <T> Source<T> count(
            MeterRegistry meters, String name, String unit, String description, T owner) {
        return value ->
                FunctionCounter.builder(name, owner, value)
                        .description(description)
                        .baseUnit(unit)
                        .register(meters);
    }

    private Source<Node> gauge(MeterRegistry meters, String name, String unit, String description) {
        return value ->
                Gauge.builder(name, node, value)
                        .description(description)
                        .baseUnit(unit.isEmpty() ? null : unit)
                        .register(meters);
    }
}
