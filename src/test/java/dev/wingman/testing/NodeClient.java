package dev.wingman.testing;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The example client of {@code src/examples/javascript} in a Node process of its own, which does
 * what the test tells it and reports what it sees.
 *
 * <p>Confined to the thread of the test; events arrive on another.
 */
public final class NodeClient implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 30;
    private static final Path EXAMPLE = Path.of("src/examples/javascript");
    private static final Path DRIVER = Path.of("src/test/resources/node/driver.mjs");

    private final Process process;
    private final PrintWriter commands;
    private final BlockingQueue<JsonObject> results = new LinkedBlockingQueue<>();
    private final List<JsonObject> events = new ArrayList<>();

    /** The client with its packages, ready to run. */
    public record Installation(Path folder) {
        /** Connects to the server, and again whenever it comes back. */
        public NodeClient start(URI server) {
            return new NodeClient(folder, server);
        }
    }

    /** What there is of Node on this machine. */
    public sealed interface Availability {
        record Ready(Installation installation) implements Availability {}

        record Missing(String reason) implements Availability {}
    }

    /** Puts the client and its packages into the folder, where they may be from the last time. */
    public static Availability install(Path folder) throws IOException {
        if (!runs(Path.of("."), "node", "--version") || !runs(Path.of("."), "npm", "--version")) {
            return new Availability.Missing("this needs node and npm on the PATH");
        }
        Files.createDirectories(folder);
        for (String file : List.of("package.json", ".npmrc", "wingman.mjs")) {
            copy(EXAMPLE.resolve(file), folder);
        }
        copy(DRIVER, folder);
        Path lock = EXAMPLE.resolve("package-lock.json");
        Path installed = folder.resolve("package-lock.json");
        if (Files.exists(installed) && Files.mismatch(lock, installed) < 0) {
            return new Availability.Ready(new Installation(folder));
        }
        Files.deleteIfExists(installed);
        Files.copy(lock, folder.resolve("package-lock.json"));
        if (!runs(folder, "npm", "ci", "--no-audit", "--no-fund", "--prefer-offline")) {
            Files.delete(installed); // so that the next run tries again
            return new Availability.Missing("npm ci cannot install the packages ws and msgpackr");
        }
        return new Availability.Ready(new Installation(folder));
    }

    private static void copy(Path file, Path folder) throws IOException {
        Files.copy(file, folder.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }

    private static boolean runs(Path folder, String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            boolean ended = process.waitFor(60, TimeUnit.SECONDS);
            process.destroyForcibly();
            return ended && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private NodeClient(Path folder, URI server) {
        try {
            process =
                    new ProcessBuilder("node", "driver.mjs", server.toString())
                            .directory(folder.toFile())
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        commands = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        Thread.ofVirtual().start(this::read);
    }

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            in.lines().map(JsonObject::new).forEach(this::received);
        } catch (IOException | UncheckedIOException e) {
            received(new JsonObject().put("event", "ended").put("message", e.getMessage()));
        }
    }

    private void received(JsonObject line) {
        if (line.containsKey("event")) {
            synchronized (events) {
                events.add(line);
            }
        } else {
            results.add(line);
        }
    }

    public void set(String map, String key, Object value) {
        run(command("set", map).put("key", key).put("value", value));
    }

    public void remove(String map, String key) {
        run(command("remove", map).put("key", key));
    }

    public @Nullable Object get(String map, String key) {
        return run(command("get", map).put("key", key)).getValue("result");
    }

    /** The root hash of the client's own trie. */
    public long root(String map) {
        return run(command("root", map)).getLong("result");
    }

    /** Opens the map and reports its changes from now on. */
    public void watch(String map) {
        run(command("watch", map));
        synced();
    }

    /**
     * @param query as JSON
     */
    public void query(String map, String query) {
        run(command("query", map).put("query", new JsonObject(query)));
        synced();
    }

    public void subscribe(String topic) {
        run(new JsonObject().put("do", "subscribe").put("topic", topic));
        synced();
    }

    public void publish(String topic, Object data) {
        run(new JsonObject().put("do", "publish").put("topic", topic).put("data", data));
    }

    /** Waits until the server has everything that was written here, and the other way round. */
    public void synced() {
        run(new JsonObject().put("do", "synced"));
    }

    private static JsonObject command(String name, String map) {
        return new JsonObject().put("do", name).put("map", map);
    }

    private JsonObject run(JsonObject command) {
        commands.println(command.encode());
        try {
            JsonObject answer = results.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (answer == null) {
                throw new AssertionError("no answer to " + command + " after " + events());
            }
            return answer;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Forgets what has happened so far. */
    public void clearEvents() {
        synchronized (events) {
            events.clear();
        }
    }

    public List<JsonObject> events() {
        synchronized (events) {
            return List.copyOf(events);
        }
    }

    private List<JsonObject> events(Predicate<JsonObject> wanted) {
        return events().stream().filter(wanted).toList();
    }

    /** Changes of the map: {@code key=value}, or {@code key removed}. */
    public List<String> changes(String map) {
        return events(event -> event.getString("event").equals("change") && isOf(event, map))
                .stream()
                .map(event ->
                        event.containsKey("value")
                                ? event.getString("key") + "=" + event.getValue("value")
                                : event.getString("key") + " removed")
                .toList();
    }

    /** What the queries of the map told: {@code RESULT [key, key]}, {@code ENTER key}. */
    public List<String> rows(String map) {
        return events(event -> event.getString("event").equals("row") && isOf(event, map)).stream()
                .map(NodeClient::row)
                .toList();
    }

    private static String row(JsonObject event) {
        return event.getString("change")
                + " "
                + (event.getValue("key") instanceof JsonArray rows
                        ? rows.stream().map(row -> ((JsonArray) row).getString(0)).toList()
                        : event.getString("key"));
    }

    /** The messages of a topic. */
    public List<Object> messages(String topic) {
        return events(event ->
                        event.getString("event").equals("message")
                                && event.getString("topic").equals(topic))
                .stream()
                .map(event -> event.getValue("data"))
                .toList();
    }

    /** Types of the messages about the map that went over the wire. */
    public List<String> traffic(String map) {
        return events(event -> event.containsKey("type") && isOf(event, map)).stream()
                .map(event -> event.getString("type"))
                .toList();
    }

    private static boolean isOf(JsonObject event, String map) {
        return map.equals(event.getString("map"));
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
