package dev.wingman.testing;

import dev.wingman.protocol.Datum;
import dev.wingman.protocol.Json;
import dev.wingman.protocol.Value;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A client that says what the test tells it and remembers what the server says. Messages are
 * written and read as JSON and travel as MessagePack.
 *
 * <p>Confined to the thread of the test; frames arrive on another.
 */
public final class WireClient implements AutoCloseable {
    public static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final Inbox inbox = new Inbox();
    private final WebSocket socket;
    private long pings;

    private WireClient(URI url) {
        socket = HTTP.newWebSocketBuilder().buildAsync(url, inbox).join();
    }

    public static WireClient connect(URI url) {
        return new WireClient(url);
    }

    /** How the server ended the connection. */
    public record Close(int code, String reason) {}

    /** What has come in and was not taken yet. */
    private static final class Inbox implements WebSocket.Listener {
        private final ByteArrayOutputStream partial = new ByteArrayOutputStream();
        private final List<JsonObject> messages = new ArrayList<>();
        private @Nullable Close close;

        @Override
        public synchronized @Nullable CompletionStage<?> onBinary(
                WebSocket socket, ByteBuffer data, boolean last) {
            byte[] bytes = new byte[data.remaining()];
            data.get(bytes);
            partial.writeBytes(bytes);
            if (last) {
                messages.add(Json.object(partial.toByteArray()));
                partial.reset();
                notifyAll();
            }
            socket.request(1);
            return null;
        }

        @Override
        public synchronized @Nullable CompletionStage<?> onClose(
                WebSocket socket, int code, String reason) {
            close = new Close(code, reason);
            notifyAll();
            return null;
        }

        @Override
        public synchronized void onError(WebSocket socket, Throwable error) {
            close = new Close(1006, String.valueOf(error.getMessage()));
            notifyAll();
        }

        synchronized <T> @Nullable T await(Supplier<@Nullable T> answer, Duration patience) {
            long deadlineNanos = System.nanoTime() + patience.toNanos();
            T found = answer.get();
            while (found == null) {
                long millis = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
                if (millis <= 0) {
                    return null;
                }
                try {
                    wait(millis);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return null;
                }
                found = answer.get();
            }
            return found;
        }

        synchronized @Nullable JsonObject take(Predicate<JsonObject> wanted) {
            for (int i = 0; i < messages.size(); i++) {
                if (wanted.test(messages.get(i))) {
                    return messages.remove(i);
                }
            }
            return null;
        }

        synchronized void clear() {
            messages.clear();
        }

        synchronized List<JsonObject> messages() {
            return List.copyOf(messages);
        }

        synchronized boolean hasNews() {
            return close != null || !messages.isEmpty();
        }

        synchronized @Nullable Close close() {
            return close;
        }
    }

    /** Sends one message, given as JSON. */
    public void send(String json) {
        send(Json.frame(json));
    }

    public void send(Datum message) {
        send(Value.of(message).encoded());
    }

    /** Sends one binary frame as it is. */
    public void send(byte[] frame) {
        socket.sendBinary(ByteBuffer.wrap(frame), true).join();
    }

    /** Sends a part of a message; {@code last} ends it. */
    public void sendPart(byte[] part, boolean last) {
        socket.sendBinary(ByteBuffer.wrap(part), last).join();
    }

    public void sendText(String text) {
        socket.sendText(text, true).join();
    }

    /** Takes the first message of this type, which may still have to come. */
    public JsonObject next(String type) {
        return next(message -> type.equals(message.getString("type")), PATIENCE);
    }

    /** Takes the first message that is wanted, which may still have to come. */
    public JsonObject next(Predicate<JsonObject> wanted, Duration patience) {
        JsonObject found = inbox.await(() -> inbox.take(wanted), patience);
        if (found == null) {
            throw new AssertionError("not among " + inbox.messages() + ", close " + inbox.close());
        }
        return found;
    }

    /** What has arrived and was not taken. */
    public List<JsonObject> untaken() {
        return inbox.messages();
    }

    /** Forgets what has arrived and was not taken. */
    public void forget() {
        inbox.clear();
    }

    /**
     * What has arrived and was not taken by the time the server has answered a PING: as messages
     * keep their order, nothing that it said before is missing.
     */
    public List<JsonObject> untakenAfterPing() {
        long number = ++pings;
        send("{\"type\":\"PING\",\"timestamp\":" + number + "}");
        next(
                message ->
                        "PONG".equals(message.getString("type"))
                                && message.getLong("timestamp") == number,
                PATIENCE);
        return untaken();
    }

    /** Whether nothing at all comes for so long: no message, no close. */
    public boolean isQuietFor(Duration time) {
        return inbox.await(() -> inbox.hasNews() ? true : null, time) == null;
    }

    /** Waits for the server to close the connection. */
    public Close awaitClose() {
        return awaitClose(PATIENCE);
    }

    public Close awaitClose(Duration patience) {
        Close close = inbox.await(inbox::close, patience);
        if (close == null) {
            throw new AssertionError("not closed; untaken " + inbox.messages());
        }
        return close;
    }

    public boolean isClosed() {
        return inbox.close() != null;
    }

    /** Is gone without a word. */
    public void leave() {
        socket.abort();
    }

    @Override
    public void close() {
        leave();
    }
}
