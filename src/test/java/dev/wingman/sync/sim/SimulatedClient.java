package dev.wingman.sync.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Key;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Value;
import dev.wingman.storage.RecordStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client as the real one is: it writes locally first, keeps every op until it is acknowledged and
 * sends it again after a refusal or a new connection.
 */
final class SimulatedClient {
    private static final int INTERNAL_ERROR = 500;

    /** A write that the server has not acknowledged. */
    private record PendingOp(MapName map, Key key, LwwRecord<Value> record) {}

    /** A live query and what the client shows of it; null before the first answer. */
    private static final class View {
        final Question question;
        final Map<Key, Timestamp> latest = new HashMap<>();
        @Nullable Map<Key, Datum> rows;
        int answers;

        View(Question question) {
            this.question = question;
        }
    }

    private final String name;
    private final HybridLogicalClock clock;
    private final boolean sendsEverything;
    private final Supplier<RecordStore> disk;
    private final StringBuilder trace;
    private final Tally tally;
    private final NavigableMap<Long, PendingOp> pending = new TreeMap<>();
    private final Map<MapName, Replica> replicas = new LinkedHashMap<>();
    private final Map<String, View> views = new LinkedHashMap<>();
    private @Nullable SimulatedSocket socket;
    private long lastId;
    private long sentTo;
    private long lastAcknowledged;
    private int queries;

    /**
     * @param sendsEverything with each write again all that is not acknowledged, as the real client
     *     does; else only what is new
     * @param disk to compare acknowledgements with
     */
    SimulatedClient(
            HybridLogicalClock clock,
            boolean sendsEverything,
            Supplier<RecordStore> disk,
            StringBuilder trace,
            Tally tally) {
        this.name = clock.nodeId();
        this.clock = clock;
        this.sendsEverything = sendsEverything;
        this.disk = disk;
        this.trace = trace;
        this.tally = tally;
    }

    String name() {
        return name;
    }

    boolean isConnected() {
        return socket != null;
    }

    boolean hasPending() {
        return !pending.isEmpty();
    }

    void connect(SimulatedNode node) {
        SimulatedSocket opened = node.connect(this);
        socket = opened;
        sentTo = 0;
        lastAcknowledged = 0;
        opened.send(Frame.with("type", "DEVICE_HELLO").encode());
        sendPending();
        views.forEach(this::subscribe);
        replicas.keySet().forEach(this::startSync);
    }

    void hangUp() {
        if (socket != null) {
            socket.hangUp();
            disconnected("hangs up");
        }
    }

    void stall(boolean stalled) {
        if (socket != null) {
            socket.stall(stalled);
        }
    }

    /** Writes locally and, when there is a connection, sends it. */
    void write(MapName map, Key key, @Nullable Value value, long ttlMillis, History history) {
        var record = new LwwRecord<>(value, clock.now(), ttlMillis);
        history.issued(map, key, record);
        replica(map).merge(key, record);
        pending.put(++lastId, new PendingOp(map, key, record));
    }

    void sendPending() {
        if (socket == null || pending.isEmpty()) {
            return;
        }
        Map<Long, PendingOp> unsent = sendsEverything ? pending : pending.tailMap(sentTo, false);
        List<Frame> ops = new ArrayList<>();
        unsent.forEach((id, op) ->
                ops.add(
                        Frame.with(
                                "id", Long.toString(id),
                                "mapName", op.map.value(),
                                "key", op.key.value(),
                                "record", Frame.of(op.record))));
        if (!ops.isEmpty()) {
            socket.send(Frame.payload("OP_BATCH", "ops", ops));
            sentTo = lastId;
        }
    }

    /** After a refusal: everything that is not acknowledged goes again. */
    void resend() {
        sentTo = 0;
        sendPending();
    }

    void ask(Question question) {
        String queryId = name + "-q" + ++queries;
        var view = new View(question);
        views.put(queryId, view);
        subscribe(queryId, view);
    }

    void stopAsking() {
        if (!views.isEmpty()) {
            String queryId = views.keySet().iterator().next();
            views.remove(queryId);
            if (socket != null) {
                socket.send(Frame.payload("QUERY_UNSUB", "queryId", queryId));
            }
        }
    }

    private void subscribe(String queryId, View view) {
        view.rows = null;
        view.latest.clear();
        view.answers = 0;
        if (socket != null) {
            socket.send(
                    Frame.payload(
                            "QUERY_SUB",
                            "queryId",
                            queryId,
                            "mapName",
                            view.question.map().value(),
                            "query",
                            view.question.encoded()));
        }
    }

    void startSync(MapName map) {
        replica(map);
        if (socket != null) {
            socket.send(
                    Frame.with("type", "SYNC_INIT", "mapName", map.value(), "lastSyncTimestamp", 0)
                            .encode());
        }
    }

    void syncAll() {
        replicas.keySet().forEach(this::startSync);
    }

    /** The server's side hands a frame to the network: it must be entitled to. */
    void handedOut(Frame frame, History history) {
        switch (frame.text("type")) {
            case "SERVER_EVENT" -> shown(frame.in("payload"), history);
            case "SYNC_RESP_LEAF" ->
                    frame.in("payload")
                            .frames("records")
                            .forEach(each ->
                                    history.shown(
                                            frame.in("payload").map(), each.key(), each.record()));
            case "QUERY_RESP" -> {
                Frame answer = frame.in("payload");
                View view = views.get(answer.text("queryId"));
                answer.frames("results").forEach(row -> requireNewer(row, view, history));
            }
            case "QUERY_UPDATE" -> {
                Frame update = frame.in("payload");
                if (!update.text("changeType").equals("LEAVE")) {
                    requireNewer(update, views.get(update.text("queryId")), history);
                }
            }
            case "OP_ACK" -> {
                long last = Long.parseLong(frame.in("payload").text("lastId"));
                pending.headMap(last, true)
                        .values()
                        .forEach(op ->
                                history.acknowledged(
                                        op.map, op.key, op.record.timestamp(), disk.get()));
            }
            case "ERROR" ->
                    assertThat(frame.in("payload").number("code")).isNotEqualTo(INTERNAL_ERROR);
            default -> {}
        }
    }

    /** What a query shows of a key does not go back. */
    private static void requireNewer(Frame row, @Nullable View view, History history) {
        Timestamp written = history.shown(row.key(), row.datumOf("value"));
        if (view != null) {
            Timestamp before = view.latest.put(row.key(), written);
            if (before != null) {
                assertThat(written).isGreaterThanOrEqualTo(before);
            }
        }
    }

    private static void shown(Frame event, History history) {
        history.shown(event.map(), event.key(), event.record());
    }

    void received(Frame frame, byte[] bytes) {
        String type = frame.text("type");
        trace.append(name)
                .append(" <- ")
                .append(type)
                .append(' ')
                .append(bytes.length)
                .append(" bytes ")
                .append(Integer.toHexString(Arrays.hashCode(bytes)))
                .append('\n');
        switch (type) {
            case "OP_ACK" -> acknowledged(frame.in("payload"));
            case "ERROR" -> refused(frame.in("payload"));
            case "SERVER_EVENT" -> merge(frame.in("payload").map(), frame.in("payload"));
            case "SYNC_RESP_ROOT" -> compareRoot(frame.in("payload"));
            case "SYNC_RESP_BUCKETS" -> compareBuckets(frame.in("payload"));
            case "SYNC_RESP_LEAF" -> {
                Frame leaf = frame.in("payload");
                tally.cutLeaves += leaf.has("more") ? 1 : 0;
                leaf.frames("records").forEach(entry -> merge(leaf.map(), entry));
            }
            case "QUERY_RESP" -> answered(frame.in("payload"));
            case "QUERY_UPDATE" -> updated(frame.in("payload"));
            case "DEVICE_ACK" -> assertThat(frame.text("deviceId")).isNotEmpty();
            default -> throw new AssertionError("nobody asked for " + type);
        }
    }

    private void acknowledged(Frame ack) {
        long last = Long.parseLong(ack.text("lastId"));
        assertThat(last).isGreaterThanOrEqualTo(lastAcknowledged);
        assertThat(ack.text("achievedLevel")).isEqualTo("PERSISTED");
        lastAcknowledged = last;
        tally.acknowledged += pending.headMap(last, true).size();
        pending.headMap(last, true).clear();
    }

    private void refused(Frame error) {
        trace.append(name).append(" is refused: ").append(error.text("message")).append('\n');
        tally.refused++;
        sentTo = 0;
    }

    private void merge(MapName map, Frame entry) {
        LwwRecord<Value> record = entry.record();
        clock.update(record.timestamp().stamp());
        replica(map).merge(entry.key(), record);
    }

    private void compareRoot(Frame root) {
        int ours = MerkleTrie.root(replica(root.map()).sums());
        if (ours != (int) root.number("rootHash")) {
            requestNode(root.map(), "");
        }
    }

    private void compareBuckets(Frame buckets) {
        String path = buckets.text("path");
        Frame theirs = buckets.in("buckets");
        int[] ours = MerkleTrie.children(replica(buckets.map()).sums(), path);
        for (int digit = 0; digit < ours.length; digit++) {
            String child = Integer.toHexString(digit);
            if (theirs.has(child) && (int) theirs.number(child) != ours[digit]) {
                requestNode(buckets.map(), path + child);
            }
        }
    }

    private void requestNode(MapName map, String path) {
        if (socket != null) {
            socket.send(Frame.payload("MERKLE_REQ_BUCKET", "mapName", map.value(), "path", path));
        }
    }

    private void answered(Frame answer) {
        assertThat(answer.has("error")).isFalse();
        View view = views.get(answer.text("queryId"));
        if (view == null) {
            return;
        }
        if (++view.answers > 1) {
            tally.resentQueries++;
        }
        Map<Key, Datum> rows = new LinkedHashMap<>();
        answer.frames("results").forEach(row -> rows.put(row.key(), row.datumOf("value")));
        view.rows = rows;
        assertThat(rows.size()).isLessThanOrEqualTo(view.question.limit());
    }

    private void updated(Frame update) {
        View view = views.get(update.text("queryId"));
        if (view == null || view.rows == null) {
            assertThat(view).as("an update before the first answer").isNull();
            return;
        }
        if (update.text("changeType").equals("LEAVE")) {
            view.rows.remove(update.key());
        } else {
            view.rows.put(update.key(), update.datumOf("value"));
        }
        assertThat(view.rows.size()).isLessThanOrEqualTo(view.question.limit());
    }

    void disconnected(String reason) {
        trace.append(name).append(" disconnected: ").append(reason).append('\n');
        if (reason.startsWith("TRY_AGAIN_LATER")) {
            tally.slowConsumers++;
        }
        socket = null;
    }

    private Replica replica(MapName map) {
        return replicas.computeIfAbsent(map, _ -> new Replica());
    }

    /** Everything has come to rest: the client sees what all others see. */
    void requireConverged(History history, long nowMillis) {
        replicas.forEach(
                (map, replica) -> assertThat(replica.records()).isEqualTo(history.finalState(map)));
        for (View view : views.values()) {
            assertThat(view.rows).isEqualTo(history.rows(view.question, nowMillis));
        }
    }
}
