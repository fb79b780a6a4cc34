package dev.wingman;

import dev.wingman.security.PublishedKeys;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The keys of another issuer, where it publishes them. Thread-safe. */
final class IssuerKeys implements PublishedKeys.Source {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Real sets have a few thousand. */
    private static final int MAX_BYTES = 256 << 10;

    private final URI url;

    private IssuerKeys(URI url) {
        this.url = url;
    }

    /** Null when no other issuer is configured that publishes its keys. */
    static @Nullable PublishedKeys of(Settings.Access access) {
        URI url = access.jwksUrl();
        if (url == null) {
            return null;
        }
        ScheduledExecutorService reading =
                Executors.newSingleThreadScheduledExecutor(Node.daemon("issuer-keys"));
        return new PublishedKeys(
                new IssuerKeys(url),
                (task, delay) -> {
                    var _ = reading.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                },
                access.jwksMaxAge(),
                System::nanoTime);
    }

    @Override
    public String read() throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(url)
                        .header("Accept", "application/jwk-set+json, application/json")
                        .build();
        HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
        try {
            // The time-out of a request ends with the head of its answer; this one does not.
            HttpResponse<byte[]> answer =
                    http.sendAsync(
                                    request,
                                    BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_BYTES))
                            .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (answer.statusCode() != 200) {
                throw new IOException("status " + answer.statusCode());
            }
            return new String(answer.body(), StandardCharsets.UTF_8);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("no answer: " + e, e);
        } finally {
            http.shutdownNow();
        }
    }
}
