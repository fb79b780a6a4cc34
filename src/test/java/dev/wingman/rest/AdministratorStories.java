package dev.wingman.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.wingman.protocol.Json;
import dev.wingman.testing.ApiClient;
import dev.wingman.testing.EventListener;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What administrators see and do, whatever the database. */
abstract class AdministratorStories extends ResourceContract {
    /** Of a user without a role of an administrator. */
    abstract String tokenOfAnotherIssuer(String subject);

    @Test
    void administratorsSeeWhoIsConnectedAndMayEndIt() {
        try (ApiClient admin = ApiClient.of(server().url());
                ApiClient ann = ApiClient.user(server().url(), "connected@example.org");
                WireClient socket = WireClient.connect(server().webSocketUrl("/ws"))) {
            admin.login("admin@localhost", ApiClient.PASSWORD);
            socket.send("{\"type\":\"AUTH\",\"token\":\"" + ann.token() + "\"}");
            socket.next("AUTH_ACK");
            socket.send("{\"type\":\"TOPIC_SUB\",\"payload\":{\"topic\":\"news\"}}");
            socket.untakenAfterPing();
            String user = ann.get("/auth/me").getString("id");
            String path = "/admin/connections";

            JsonObject found =
                    admin.get(path + "?limit=100").getJsonArray("items").stream()
                            .map(JsonObject.class::cast)
                            .filter(each -> user.equals(each.getString("user")))
                            .findFirst()
                            .orElseThrow();
            String one = path + "/" + found.getLong("id");
            assertThat(admin.get(one).getJsonArray("topics")).containsExactly("news");
            assertThat(admin.get(path + "?congested=true").getJsonArray("items")).isEmpty();
            ann.refusal(403, ann.send("GET", path, null));
            ann.refusal(403, ann.send("POST", one + "/disconnect", null));
            assertThat(admin.send("POST", one + "/disconnect", null).statusCode()).isEqualTo(204);

            assertThat(socket.awaitClose().code()).isEqualTo(1008);
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> admin.refusal(404, admin.send("GET", one, null)));
        }
    }

    /** As for everything that has gone out before: the token would be good for minutes. */
    @Test
    void whoseAccountEndsIsOutAtOnce() {
        try (ApiClient admin = ApiClient.of(server().url());
                ApiClient ann = ApiClient.user(server().url(), "out@example.org");
                WebClient sync = WebClient.http1(server().url());
                EventListener events =
                        EventListener.open(server().url("/api/v1/events"), ann.token(), null);
                WireClient first = WireClient.connect(server().webSocketUrl("/ws"));
                WireClient stranger = WireClient.connect(server().webSocketUrl("/ws"));
                WireClient second = WireClient.connect(server().webSocketUrl("/ws"))) {
            admin.login("admin@localhost", ApiClient.PASSWORD);
            String id = ann.get("/auth/me").getString("id");
            authenticate(first, ann.token());
            authenticate(stranger, tokenOfAnotherIssuer(id));
            assertThat(statusOfSync(sync, ann)).isEqualTo(200);

            disable(admin, id, true);

            assertThat(first.awaitClose())
                    .isEqualTo(new WireClient.Close(1008, "account disabled"));
            await().atMost(WireClient.PATIENCE)
                    .untilAsserted(() -> assertThat(events.received()).endsWith("end"));
            assertThat(refusedAtTheDoor(ann.token()).code()).isEqualTo(1008);
            assertThat(statusOfSync(sync, ann)).isEqualTo(401);
            assertThat(ann.refusal(403, ann.send("GET", "/auth/me", null)))
                    .isEqualTo("account_disabled");

            disable(admin, id, false);

            authenticate(second, ann.token());
            assertThat(statusOfSync(sync, ann)).isEqualTo(200);
            var request = ann.request("DELETE", "/auth/me", null).header("If-Match", "*");
            assertThat(ann.send(request).statusCode()).isEqualTo(204);
            assertThat(second.awaitClose())
                    .isEqualTo(new WireClient.Close(1008, "account deleted"));
            assertThat(statusOfSync(sync, ann)).isEqualTo(401);
            assertThat(stranger.untakenAfterPing()).isEmpty();
        }
    }

    private static void disable(ApiClient admin, String id, boolean disabled) {
        String change = "{\"disabled\":" + disabled + "}";
        var request = admin.request("PATCH", "/users/" + id, change).header("If-Match", "*");
        admin.expect(200, admin.send(request));
    }

    private static void authenticate(WireClient socket, String token) {
        socket.next("AUTH_REQUIRED");
        socket.send("{\"type\":\"AUTH\",\"token\":\"" + token + "\"}");
        socket.next("AUTH_ACK");
    }

    private WireClient.Close refusedAtTheDoor(String token) {
        try (WireClient socket = WireClient.connect(server().webSocketUrl("/ws"))) {
            socket.send("{\"type\":\"AUTH\",\"token\":\"" + token + "\"}");
            socket.next("AUTH_FAIL");
            return socket.awaitClose();
        }
    }

    private static int statusOfSync(WebClient http, ApiClient who) {
        var request = http.post("/sync", Json.frame("{}"));
        return http.send(request.header("Authorization", "Bearer " + who.token())).statusCode();
    }

    @Test
    void administratorsSeeTheMapsOfTheirNode() {
        try (ApiClient admin = ApiClient.of(server().url());
                ApiClient ann = ApiClient.user(server().url(), "maps@example.org");
                WireClient socket = WireClient.connect(server().webSocketUrl("/ws"))) {
            admin.login("admin@localhost", ApiClient.PASSWORD);
            socket.send("{\"type\":\"AUTH\",\"token\":\"" + ann.token() + "\"}");
            socket.next("AUTH_ACK");
            for (String map : List.of("shown-b", "shown-a", "shown-c")) {
                socket.send(
                        """
                        {"type":"CLIENT_OP","payload":{"id":"1","mapName":"%s","key":"k","record":
                        {"value":1,"timestamp":{"millis":1,"counter":0,"nodeId":"n"}}}}
                        """
                                .formatted(map));
                socket.next("OP_ACK");
            }

            JsonObject page = admin.get("/admin/maps?prefix=shown-&limit=2");
            assertThat(page.getJsonArray("items").getJsonObject(0).getString("name"))
                    .isEqualTo("shown-a");
            JsonObject second = page.getJsonArray("items").getJsonObject(1);
            assertThat(second.getString("name")).isEqualTo("shown-b");
            assertThat(second.getLong("entries")).isEqualTo(1);
            assertThat(second.getInteger("followers")).isEqualTo(1);
            JsonObject rest =
                    admin.get(
                            "/admin/maps?prefix=shown-&limit=2&cursor="
                                    + page.getString("next_cursor"));
            assertThat(rest.getJsonArray("items").getJsonObject(0).getString("name"))
                    .isEqualTo("shown-c");
            ann.refusal(403, ann.send("GET", "/admin/maps", null));
        }
    }

    @Test
    void aNodeThatIsAloneIsAClusterOfItsOwn() {
        try (ApiClient admin = ApiClient.of(server().url());
                ApiClient ann = ApiClient.user(server().url(), "cluster@example.org")) {
            admin.login("admin@localhost", ApiClient.PASSWORD);

            JsonObject member =
                    admin.get("/admin/cluster/members").getJsonArray("items").getJsonObject(0);
            JsonObject page = admin.get("/admin/cluster/partitions?limit=100");
            int owned = 0;
            while (page.containsKey("next_cursor")) {
                owned += ownedBy(member, page);
                String cursor = page.getString("next_cursor");
                page = admin.get("/admin/cluster/partitions?limit=100&cursor=" + cursor);
            }

            assertThat(member.getBoolean("self")).isTrue();
            assertThat(member.getBoolean("master")).isTrue();
            assertThat(member.getString("state")).isEqualTo("active");
            assertThat(owned + ownedBy(member, page)).isEqualTo(271);
            assertThat(admin.get("/admin/cluster/migrations").getJsonArray("items")).isEmpty();
            for (String path : List.of("members", "partitions", "migrations")) {
                ann.refusal(403, ann.send("GET", "/admin/cluster/" + path, null));
            }
        }
    }

    private static int ownedBy(JsonObject member, JsonObject page) {
        assertThat(page.getJsonArray("items"))
                .allSatisfy(each ->
                        assertThat(((JsonObject) each).getString("owner_id"))
                                .isEqualTo(member.getString("id")));
        return page.getJsonArray("items").size();
    }

    @Test
    void administratorsChangeSettingsWhileTheServerRuns() {
        try (ApiClient admin = ApiClient.of(server().url());
                ApiClient ann = ApiClient.user(server().url(), "settings@example.org")) {
            admin.login("admin@localhost", ApiClient.PASSWORD);
            JsonObject before = admin.get("/admin/settings");
            assertThat(before.getBoolean("registration")).isTrue();
            ann.refusal(403, ann.send("GET", "/admin/settings", null));
            ann.refusal(403, change(ann, "*", "{\"registration\":false}"));
            admin.refusal(428, change(admin, null, "{\"registration\":false}"));
            admin.refusal(422, change(admin, "*", "{\"rate_limit\":0}"));
            String tag = "\"" + before.getLong("version") + "\"";

            admin.expect(200, change(admin, tag, "{\"registration\":false,\"rate_limit\":7}"));

            admin.refusal(412, change(admin, tag, "{\"registration\":true}"));
            var grace =
                    new JsonObject()
                            .put("email", "late@example.org")
                            .put("password", ApiClient.PASSWORD);
            assertThat(ann.refusal(403, ann.send("POST", "/auth/register", grace)))
                    .isEqualTo("registration_closed");
            assertThat(WebClient.header(ann.send("GET", "/auth/me", null), "RateLimit-Policy"))
                    .isEqualTo("\"default\";q=7;w=60");
            admin.expect(200, change(admin, "*", "{\"registration\":true,\"rate_limit\":100000}"));
        }
    }

    @Test
    void whoTriesOftenFromOneAddressIsAskedToWait() {
        try (ApiClient admin = ApiClient.of(server().url())) {
            admin.login("admin@localhost", ApiClient.PASSWORD);
            admin.expect(200, change(admin, "*", "{\"auth_rate_limit\":10}"));
            var guess = new JsonObject().put("refresh_token", "guess");

            HttpResponse<byte[]> answer = admin.send("POST", "/auth/refresh", guess);
            for (int i = 0; i < 10 && answer.statusCode() == 401; i++) {
                answer = admin.send("POST", "/auth/refresh", guess);
            }

            assertThat(admin.refusal(429, answer)).isEqualTo("rate_limited");
            assertThat(WebClient.header(answer, "RateLimit-Policy"))
                    .isEqualTo("\"default\";q=10;w=60");
            assertThat(Integer.parseInt(WebClient.header(answer, "Retry-After"))).isBetween(1, 6);
            admin.expect(200, change(admin, "*", "{\"auth_rate_limit\":100000}"));
        }
    }

    private static HttpResponse<byte[]> change(
            ApiClient client, @Nullable String ifMatch, String change) {
        var request = client.request("PATCH", "/admin/settings", change);
        return client.send(ifMatch == null ? request : request.header("If-Match", ifMatch));
    }

    @Test
    void policiesHoldForEverybodyButTheSubjectsOfTheList() {
        try (ApiClient ann = ApiClient.user(server().url(), "ruled@example.org");
                var story = new PolicyStory(server())) {
            story.everybodyIsHeldToThePoliciesButTheSubjectsOfTheList(
                    ann, tokenOfAnotherIssuer("boss"));
        }
    }

    @Test
    void policiesAreMadeShownAndDeletedByBothPaths() {
        try (var story = new PolicyStory(server())) {
            story.policiesHaveTheNamesOfBothProtocols();
        }
    }

    @Test
    void anAdministratorTakesTheServerOutOfService() {
        try (ApiClient admin = ApiClient.of(server().url());
                ApiClient ann = ApiClient.user(server().url(), "drain@example.org");
                WireClient socket = WireClient.connect(server().webSocketUrl("/ws"))) {
            admin.login("admin@localhost", ApiClient.PASSWORD);
            socket.next("AUTH_REQUIRED");
            ann.refusal(403, ann.send("POST", "/admin/drain", null));

            assertThat(
                            admin.expect(202, admin.send("POST", "/admin/drain", null))
                                    .getString("state"))
                    .isEqualTo("draining");

            assertThat(socket.awaitClose().code()).isEqualTo(1012);
            assertThat(server().awaitExit()).isZero();
            assertThat(server().log()).anyMatch(line -> line.contains("stopped took_ms="));
        } finally {
            server().restart();
        }
    }
}
