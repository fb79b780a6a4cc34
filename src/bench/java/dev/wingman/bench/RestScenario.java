package dev.wingman.bench;

import dev.wingman.testing.Postgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The REST API in a closed loop, on each database: reads of a mission, new missions, and logins
 * with passwords as expensive as they are by default.
 */
final class RestScenario implements Scenario {
    private static final int CALLERS = 16;
    private static final Duration WARM_UP = Duration.ofSeconds(4);
    private static final Duration MEASURED = Duration.ofSeconds(5);
    private static final Pattern TOKEN = Pattern.compile("\"access_token\":\"([^\"]+)\"");
    private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");
    private static final String CREDENTIALS =
            "{\"email\":\"ann@example.org\",\"password\":\"correct horse battery\"}";

    private static final String[] GENEROUS = {
        "-Dquarkus.profile=local",
        "-Dwingman.rest.rate-limit=100000000",
        "-Dwingman.rest.auth-rate-limit=100000000"
    };

    @Override
    public String name() {
        return "rest";
    }

    @Override
    public List<Row> run(Workplace workplace) throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        try (ServerProcess server = workplace.server(GENEROUS)) {
            measure("SQLite", server, rows);
        }
        Optional<Postgres> postgres = Postgres.start();
        if (postgres.isEmpty()) {
            rows.add(Row.plain("REST API on PostgreSQL", Postgres.whyNot()));
            return rows;
        }
        try (Postgres database = postgres.get()) {
            List<String> options = new ArrayList<>(List.of(GENEROUS));
            options.add("-Dwingman.database.url=" + database.url());
            options.add("-Dwingman.database.username=wingman");
            try (ServerProcess server = workplace.server(options.toArray(String[]::new))) {
                measure("PostgreSQL without fsync", server, rows);
            }
        }
        return rows;
    }

    private static void measure(String database, ServerProcess server, List<Row> rows)
            throws IOException, InterruptedException {
        String url = "http://127.0.0.1:" + server.address().getPort() + "/api/v1";
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var caller = new Caller(http);
            caller.call(post(url + "/auth/register", CREDENTIALS));
            HttpRequest login = post(url + "/auth/login", CREDENTIALS);
            String token = first(TOKEN, caller.call(login));
            HttpRequest write = authorized(post(url + "/missions", "{\"title\":\"m\"}"), token);
            URI mission = URI.create(url + "/missions/" + first(ID, caller.call(write)));
            HttpRequest read = authorized(HttpRequest.newBuilder(mission).build(), token);
            rows.add(row(server, caller, "reads of a mission, " + database, read, CALLERS));
            rows.add(row(server, caller, "new missions, " + database, write, CALLERS));
            int processors = Runtime.getRuntime().availableProcessors();
            rows.add(row(server, caller, "logins, " + database, login, processors));
        }
    }

    private static HttpRequest post(String url, String body) {
        return HttpRequest.newBuilder(URI.create(url))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private static HttpRequest authorized(HttpRequest request, String token) {
        return HttpRequest.newBuilder(request, (_, _) -> true)
                .header("Authorization", "Bearer " + token)
                .build();
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new IllegalStateException("no " + pattern + " in " + text);
        }
        return matcher.group(1);
    }

    private static Row row(
            ServerProcess server, Caller caller, String what, HttpRequest request, int callers)
            throws IOException, InterruptedException {
        caller.repeat(request, callers, WARM_UP);
        var window = Window.open(server);
        Latency latency = caller.repeat(request, callers, MEASURED);
        window.close();
        return Row.plain(
                "REST, closed loop, %d callers: %s".formatted(callers, what),
                String.format(
                        Locale.ROOT,
                        "%,.0f/s, %s; %s",
                        window.perSecond(latency.count()),
                        latency,
                        window.cores()));
    }

    /** Sends requests; anything but success ends the measurement. */
    private record Caller(HttpClient http) {
        String call(HttpRequest request) throws InterruptedException {
            try {
                HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
                if (answer.statusCode() >= 300) {
                    throw new IllegalStateException(answer + " " + answer.body());
                }
                return answer.body();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Latency repeat(HttpRequest request, int callers, Duration time)
                throws InterruptedException {
            var latency = new Latency();
            long end = System.nanoTime() + time.toNanos();
            List<Future<?>> running = new ArrayList<>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < callers; i++) {
                    running.add(
                            threads.submit(() -> {
                                while (System.nanoTime() < end) {
                                    long began = System.nanoTime();
                                    call(request);
                                    long nanos = System.nanoTime() - began;
                                    synchronized (latency) {
                                        latency.record(nanos);
                                    }
                                }
                                return null;
                            }));
                }
                for (Future<?> each : running) {
                    each.get();
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("a request failed", e.getCause());
            }
            return latency;
        }
    }
}
