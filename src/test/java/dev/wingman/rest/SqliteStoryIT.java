package dev.wingman.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wingman.testing.ApiClient;
import dev.wingman.testing.ApiDescription;
import dev.wingman.testing.ServerProcess;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoryIT extends StoryContract {
    @TempDir private static Path folder;
    private static ServerProcess server;

    @BeforeAll
    static void start() {
        server = production(folder).start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    ServerProcess server() {
        return server;
    }

    @Test
    void theFileWithTheKeyIsForItsOwnerAlone() throws IOException {
        Path file = folder.resolve("data/accounts.db");

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void theCommandsOfTheReadmePrintWhatItShows() throws IOException {
        var story = ReadmeStory.read();

        assertThat(story.printedBy(server.url(), folder)).isEqualTo(story.shown());
        assertThat(story.shown()).hasSizeGreaterThan(15);
    }

    @Test
    void everyExampleOfTheDescriptionIsAccepted() {
        try (var examples = new DescribedExamples(server.url())) {
            assertThat(examples.accepted()).isEqualTo(examples.described());
        }
    }

    /** Every answer of these tests is held against the description: see {@link ApiClient#send}. */
    @Test
    void whatIsNotAsDescribedIsNoticed() {
        try (ApiClient reader = ApiClient.of(server.url())) {
            var half = new JsonObject().put("from", "planned").put("to", "testing");
            HttpResponse<byte[]> refusal = reader.send("GET", "/missions", null);

            assertThatThrownBy(() -> reader.description().check("Transition", half))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("actor_id");
            assertThatThrownBy(() ->
                            ApiDescription.of(server.url())
                                    .without("WWW-Authenticate")
                                    .check(refusal))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("www-authenticate");
        }
    }

    @Test
    void theDescriptionIsAlsoAPageWithoutAnythingFromElsewhere() {
        try (ApiClient reader = ApiClient.of(server.url())) {
            HttpResponse<byte[]> page = reader.send("GET", "/docs", null);
            String html = new String(page.body(), StandardCharsets.UTF_8);

            assertThat(page.headers().firstValue("Content-Type"))
                    .contains("text/html;charset=UTF-8");
            assertThat(reader.description().operations())
                    .hasSizeGreaterThan(30)
                    .allSatisfy(operation ->
                            assertThat(html).contains("<section id=\"" + operation.id() + "\">"));
            assertThat(html).contains("To the moon").doesNotContain("<script", "style=", "//");
            assertThat(reader.send("GET", "/docs.css", null).statusCode()).isEqualTo(200);
        }
    }
}
