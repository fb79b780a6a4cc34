package dev.wingman.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wingman.testing.ApiClient;
import dev.wingman.testing.Postgres;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresqlStoryIT extends ResourceContract {
    @TempDir private static Path folder;
    private static Optional<Postgres> database = Optional.empty();
    private static ServerProcess server;

    @BeforeAll
    static void start() {
        database = Postgres.start();
        assumeTrue(database.isPresent(), Postgres::whyNot);
        server =
                production(folder)
                        .with("wingman.database.url", database.get().url())
                        .with("wingman.database.username", "wingman")
                        .start();
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        database.ifPresent(Postgres::close);
    }

    @Override
    ServerProcess server() {
        return server;
    }

    @Test
    void aDatabaseThatComesBackIsUsedAgain() {
        try (ApiClient ann = ApiClient.user(server.url(), "patient@example.org")) {
            ann.mission("before");

            database.orElseThrow().stop();
            HttpResponse<byte[]> refused = ann.send("GET", "/missions", null);
            database.orElseThrow().resume();

            assertThat(ann.refusal(503, refused)).isEqualTo("unavailable");
            assertThat(WebClient.header(refused, "Retry-After")).isNotEmpty();
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(() ->
                            assertThat(ann.get("/missions").getJsonArray("items")).hasSize(1));
        }
    }
}
