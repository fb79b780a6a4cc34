package dev.wingman.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.testing.ApiClient;
import dev.wingman.testing.WebClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The calls of the REST API one by one, on every database. */
abstract class ResourceContract extends StoryContract {
    private static JsonObject password(String current, String next) {
        return new JsonObject().put("current_password", current).put("new_password", next);
    }

    private static JsonObject refresh(JsonObject session) {
        return new JsonObject().put("refresh_token", session.getString("refresh_token"));
    }

    @Test
    void anAccountFromItsFirstLoginToItsDeletion() {
        String email = "whole-life@example.org";
        String another = "another correct horse";
        try (ApiClient ann = ApiClient.user(server().url(), email)) {
            JsonObject first = ann.login(email, ApiClient.PASSWORD);
            assertThat(first.getInteger("expires_in")).isEqualTo(900);
            assertThat(first.getString("token_type")).isEqualTo("Bearer");

            String path = "/auth/change-password";
            ann.refusal(403, ann.send("POST", path, password("not this one", another)));
            ann.refusal(422, ann.send("POST", path, password(ApiClient.PASSWORD, "short")));
            assertThat(ann.send("POST", path, password(ApiClient.PASSWORD, another)).statusCode())
                    .isEqualTo(204);
            ann.refusal(401, ann.send("POST", "/auth/refresh", refresh(first)));

            JsonObject second = ann.login(email, another);
            assertThat(ann.send("POST", "/auth/logout", refresh(second)).statusCode())
                    .isEqualTo(204);
            ann.refusal(401, ann.send("POST", "/auth/refresh", refresh(second)));

            ann.refusal(428, ann.send("DELETE", "/auth/me", null));
            HttpResponse<byte[]> gone =
                    ann.send(ann.request("DELETE", "/auth/me", null).header("If-Match", "*"));
            assertThat(gone.statusCode()).isEqualTo(204);
            ann.refusal(401, ann.send("GET", "/auth/me", null));
        }
    }

    @Test
    void theKeyThatSignsTokensIsPublished() {
        try (ApiClient ann = ApiClient.user(server().url(), "keys@example.org");
                WebClient http = WebClient.http1(server().url())) {
            String head = ann.token().substring(0, ann.token().indexOf('.'));
            var header =
                    new JsonObject(
                            new String(
                                    Base64.getUrlDecoder().decode(head), StandardCharsets.UTF_8));

            JsonArray keys =
                    WebClient.json(http.get("/.well-known/jwks.json")).getJsonArray("keys");

            assertThat(header.getString("alg")).isEqualTo("ES256");
            assertThat(keys).hasSize(1);
            assertThat(keys.getJsonObject(0).getString("kid")).isEqualTo(header.getString("kid"));
            assertThat(keys.getJsonObject(0).fieldNames()).contains("x", "y").doesNotContain("d");
        }
    }

    @Test
    void aLogIsReadPageByPageAndByLevel() {
        try (ApiClient ann = ApiClient.user(server().url(), "logs@example.org")) {
            String logs = "/missions/" + ann.mission("logged").getString("id") + "/logs";
            for (String level : List.of("info", "error", "info")) {
                ann.post(logs, new JsonObject().put("level", level).put("message", level));
            }

            JsonObject page = ann.get(logs + "?limit=2");

            assertThat(page.getJsonArray("items")).hasSize(2);
            String next = logs + "?limit=2&cursor=" + page.getString("next_cursor");
            assertThat(ann.get(next).getJsonArray("items")).hasSize(1);
            assertThat(ann.get(logs + "?level=error").getJsonArray("items"))
                    .singleElement()
                    .satisfies(line ->
                            assertThat(((JsonObject) line).getString("message"))
                                    .isEqualTo("error"));
            ann.refusal(422, ann.send("GET", logs + "?level=loud", null));
        }
    }

    @Test
    void aSpecHasAHistoryAndAGraphOfItsNeeds() {
        try (ApiClient ann = ApiClient.user(server().url(), "specs@example.org")) {
            String specs = "/missions/" + ann.mission("m").getString("id") + "/specs";
            var content = new JsonObject().put("number", 1).put("title", "first");
            String first = ann.post(specs, content).getString("id");
            content.put("number", 2).put("dependencies", new JsonArray().add(first));
            String second = ann.post(specs, content).getString("id");
            assertThat(ann.refusal(409, ann.send("POST", specs, content)))
                    .isEqualTo("number_taken");

            ann.expect(200, ann.status(first, "in_progress"));
            ann.expect(200, ann.status(first, "in_progress"));
            ann.expect(200, ann.status(first, "blocked"));
            ann.refusal(409, ann.status(first, "completed"));
            JsonArray history = ann.get("/specs/" + first + "/history").getJsonArray("items");
            JsonObject graph = ann.get("/specs/" + second + "/dependencies");

            assertThat(history.stream().map(step -> ((JsonObject) step).getString("to")))
                    .containsExactly("in_progress", "blocked");
            assertThat(graph.getJsonArray("nodes")).hasSize(2);
            assertThat(graph.getJsonArray("edges"))
                    .containsExactly(new JsonObject().put("from", second).put("to", first));
            assertThat(ann.get("/specs/" + first).getJsonArray("dependents"))
                    .containsExactly(second);
            assertThat(ann.get("/specs/search?q=FIRST").getJsonArray("items")).hasSize(2);
        }
    }

    @Test
    void missionsMoveByTheirNamesAndAreFoundByWhatTheyAre() {
        try (ApiClient ann = ApiClient.user(server().url(), "moves@example.org")) {
            var tagged = new JsonObject().put("title", "To Mars").put("tags", List.of("red"));
            String mission = ann.post("/missions", tagged).getString("id");
            ann.mission("To Venus");

            JsonObject active = ann.move(mission, "activate");
            assertThat(ann.move(mission, "start")).isEqualTo(active);
            JsonObject refusal =
                    ann.expect(409, ann.send("POST", "/missions/" + mission + "/archive", null));

            assertThat(refusal.getString("code")).isEqualTo("invalid_transition");
            assertThat(refusal.getJsonArray("allowed")).contains("pause").doesNotContain("archive");
            for (String filter : List.of("status=active", "tag=red", "q=mars", "q=MARS&tag=red")) {
                assertThat(ann.get("/missions?" + filter).getJsonArray("items"))
                        .as(filter)
                        .singleElement()
                        .isEqualTo(active);
            }
            ann.refusal(
                    409,
                    ann.send(
                            ann.request("DELETE", "/missions/" + mission, null)
                                    .header("If-Match", "*")));
        }
    }

    private List<String> audit() {
        return server().log().stream().filter(line -> line.contains("audit action=")).toList();
    }

    @Test
    void whatPeopleAreRefusedAndWhatIsDeletedIsOnRecordWithoutSecrets() {
        try (ApiClient ann = ApiClient.user(server().url(), "record@example.org")) {
            String id = ann.get("/auth/me").getString("id");
            String mission = "/missions/" + ann.mission("short").getString("id");
            var wrong =
                    new JsonObject().put("email", "record@example.org").put("password", "guess");
            ann.refusal(401, ann.send("POST", "/auth/login", wrong));
            ann.refusal(403, ann.send("GET", "/users", null));
            HttpResponse<byte[]> deleted =
                    ann.send(
                            ann.request("DELETE", mission, null)
                                    .header("If-Match", "*")
                                    .header("X-Request-Id", "deletes-it"));
            assertThat(deleted.statusCode()).isEqualTo(204);

            // The answer may be here before the line that tells of it.
            await().until(() -> audit().stream().anyMatch(line -> line.contains("deletes-it")));
            List<String> audit = audit();

            assertThat(audit)
                    .anyMatch(line -> line.contains("action=login actor=" + id))
                    .anyMatch(line ->
                            line.contains("action=login actor=null target=" + id)
                                    && line.contains("outcome=wrong_credentials"))
                    .anyMatch(line ->
                            line.contains("action=users actor=" + id)
                                    && line.contains("outcome=forbidden"))
                    .anyMatch(line ->
                            line.contains("action=delete_mission actor=" + id)
                                    && line.contains("address=127.0.0.1 request=deletes-it"))
                    .noneMatch(line ->
                            line.contains("guess")
                                    || line.contains(ApiClient.PASSWORD)
                                    || line.contains(ann.token()));
        }
    }
}
