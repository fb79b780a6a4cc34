package dev.wingman.testing;

import dev.wingman.protocol.Json;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** HTTP requests of tests. Thread-safe. */
public final class WebClient implements AutoCloseable {
    private final HttpClient client;
    private final URI server;

    private WebClient(URI server, HttpClient.Version version) {
        this.server = server;
        this.client = HttpClient.newBuilder().version(version).build();
    }

    public static WebClient http1(URI server) {
        return new WebClient(server, HttpClient.Version.HTTP_1_1);
    }

    /** Asks for HTTP/2 with an upgrade, as a plain port is asked for it. */
    public static WebClient http2(URI server) {
        return new WebClient(server, HttpClient.Version.HTTP_2);
    }

    public HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(server.resolve(path)).timeout(Duration.ofSeconds(20));
    }

    public HttpResponse<byte[]> get(String path) {
        return send(request(path));
    }

    /** {@code POST /sync} with a body given as JSON. */
    public HttpResponse<byte[]> sync(String json) {
        return send(post("/sync", Json.frame(json)));
    }

    public HttpRequest.Builder post(String path, byte[] body) {
        return request(path)
                .header("Content-Type", "application/x-msgpack")
                .POST(BodyPublishers.ofByteArray(body));
    }

    public HttpResponse<byte[]> send(HttpRequest.Builder request) {
        try {
            return client.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** A JSON body. */
    public static JsonObject json(HttpResponse<byte[]> answer) {
        return new JsonObject(io.vertx.core.buffer.Buffer.buffer(answer.body()));
    }

    /** A MessagePack body. */
    public static JsonObject message(HttpResponse<byte[]> answer) {
        return Json.object(answer.body());
    }

    public static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    @Override
    public void close() {
        client.shutdownNow();
        client.close();
    }
}
