package dev.wingman;

import dev.wingman.crdt.HybridLogicalClock;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Json;
import dev.wingman.protocol.Value;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes puts and removals of keys of its own, as fast as they are acknowledged, until the server
 * dies; and remembers of each key what may be found of it afterwards.
 *
 * <p>Confined to one thread at a time; acknowledgements arrive on another.
 */
final class LoadWriter {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final int PATIENCE_SECONDS = 10;
    private static final int KEYS = 150;
    private static final int MAX_OPS = 20;
    private static final int MAX_UNACKNOWLEDGED = 8;

    private final String name;
    private final String map;
    private final SplittableRandom random;
    private final HybridLogicalClock clock;

    /** Of each key what is known to be stored, if anything, and what was sent since. */
    private final Map<String, Deque<Sent>> history = new HashMap<>();

    private long lastId;

    /** Everything up to this one was acknowledged, or else looked at after a crash. */
    private volatile long settledId;

    private volatile @Nullable String refusal;

    LoadWriter(String name, String map, SplittableRandom random) {
        this.name = name;
        this.map = map;
        this.random = random;
        this.clock = new HybridLogicalClock(InstantSource.system(), name);
    }

    /**
     * One operation on a key.
     *
     * @param value null for a removal
     */
    private record Sent(long id, Timestamp at, @Nullable Long value) {
        boolean is(LwwRecord<Object> stored) {
            return at.equals(stored.timestamp())
                    && (value == null
                            ? stored.isTombstone()
                            : stored.value() instanceof Number found && found.longValue() == value);
        }
    }

    /** Connects, and writes on a thread of its own until the connection breaks. */
    Thread start(URI server) {
        var unacknowledged = new Semaphore(MAX_UNACKNOWLEDGED);
        var inbox = new Inbox(unacknowledged);
        WebSocket socket = HTTP.newWebSocketBuilder().buildAsync(server, inbox).join();
        return Thread.ofPlatform().start(() -> write(socket, inbox, unacknowledged));
    }

    private void write(WebSocket socket, Inbox inbox, Semaphore unacknowledged) {
        try {
            while (inbox.end.getCount() > 0) {
                unacknowledged.acquire();
                socket.sendBinary(ByteBuffer.wrap(Value.of(message()).encoded()), true).join();
            }
        } catch (CompletionException _) {
            // the server is gone, as it was to be
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        inbox.awaitEnd();
    }

    private Datum message() {
        if (random.nextInt(4) == 0) {
            return message("CLIENT_OP", op());
        }
        List<Datum> ops = new ArrayList<>();
        for (int left = random.nextInt(1, MAX_OPS + 1); left > 0; left--) {
            ops.add(op());
        }
        return message("OP_BATCH", new Datum.Dictionary(Map.of("ops", new Datum.Sequence(ops))));
    }

    private static Datum message(String type, Datum payload) {
        return new Datum.Dictionary(Map.of("type", new Datum.Text(type), "payload", payload));
    }

    private Datum op() {
        String key = name + "-" + random.nextInt(KEYS);
        boolean isRemoval = random.nextInt(4) == 0;
        var sent = new Sent(++lastId, clock.now(), isRemoval ? null : lastId);
        history.computeIfAbsent(key, _ -> new ArrayDeque<>()).add(sent);
        Datum value = sent.value == null ? Datum.Nil.NIL : new Datum.Whole(sent.value);
        return new Datum.Dictionary(
                Map.of(
                        "id", new Datum.Text(Long.toString(sent.id)),
                        "mapName", new Datum.Text(map),
                        "key", new Datum.Text(key),
                        "opType", new Datum.Text(isRemoval ? "REMOVE" : "PUT"),
                        "record",
                                new Datum.Dictionary(
                                        Map.of("value", value, "timestamp", timestamp(sent.at)))));
    }

    private static Datum timestamp(Timestamp at) {
        return new Datum.Dictionary(
                Map.of(
                        "millis", new Datum.Whole(at.millis()),
                        "counter", new Datum.Whole(at.counter()),
                        "nodeId", new Datum.Text(at.nodeId())));
    }

    /**
     * Compares what the server has after a crash with what it may have: of each key the last
     * acknowledged operation, or a later one.
     *
     * @return what is wrong
     */
    List<String> check(Map<String, LwwRecord<Object>> stored) {
        List<String> wrong = new ArrayList<>();
        history.forEach((key, sent) -> {
            while (sent.size() > 1 && second(sent).id <= settledId) {
                sent.removeFirst();
            }
            LwwRecord<Object> found = stored.get(key);
            boolean mayBeAbsent = sent.isEmpty() || sent.getFirst().id > settledId;
            if (found == null ? !mayBeAbsent : sent.stream().noneMatch(op -> op.is(found))) {
                wrong.add(
                        key
                                + ": acknowledged up to "
                                + settledId
                                + ", sent "
                                + sent
                                + ", found "
                                + found);
            }
            sent.removeIf(op -> found == null || !op.is(found));
        });
        settledId = lastId; // what is stored now stays, what is not never comes
        return wrong;
    }

    private static Sent second(Deque<Sent> sent) {
        var all = sent.iterator();
        all.next();
        return all.next();
    }

    long settledId() {
        return settledId;
    }

    /** What the server answered instead of an acknowledgement. */
    @Nullable String refusal() {
        return refusal;
    }

    private final class Inbox implements WebSocket.Listener {
        private final Semaphore unacknowledged;
        private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
        private final CountDownLatch end = new CountDownLatch(1);

        Inbox(Semaphore unacknowledged) {
            this.unacknowledged = unacknowledged;
        }

        @Override
        public @Nullable CompletionStage<?> onBinary(
                WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            partial.writeBytes(bytes);
            if (last) {
                received(Json.object(partial.toByteArray()));
                partial.reset();
            }
            socket.request(1);
            return null;
        }

        private void received(JsonObject message) {
            if (message.getString("type").equals("OP_ACK")) {
                long acknowledged =
                        Long.parseLong(message.getJsonObject("payload").getString("lastId"));
                if (acknowledged <= settledId) {
                    refusal = "acknowledged " + acknowledged + " after " + settledId;
                }
                settledId = acknowledged;
                unacknowledged.release();
            } else if (message.getString("type").equals("ERROR")) {
                refusal = message.encode();
                unacknowledged.release();
            }
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
            end();
            return null;
        }

        @Override
        public void onError(WebSocket socket, Throwable error) {
            end();
        }

        private void end() {
            end.countDown();
            unacknowledged.release();
        }

        /** What the server had said before it died may still be on its way to us. */
        void awaitEnd() {
            try {
                if (!end.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    refusal = "the connection outlives the server";
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
