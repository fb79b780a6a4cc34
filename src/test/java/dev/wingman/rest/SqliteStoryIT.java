package dev.wingman.rest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.testing.ServerProcess;
import java.io.IOException;
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
}
