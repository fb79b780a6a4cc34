package dev.wingman.rest;

import dev.wingman.testing.ApiClient;
import dev.wingman.testing.ApiDescription.Operation;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * Sends the examples of bodies in the OpenAPI document, as whoever they are about. Tokens and ids
 * are those that the server gives out.
 */
final class DescribedExamples implements AutoCloseable {
    private final ApiClient grace;
    private final ApiClient admin;
    private final JsonObject foreign;
    private final Set<String> accepted = new TreeSet<>();

    /**
     * @param foreign a token of another issuer, and the issuer's name as its provider
     */
    DescribedExamples(URI server, JsonObject foreign) {
        this.foreign = foreign;
        this.grace = ApiClient.of(server);
        this.admin = ApiClient.of(server);
    }

    /** The operations that take a body. */
    Set<String> described() {
        Set<String> ids = new TreeSet<>();
        for (Operation operation : grace.description().operations()) {
            if (operation.bodySchema() != null) {
                ids.add(operation.id());
            }
        }
        return ids;
    }

    /** The operations that took their example. */
    Set<String> accepted() {
        JsonObject user = send(grace, "register", "");
        JsonObject session = send(grace, "login", "");
        grace.useToken(session.getString("access_token"));
        String mission = send(grace, "createMission", "").getString("id");
        send(grace, "replaceMission", mission);
        send(grace, "addLog", mission);
        send(grace, "duplicateMission", mission);
        String spec = send(grace, "createSpec", mission).getString("id");
        send(grace, "replaceSpec", spec);
        send(grace, "changeSpecStatus", spec);
        session =
                send(
                        grace,
                        "refresh",
                        "",
                        new JsonObject().put("refresh_token", session.getString("refresh_token")));
        JsonObject wire =
                send(
                        grace,
                        "refreshWireToken",
                        "",
                        new JsonObject().put("refreshToken", session.getString("refresh_token")));
        send(
                grace,
                "logout",
                "",
                new JsonObject().put("refresh_token", wire.getString("refreshToken")));
        send(grace, "exchangeToken", "", foreign);
        send(grace, "changePassword", "");
        admin.login("admin@localhost", ApiClient.PASSWORD);
        send(admin, "changeUser", user.getString("id"));
        send(admin, "changeSettings", "");
        send(admin, "createPolicy", "");
        send(admin, "createWirePolicy", "");
        return accepted;
    }

    private JsonObject send(ApiClient client, String operation, String id) {
        return send(client, operation, id, new JsonObject());
    }

    /**
     * @param known what the example cannot know
     */
    private JsonObject send(ApiClient client, String id, String subject, JsonObject known) {
        Operation operation =
                client.description().operations().stream()
                        .filter(each -> each.id().equals(id))
                        .findFirst()
                        .orElseThrow();
        String schema = Objects.requireNonNull(operation.bodySchema());
        JsonObject body = client.description().examples(schema).getJsonObject(0).copy();
        body.mergeIn(known);
        client.description().check(schema, body);
        var answer =
                client.send(
                        client.request(
                                        operation.method().toUpperCase(Locale.ROOT),
                                        operation
                                                .path()
                                                .replace("/api/v1", "")
                                                .replace("{id}", subject),
                                        body.encode())
                                .header("If-Match", "*"));
        if (answer.statusCode() < 300) {
            accepted.add(id);
        }
        return answer.body().length == 0
                ? new JsonObject()
                : client.expect(answer.statusCode(), answer);
    }

    @Override
    public void close() {
        grace.close();
        admin.close();
    }
}
