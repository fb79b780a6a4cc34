package dev.wingman.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.ApiClient;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import dev.wingman.testing.WireClient;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.Set;

/** An administrator who rules over maps, and those who are ruled. Afterwards all is allowed. */
final class PolicyStory implements AutoCloseable {
    private static final String ALL = "/admin/policies";
    private static final String WIRE = "/api/admin/policies";

    private final ServerProcess server;
    private final ApiClient admin;

    PolicyStory(ServerProcess server) {
        this.server = server;
        this.admin = ApiClient.of(server.url());
        admin.login("admin@localhost", ApiClient.PASSWORD);
        allowEverything();
    }

    private WireClient socket(String token) {
        WireClient socket = WireClient.connect(server.webSocketUrl("/ws"));
        socket.send("{\"type\":\"AUTH\",\"token\":\"" + token + "\"}");
        socket.next("AUTH_ACK");
        return socket;
    }

    /** What the server says first to a write: an acknowledgement or an error. */
    private static String writing(WireClient socket, String map) {
        socket.send(
                """
                {"type":"CLIENT_OP","payload":{"id":"1","mapName":"%s","key":"k","record":
                {"value":1,"timestamp":{"millis":1,"counter":0,"nodeId":"n"}}}}
                """
                        .formatted(map));
        return socket.next(
                        answer -> Set.of("OP_ACK", "ERROR").contains(answer.getString("type")),
                        WireClient.PATIENCE)
                .getString("type");
    }

    private static JsonObject policy(String id, String maps, String action, String effect) {
        return new JsonObject()
                .put("id", id)
                .put("map_pattern", maps)
                .put("action", action)
                .put("effect", effect);
    }

    /**
     * @param ann no administrator
     * @param boss token of a subject among {@code admin-subjects}, without a role
     */
    void everybodyIsHeldToThePoliciesButTheSubjectsOfTheList(ApiClient ann, String boss) {
        try (WireClient reader = socket(ann.token());
                WireClient administrator = socket(admin.token());
                WireClient exempt = socket(boss);
                ApiClient bossByHttp = ApiClient.of(server.url())) {
            bossByHttp.useToken(boss);
            reader.send("{\"type\":\"SYNC_INIT\",\"mapName\":\"ruled.notes\"}");
            reader.next("SYNC_RESP_ROOT");
            assertThat(writing(administrator, "ruled.notes")).isEqualTo("OP_ACK");
            ann.refusal(403, ann.send("POST", ALL, policy("own", "*", "all", "allow")));
            bossByHttp.refusal(403, bossByHttp.send("GET", ALL, null));

            HttpResponse<byte[]> made =
                    admin.send("POST", ALL, policy("others", "free.*", "all", "allow"));

            admin.expect(201, made);
            assertThat(WebClient.header(made, "Location")).isEqualTo("/api/v1" + ALL + "/others");
            assertThat(writing(administrator, "ruled.notes")).isEqualTo("OP_ACK");
            assertThat(admin.send("DELETE", ALL + "/all", null).statusCode()).isEqualTo(204);
            assertThat(reader.awaitClose().code()).isEqualTo(1008);
            assertThat(administrator.awaitClose().code()).isEqualTo(1008);
            assertThat(writing(exempt, "ruled.notes")).isEqualTo("OP_ACK");
        }
        try (WireClient administrator = socket(admin.token())) {
            assertThat(writing(administrator, "free.notes")).isEqualTo("OP_ACK");
            assertThat(writing(administrator, "ruled.notes")).isEqualTo("ERROR");
        }
    }

    void policiesHaveTheNamesOfBothProtocols() {
        var wire =
                new JsonObject()
                        .put("mapPattern", "wire.*")
                        .put("action", "read")
                        .put("effect", "deny");
        JsonObject made = admin.expect(201, admin.send("POST", WIRE, wire));
        String one = ALL + "/" + made.getString("id");

        assertThat(admin.get(one).getString("map_pattern")).isEqualTo("wire.*");
        assertThat(admin.get(WIRE).getJsonArray("policies")).contains(made);
        JsonObject conditional =
                admin.expect(
                        422, admin.send("POST", WIRE, wire.copy().put("conditionExpr", "a == b")));
        assertThat(conditional.getJsonArray("errors").getJsonObject(0).getString("field"))
                .isEqualTo("conditionExpr");
        admin.refusal(422, admin.send("POST", WIRE, wire.copy().put("mapPattern", "wi*")));
        admin.refusal(422, admin.send("POST", ALL, policy("p", "*", "own", "allow")));
        admin.refusal(422, admin.send("POST", ALL, policy("../p", "*", "all", "allow")));
        admin.expect(201, admin.send("POST", ALL, policy("p", "*", "all", "allow")));
        assertThat(admin.refusal(409, admin.send("POST", ALL, policy("p", "*", "all", "deny"))))
                .isEqualTo("policy_exists");
        assertThat(admin.send("DELETE", one, null).statusCode()).isEqualTo(204);
        admin.refusal(404, admin.send("DELETE", one, null));
        assertThat(admin.send("DELETE", WIRE + "/p", null).statusCode()).isEqualTo(204);
        admin.refusal(404, admin.send("GET", ALL + "/p", null));
    }

    /** Everything is allowed again, to those who share the server. */
    @Override
    public void close() {
        try (admin) {
            allowEverything();
        }
    }

    private void allowEverything() {
        for (Object each : admin.get(WIRE).getJsonArray("policies")) {
            String path = ALL + "/" + ((JsonObject) each).getString("id");
            assertThat(admin.send("DELETE", path, null).statusCode()).isEqualTo(204);
        }
        admin.expect(201, admin.send("POST", ALL, policy("all", "*", "all", "allow")));
    }
}
