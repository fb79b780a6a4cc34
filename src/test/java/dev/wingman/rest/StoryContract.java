package dev.wingman.rest;

import static dev.wingman.testing.WebClient.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.ApiClient;
import dev.wingman.testing.EventListener;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What the REST API promises over real sockets, on every database. */
abstract class StoryContract {
    /** Generous limits of requests, no secret: the server signs with a key of its own. */
    static ServerProcess.Setup production(Path folder) {
        return ServerProcess.in(folder)
                .without("quarkus.profile")
                .with("quarkus.log.console.json.enabled", "false")
                .with("wingman.network.host", "127.0.0.1")
                .with("wingman.rest.rate-limit", "100000")
                .with("wingman.rest.auth-rate-limit", "100000")
                .with("wingman.security.bootstrap-admin.password", ApiClient.PASSWORD);
    }

    abstract ServerProcess server();

    private static List<String> types(List<JsonObject> events) {
        return events.stream()
                .map(event ->
                        event.getString("type")
                                + (event.containsKey("to") ? " " + event.getString("to") : ""))
                .toList();
    }

    @Test
    void everyStepOfAMissionIsSeenInOrderByBothKindsOfListeners() {
        try (ApiClient ann = ApiClient.user(server().url(), "story@example.org");
                ApiClient bob = ApiClient.user(server().url(), "stranger@example.org");
                EventListener sse =
                        EventListener.open(server().url("/api/v1/events"), ann.token(), null);
                EventListener deaf =
                        EventListener.open(server().url("/api/v1/events"), bob.token(), null);
                WireClient socket = WireClient.connect(server().webSocketUrl("/ws"))) {
            socket.next("AUTH_REQUIRED");
            socket.send("{\"type\":\"AUTH\",\"token\":\"" + ann.token() + "\"}");
            socket.next("AUTH_ACK");
            socket.send("{\"type\":\"TOPIC_SUB\",\"payload\":{\"topic\":\"missions\"}}");
            socket.untakenAfterPing();

            String mission = ann.mission("To the moon").getString("id");
            String first = spec(ann, mission, 101).getString("id");
            String second = spec(ann, mission, 102, first).getString("id");
            ann.move(mission, "start");
            assertThat(ann.refusal(409, ann.status(second, "in_progress")))
                    .isEqualTo("dependencies_unfinished");
            for (String status : List.of("in_progress", "in_review", "testing", "completed")) {
                ann.expect(200, ann.status(first, status));
            }
            ann.expect(200, ann.status(second, "in_progress"));
            JsonObject stats = ann.get("/missions/" + mission).getJsonObject("stats");

            assertThat(stats)
                    .isEqualTo(
                            new JsonObject()
                                    .put("total_specs", 2)
                                    .put("completed_specs", 1)
                                    .put("in_progress_specs", 1)
                                    .put("completion_percentage", 50.0));
            List<String> expected =
                    List.of(
                            "mission.created",
                            "spec.created",
                            "spec.created",
                            "mission.status_changed active",
                            "spec.status_changed in_progress",
                            "spec.status_changed in_review",
                            "spec.status_changed testing",
                            "spec.status_changed completed",
                            "mission.progress",
                            "spec.status_changed in_progress");
            assertThat(types(sse.next(expected.size()))).isEqualTo(expected);
            List<JsonObject> told = new ArrayList<>();
            for (int i = 0; i < expected.size(); i++) {
                JsonObject payload = socket.next("TOPIC_MESSAGE").getJsonObject("payload");
                assertThat(payload.getString("topic")).isEqualTo("missions");
                told.add(payload.getJsonObject("data"));
            }
            assertThat(types(told)).isEqualTo(expected);
            assertThat(deaf.received()).isEmpty();
        }
    }

    private static JsonObject spec(ApiClient user, String mission, int number, String... needed) {
        return user.post(
                "/missions/" + mission + "/specs",
                new JsonObject()
                        .put("number", number)
                        .put("title", "Spec " + number)
                        .put("dependencies", new JsonArray(List.of(needed))));
    }

    @Test
    void aListenerResumesAfterTheLastEventThatItHas() {
        try (ApiClient ann = ApiClient.user(server().url(), "resumes@example.org")) {
            String last;
            try (EventListener sse =
                    EventListener.open(server().url("/api/v1/events"), ann.token(), null)) {
                ann.mission("one");
                last = String.valueOf(sse.next(1).getFirst().getLong("id"));
            }
            ann.mission("two");
            ann.mission("three");

            try (EventListener sse =
                            EventListener.open(server().url("/api/v1/events"), ann.token(), last);
                    EventListener lost =
                            EventListener.open(
                                    server().url("/api/v1/events"), ann.token(), "99999999")) {
                assertThat(types(sse.next(2)))
                        .containsExactly("mission.created", "mission.created");
                assertThat(lost.nextName()).isEqualTo("reset");
            }
        }
    }

    @Test
    void topicsOfTheServerAreForThoseWhoMaySeeThem() {
        try (ApiClient ann = ApiClient.user(server().url(), "topics@example.org");
                ApiClient bob = ApiClient.user(server().url(), "nosy@example.org");
                WireClient socket = WireClient.connect(server().webSocketUrl("/ws"))) {
            String mission = ann.mission("secret").getString("id");
            socket.send("{\"type\":\"AUTH\",\"token\":\"" + bob.token() + "\"}");
            socket.next("AUTH_ACK");

            for (String topic : List.of("missions/" + mission, "users/somebody", "missions/x")) {
                socket.send("{\"type\":\"TOPIC_SUB\",\"payload\":{\"topic\":\"" + topic + "\"}}");
                assertThat(socket.next("ERROR").getJsonObject("payload").getInteger("code"))
                        .isEqualTo(403);
            }
            socket.send("{\"type\":\"TOPIC_PUB\",\"payload\":{\"topic\":\"missions\",\"data\":1}}");
            assertThat(socket.next("ERROR").getJsonObject("payload").getInteger("code"))
                    .isEqualTo(403);
        }
    }

    @Test
    void theTokenOfALoginIsGoodForSync() {
        try (ApiClient ann = ApiClient.user(server().url(), "sync@example.org");
                WebClient http = WebClient.http1(server().url())) {
            var request =
                    http.post("/sync", new byte[] {(byte) 0x80})
                            .header("Authorization", "Bearer " + ann.token());

            assertThat(http.send(request).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void manyConcurrentRetriesOfOneKeyCreateOneMission() throws Exception {
        int retries = 1000;
        Set<String> ids = new HashSet<>();
        try (ApiClient ann = ApiClient.user(server().url(), "retries@example.org");
                var pool = Executors.newFixedThreadPool(50)) {
            List<Future<HttpResponse<byte[]>>> running = new ArrayList<>();
            for (int i = 0; i < retries; i++) {
                running.add(
                        pool.submit(() ->
                                ann.send(
                                        ann.request("POST", "/missions", "{\"title\":\"once\"}")
                                                .header("Idempotency-Key", "key-1"))));
            }
            for (Future<HttpResponse<byte[]>> each : running) {
                ids.add(ann.expect(201, each.get()).getString("id"));
            }

            assertThat(ids).hasSize(1);
            assertThat(ann.get("/missions").getJsonArray("items")).hasSize(1);
            assertThat(
                            ann.refusal(
                                    409,
                                    ann.send(
                                            ann.request("POST", "/missions", "{\"title\":\"x\"}")
                                                    .header("Idempotency-Key", "key-1"))))
                    .isEqualTo("idempotency_key_reused");
        }
    }

    @Test
    void aChangeNeedsTheVersionThatItIsMadeOf() {
        try (ApiClient ann = ApiClient.user(server().url(), "versions@example.org")) {
            HttpResponse<byte[]> created =
                    ann.send("POST", "/missions", new JsonObject().put("title", "one"));
            String path = "/missions/" + ann.expect(201, created).getString("id");
            String tag = header(created, "ETag");
            String body = "{\"title\":\"two\"}";

            assertThat(ann.refusal(428, ann.send(ann.request("PUT", path, body))))
                    .isEqualTo("if_match_required");
            HttpResponse<byte[]> changed =
                    ann.send(ann.request("PUT", path, body).header("If-Match", tag));
            assertThat(ann.expect(200, changed).getInteger("version")).isEqualTo(2);
            assertThat(header(changed, "ETag")).isEqualTo("\"2\"").isNotEqualTo(tag);
            assertThat(
                            ann.refusal(
                                    412,
                                    ann.send(
                                            ann.request("PUT", path, body)
                                                    .header("If-Match", tag))))
                    .isEqualTo("stale_version");
        }
    }

    @Test
    void pagesAreLinked() {
        try (ApiClient ann = ApiClient.user(server().url(), "pages@example.org")) {
            for (int i = 0; i < 5; i++) {
                ann.mission("m" + i);
            }
            List<String> titles = new ArrayList<>();
            String path = "/missions?limit=2&sort=-title";
            while (!path.isEmpty()) {
                HttpResponse<byte[]> page = ann.send("GET", path, null);
                for (Object item : ann.expect(200, page).getJsonArray("items")) {
                    titles.add(((JsonObject) item).getString("title"));
                }
                path = header(page, "Link").replaceAll("</api/v1(.*)>; rel=\"next\"", "$1");
            }
            String cursor = ann.get("/missions?limit=2").getString("next_cursor");

            assertThat(titles).containsExactly("m4", "m3", "m2", "m1", "m0");
            assertThat(ann.refusal(400, ann.send("GET", "/missions?q=m&cursor=" + cursor, null)))
                    .isEqualTo("invalid_cursor");
        }
    }

    @Test
    void whatAnAdministratorChangesCountsAtOnce() {
        try (ApiClient admin = ApiClient.of(server().url());
                ApiClient ann = ApiClient.user(server().url(), "changed@example.org")) {
            admin.login("admin@localhost", ApiClient.PASSWORD);
            String id = ann.get("/auth/me").getString("id");
            assertThat(ann.refusal(403, ann.send("GET", "/users", null))).isEqualTo("forbidden");

            admin.expect(
                    200,
                    admin.send(
                            admin.request("PATCH", "/users/" + id, "{\"roles\":[\"viewer\"]}")
                                    .header("If-Match", "\"1\"")));
            assertThat(
                            ann.refusal(
                                    403,
                                    ann.send(
                                            "POST",
                                            "/missions",
                                            new JsonObject().put("title", "x"))))
                    .isEqualTo("read_only");
            admin.expect(
                    200,
                    admin.send(
                            admin.request("PATCH", "/users/" + id, "{\"disabled\":true}")
                                    .header("If-Match", "\"2\"")));
            assertThat(ann.refusal(403, ann.send("GET", "/auth/me", null)))
                    .isEqualTo("account_disabled");
        }
    }

    @Test
    void peopleHearWhatAnAdministratorDoesWithTheirAccount() {
        try (ApiClient admin = ApiClient.of(server().url());
                ApiClient ann = ApiClient.user(server().url(), "notified@example.org");
                EventListener sse =
                        EventListener.open(server().url("/api/v1/events"), ann.token(), null);
                WireClient socket = WireClient.connect(server().webSocketUrl("/ws"))) {
            admin.login("admin@localhost", ApiClient.PASSWORD);
            String id = ann.get("/auth/me").getString("id");
            socket.send("{\"type\":\"AUTH\",\"token\":\"" + ann.token() + "\"}");
            socket.next("AUTH_ACK");
            socket.send("{\"type\":\"TOPIC_SUB\",\"payload\":{\"topic\":\"users/" + id + "\"}}");
            socket.untakenAfterPing();

            admin.expect(
                    200,
                    admin.send(
                            admin.request("PATCH", "/users/" + id, "{\"roles\":[\"viewer\"]}")
                                    .header("If-Match", "*")));

            JsonObject told = sse.next(1).getFirst();
            assertThat(told.getString("type")).isEqualTo("notification");
            assertThat(told.getString("from")).isEqualTo("user");
            assertThat(told.getString("to")).isEqualTo("viewer");
            assertThat(
                            socket.next("TOPIC_MESSAGE")
                                    .getJsonObject("payload")
                                    .getJsonObject("data")
                                    .getLong("id"))
                    .isEqualTo(told.getLong("id"));
        }
    }

    @Test
    void aBodyThatIsTooLargeIsRefusedHoweverItIsSent() {
        try (ApiClient ann = ApiClient.user(server().url(), "large@example.org")) {
            byte[] body =
                    ("{\"title\":\"" + "x".repeat(3 << 20) + "\"}")
                            .getBytes(StandardCharsets.UTF_8);
            var chunked =
                    ann.request("POST", "/missions", "{}")
                            .POST(
                                    BodyPublishers.ofInputStream(
                                            () -> new ByteArrayInputStream(body)));

            assertThat(ann.refusal(413, ann.send(chunked))).isEqualTo("too_large");
        }
    }
}
