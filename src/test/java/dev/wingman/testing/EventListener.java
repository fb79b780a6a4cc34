package dev.wingman.testing;

import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Somebody who listens to server-sent events. Confined to the thread of the test. */
public final class EventListener implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private final InputStream stream;

    private record Message(String name, String data) {}

    private EventListener(InputStream stream) {
        this.stream = stream;
        Thread.ofVirtual().start(this::read);
    }

    /**
     * Listens from now on: the stream has said that it is open.
     *
     * @param lastEventId null for none
     */
    public static EventListener open(URI url, String token, @Nullable String lastEventId) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url)
                        .timeout(PATIENCE)
                        .header("Accept", "text/event-stream")
                        .header("Authorization", "Bearer " + token);
        if (lastEventId != null) {
            request.header("Last-Event-ID", lastEventId);
        }
        try {
            HttpResponse<InputStream> answer =
                    HttpClient.newHttpClient()
                            .send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            if (answer.statusCode() != 200) {
                throw new AssertionError("status " + answer.statusCode());
            }
            return new EventListener(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private void read() {
        try (var lines =
                new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            String name = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event:")) {
                    name = line.substring("event:".length());
                } else if (line.startsWith("data:")) {
                    messages.add(new Message(name, line.substring("data:".length())));
                }
            }
            messages.add(new Message("end", "{}"));
        } catch (IOException | UncheckedIOException closed) {
            messages.add(new Message("closed", "{}"));
        }
    }

    /** The next events, which may still have to come; their names are their types. */
    public List<JsonObject> next(int count) {
        List<JsonObject> events = new ArrayList<>();
        while (events.size() < count) {
            Message message = take();
            JsonObject event = new JsonObject(message.data());
            if (!message.name().equals(event.getString("type"))) {
                throw new AssertionError(message + " after " + events);
            }
            events.add(event);
        }
        return events;
    }

    /** The name of the next event. */
    public String nextName() {
        return take().name();
    }

    /** Takes events up to the first of this mission; false when some were missed before it. */
    public boolean hearsOf(String mission) {
        Message message = take();
        while (!message.name().equals("reset")) {
            if (mission.equals(new JsonObject(message.data()).getString("mission_id"))) {
                return true;
            }
            message = take();
        }
        return false;
    }

    private Message take() {
        try {
            Message message = messages.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (message == null) {
                throw new AssertionError("no event comes");
            }
            return message;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** The names of events that nobody has taken. */
    public List<String> received() {
        return messages.stream().map(Message::name).toList();
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
