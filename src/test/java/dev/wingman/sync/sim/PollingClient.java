package dev.wingman.sync.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.SyncResponse;
import dev.wingman.protocol.Value;
import dev.wingman.sync.HttpSync;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A client that has no socket and asks {@code POST /sync} from time to time. */
final class PollingClient {
    private record PendingOp(MapName map, Key key, LwwRecord<Value> record) {}

    private final HybridLogicalClock clock;
    private final SimulatedNode node;
    private final Scheduler.Lane network;
    private final History history;
    private final StringBuilder trace;
    private final Tally tally;
    private final Map<MapName, Replica> replicas = new LinkedHashMap<>();

    /** Of each map, what the server said last; the number 0 asks for everything. */
    private final Map<MapName, Datum> since = new LinkedHashMap<>();

    private final NavigableMap<Long, PendingOp> pending = new TreeMap<>();
    private long lastId;

    /** Grows with every request; an answer to an earlier one comes too late. */
    private int request;

    private boolean waiting;
    private boolean heardNews;

    PollingClient(
            HybridLogicalClock clock,
            SimulatedNode node,
            Scheduler scheduler,
            History history,
            StringBuilder trace,
            Tally tally,
            List<MapName> maps) {
        this.clock = clock;
        this.node = node;
        this.network = scheduler.lane("way to " + clock.nodeId());
        this.history = history;
        this.trace = trace;
        this.tally = tally;
        for (MapName map : maps) {
            replicas.put(map, new Replica());
            since.put(map, new Datum.Whole(0));
        }
    }

    void write(MapName map, Key key, @Nullable Value value) {
        var record = new LwwRecord<>(value, clock.now(), 0);
        history.issued(map, key, record);
        pending.put(++lastId, new PendingOp(map, key, record));
    }

    void poll() {
        if (waiting) {
            return;
        }
        waiting = true;
        int number = ++request;
        byte[] body = body();
        network.execute(() -> {
            if (number == request) {
                new HttpSync(node.server(), null)
                        .answer(SimulatedNode.CODEC.decodeSyncRequest(body))
                        .thenAccept(answer -> network.execute(() -> answered(number, answer)));
            }
        });
    }

    private byte[] body() {
        List<Frame> ops = new ArrayList<>();
        pending.forEach((id, op) ->
                ops.add(
                        Frame.with(
                                "id", Long.toString(id),
                                "mapName", op.map.value(),
                                "key", op.key.value(),
                                "record", Frame.of(op.record))));
        List<Frame> maps = new ArrayList<>();
        since.forEach((map, stamp) ->
                maps.add(Frame.with("mapName", map.value(), "lastSyncTimestamp", stamp)));
        return Frame.with(
                        "clientId",
                        clock.nodeId(),
                        "clientHlc",
                        Frame.of(clock.now()),
                        "operations",
                        ops,
                        "syncMaps",
                        maps)
                .encode();
    }

    /** The server is gone: no answer will come. */
    void giveUp() {
        network.cutTo(0);
        waiting = false;
        request++;
    }

    private void answered(int number, SyncResponse response) {
        if (number != request) {
            return;
        }
        waiting = false;
        Frame answer = Frame.decode(SimulatedNode.CODEC.encode(response));
        trace.append(clock.nodeId()).append(" <- ").append(answer.fields()).append('\n');
        heardNews = answer.has("deltas") || answer.has("errors");
        for (Frame delta : answer.frames("deltas")) {
            take(delta);
        }
        if (answer.has("ack")) {
            long last = Long.parseLong(answer.in("ack").text("lastId"));
            var acknowledged = pending.headMap(last, true);
            acknowledged
                    .values()
                    .forEach(op ->
                            history.acknowledged(
                                    op.map, op.key, op.record.timestamp(), node.store()));
            tally.acknowledged += acknowledged.size();
            acknowledged.clear();
        }
    }

    private void take(Frame delta) {
        MapName map = delta.map();
        List<Frame> records = delta.frames("records");
        assertThat(records).hasSizeBetween(1, SimulatedNode.MAX_RECORDS);
        tally.deltas++;
        tally.cutDeltas += records.size() == SimulatedNode.MAX_RECORDS ? 1 : 0;
        for (Frame record : records) {
            history.shown(map, record.key(), record.record());
            clock.update(record.record().timestamp().stamp());
            replicas.computeIfAbsent(map, _ -> new Replica()).merge(record.key(), record.record());
        }
        since.put(map, delta.datumOf("serverSyncTimestamp"));
    }

    /** The latest answer said that there is nothing new. */
    boolean isUpToDate() {
        return !waiting && !heardNews && pending.isEmpty();
    }

    void requireConverged() {
        replicas.forEach(
                (map, replica) -> assertThat(replica.records()).isEqualTo(history.finalState(map)));
    }
}
