package dev.wingman.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A user of the REST API. Thread-safe once logged in. */
public final class ApiClient implements AutoCloseable {
    public static final String PASSWORD = "correct horse battery";

    private final WebClient http;
    private final ApiDescription description;
    private @Nullable String token;

    private ApiClient(URI server) {
        this.http = WebClient.http1(server);
        this.description = ApiDescription.of(server);
    }

    public static ApiClient of(URI server) {
        return new ApiClient(server);
    }

    /** Registered and logged in. */
    public static ApiClient user(URI server, String email) {
        ApiClient client = of(server);
        client.expect(
                201,
                client.send(
                        "POST",
                        "/auth/register",
                        new JsonObject().put("email", email).put("password", PASSWORD)));
        client.login(email, PASSWORD);
        return client;
    }

    public JsonObject login(String email, String password) {
        JsonObject session =
                expect(
                        200,
                        send(
                                "POST",
                                "/auth/login",
                                new JsonObject().put("email", email).put("password", password)));
        token = session.getString("access_token");
        return session;
    }

    public String token() {
        return String.valueOf(token);
    }

    public void useToken(String other) {
        token = other;
    }

    /** Below {@code /api/v1}, unless the path begins with {@code /api}. */
    public HttpRequest.Builder request(String method, String path, @Nullable String body) {
        HttpRequest.Builder request =
                http.request(path.startsWith("/api/") ? path : "/api/v1" + path)
                        .method(
                                method,
                                body == null
                                        ? BodyPublishers.noBody()
                                        : BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return request;
    }

    /** Fails when the description of the server lacks the answer. */
    public HttpResponse<byte[]> send(HttpRequest.Builder request) {
        HttpResponse<byte[]> answer = http.send(request);
        description.check(answer);
        return answer;
    }

    public ApiDescription description() {
        return description;
    }

    public HttpResponse<byte[]> send(String method, String path, @Nullable JsonObject body) {
        return send(request(method, path, body == null ? null : body.encode()));
    }

    public JsonObject get(String path) {
        return expect(200, send("GET", path, null));
    }

    public JsonObject post(String path, JsonObject body) {
        return expect(201, send("POST", path, body));
    }

    public JsonObject move(String mission, String move) {
        return expect(200, send("POST", "/missions/" + mission + "/" + move, null));
    }

    public HttpResponse<byte[]> status(String spec, String status) {
        return send(
                request(
                                "PATCH",
                                "/specs/" + spec + "/status",
                                new JsonObject().put("status", status).encode())
                        .header("If-Match", "*"));
    }

    public JsonObject mission(String title) {
        return post("/missions", new JsonObject().put("title", title));
    }

    /** The body of an answer that must have this status. */
    public JsonObject expect(int status, HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode())
                .as(() ->
                        answer.request().uri()
                                + " "
                                + new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(status);
        return WebClient.json(answer);
    }

    /** The code of a problem that must have this status. */
    public String refusal(int status, HttpResponse<byte[]> answer) {
        JsonObject problem = expect(status, answer);
        assertThat(WebClient.header(answer, "Content-Type")).startsWith("application/problem+json");
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("request_id"))
                .isEqualTo(WebClient.header(answer, "X-Request-Id"))
                .isNotEmpty();
        assertThat(problem.fieldNames()).contains("type", "title", "detail", "instance", "message");
        return problem.getString("code");
    }

    @Override
    public void close() {
        http.close();
    }
}
