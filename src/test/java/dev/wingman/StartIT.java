package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.WebClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.api.AbstractStringAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the packaged server promises about starting and stopping. */
class StartIT {
    @TempDir private Path folder;

    private ServerProcess.Setup open() {
        return ServerProcess.in(folder);
    }

    private ServerProcess.Setup production() {
        return open().without("quarkus.profile").with("wingman.network.host", "127.0.0.1");
    }

    /** The lines after "Wingman did not start:", of a process that has ended as it should. */
    private static List<String> refusals(ServerProcess.Setup setup) {
        try (ServerProcess server = setup.launchOnly()) {
            assertThat(server.awaitExit()).isEqualTo(1);
            List<String> log = server.log();
            int heading = log.indexOf("Wingman did not start:");
            assertThat(heading).as("%s", log).isNotNegative();
            assertThat(log).noneMatch(line -> line.startsWith("\tat "));
            return log.subList(heading + 1, log.size());
        }
    }

    /** The log of a process that could open the port but not the store. */
    private static List<String> failedStart(ServerProcess.Setup setup) {
        try (ServerProcess server = setup.launchOnly()) {
            assertThat(server.awaitExit()).isEqualTo(1);
            assertThat(server.log()).filteredOn(line -> line.contains("ERROR")).hasSize(1);
            assertThat(server.log())
                    .noneMatch(line -> line.startsWith("\tat "))
                    .noneMatch(line -> line.contains("ready url="))
                    .noneMatch(line -> line.contains("draining"))
                    .noneMatch(line -> line.contains("stopped"));
            assertThat(server.log()).last().asString().contains("ERROR");
            return server.log();
        }
    }

    /** More connections than there can be files: a warning that it starts with all the same. */
    @Test
    void aServerOnPortZeroNamesThePortItGotAndLetsNobodyElseHaveIt() throws IOException {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        try (ServerProcess server =
                        open().with("java.io.tmpdir", temporary)
                                .with("wingman.connection.max-connections", Integer.MAX_VALUE)
                                .start();
                WebClient client = WebClient.http1(server.url())) {
            assertThat(server.port()).isPositive();
            assertThat(client.get("/health").statusCode()).isEqualTo(200);
            assertOnce(server, "ready url=")
                    .matches(
                            ".*INFO +ready url=http://127.0.0.1:\\d+ startup_ms=\\d+ records=0 .*");
            assertOnce(server, "authentication is off").contains("WARN");
            assertOnce(server, "ulimit -n").contains("WARN");
            assertThat(temporary).isEmptyDirectory();
            if (OS.LINUX.isCurrentOs()) {
                assertNoLibraryWasUnpacked(server);
            }

            assertPortIsTaken(server);
            assertThat(failedStart(open()))
                    .anyMatch(line -> line.contains("problem=locked") && line.contains("in use"));
        }
    }

    private static AbstractStringAssert<?> assertOnce(ServerProcess server, String text) {
        return assertThat(server.log())
                .filteredOn(line -> line.contains(text))
                .singleElement()
                .asString();
    }

    private void assertNoLibraryWasUnpacked(ServerProcess server) throws IOException {
        Path maps = Path.of("/proc/%d/maps".formatted(server.handle().pid()));

        assertThat(Files.readAllLines(maps))
                .anyMatch(line -> line.contains("librocksdb"))
                .anyMatch(line -> line.contains("libsqlite"))
                .noneMatch(line -> line.contains(".so (deleted)"))
                .noneMatch(line -> line.contains(folder.toString()) && line.contains(".so"));
    }

    private void assertPortIsTaken(ServerProcess server) {
        var another =
                open().with("wingman.network.port", server.port())
                        .with("wingman.storage.directory", "other");

        assertThat(refusals(another))
                .singleElement()
                .asString()
                .contains(String.valueOf(server.port()), "in use", "wingman.network.port");
    }

    @Test
    void theJavaRuntimeOfTheImageHasAllModulesThatAStartNeeds() throws IOException {
        assumeTrue(System.getProperty("wingman.package", "").endsWith(".jar"), "is for the jar");
        String modules =
                Files.readAllLines(Path.of("Makefile")).stream()
                        .filter(line -> line.startsWith("MODULES = "))
                        .findFirst()
                        .orElseThrow()
                        .substring("MODULES = ".length());

        try (ServerProcess server = open().withOption("--limit-modules=" + modules).start();
                WebClient client = WebClient.http1(server.url())) {
            assertThat(client.get("/health/ready").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aSignalEndsItOrderlyAndNoLibraryIsLeftBehind() throws IOException {
        for (Consumer<ServerProcess> signal :
                List.<Consumer<ServerProcess>>of(
                        ServerProcess::terminate, ServerProcess::interrupt)) {
            try (ServerProcess server = open().start()) {
                signal.accept(server);

                assertThat(server.awaitExit()).isZero();
                assertOnce(server, "draining").contains("draining connections=0");
                assertOnce(server, "stopped")
                        .containsPattern("stopped took_ms=\\d+ connections_cut=0 requests_cut=0")
                        .isEqualTo(server.log().getLast());
            }
        }

        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            assertThat(files)
                    .noneMatch(file -> file.toString().contains("library"))
                    .noneMatch(file -> file.toString().contains("sqlitejdbc"));
        }
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() throws IOException {
        Path file = Files.createDirectory(folder.resolve("config"));
        Files.writeString(
                file.resolve("application.properties"),
                "wingman.from.file=1\nwingman.sync.max-key=0\n");

        List<String> refusals =
                refusals(
                        production()
                                .with("wingman.network.foo", "1")
                                .with("wingman.network.port", "99999")
                                .with("wingman.storage.durability", "foo")
                                .with("wingman.connection.rate", "many")
                                .with("wingman.connection.burst", "0")
                                .with("wingman.connection.max-in-flight", "-1")
                                .with("wingman.connection.idle-timeout", "a while")
                                .with("wingman.connection.send-timeout", "P999999999999D")
                                .with("wingman.sync.max-map-name", "257")
                                .with("wingman.network.cors-origins", "app.example")
                                .with("wingman.network.head-timeout", "0s")
                                .with("wingman.rest.rate-limit", "0")
                                .withEnvironment("WINGMAN_FOO_BAR", "1")
                                .withEnvironment("WINGMAN_SYNC_MAX_VALUE", "big"));

        assertThat(refusals)
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains("wingman.network.foo", "system property"),
                        line -> assertThat(line).contains("wingman.from.file", "application.prop"),
                        line -> assertThat(line).contains("WINGMAN_FOO_BAR"),
                        line -> assertThat(line).contains("wingman.network.port", "99999"),
                        line -> assertThat(line).contains("durability: ", "foo", "batched,commit"),
                        line -> assertThat(line).contains("connection.rate: ", "\"many\""),
                        line -> assertThat(line).contains("connection.burst must be 1 or more"),
                        line -> assertThat(line).contains("connection.max-in-flight must be 1"),
                        line -> assertThat(line).contains("connection.idle-timeout: ", "a while"),
                        line -> assertThat(line).contains("connection.send-timeout: ", "a week"),
                        line -> assertThat(line).contains("sync.max-map-name must be 1 to 256"),
                        line -> assertThat(line).contains("sync.max-key must be 1 or more"),
                        line -> assertThat(line).contains("sync.max-value: ", "big"),
                        line -> assertThat(line).contains("cors-origins must be", "app.example"),
                        line -> assertThat(line).contains("head-timeout must be longer than 0"),
                        line -> assertThat(line).contains("rest.rate-limit must be 1 or more"));
        assertThat(refusals)
                .noneMatch(line -> line.contains("SRCFG") || line.contains("Exception"));
    }

    @Test
    void aFileNamedOnTheCommandLineIsCheckedToo() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.properties"), "wingman.nope=1\n");

        assertThat(refusals(open().with("smallrye.config.locations", file)))
                .singleElement()
                .asString()
                .contains("wingman.nope is no key", "mine.properties");
    }

    @Test
    void anUnknownVariableAloneIsEnough() {
        assertThat(refusals(open().withEnvironment("WINGMAN_FOO_BAR", "1")))
                .singleElement()
                .asString()
                .contains("WINGMAN_FOO_BAR");
    }

    @Test
    void productionWithoutAnyKeySaysWhichToSetAndHowToDoWithout() {
        assertThat(refusals(production().with("wingman.features.rest", "false")))
                .singleElement()
                .asString()
                .contains("wingman.security.jwt.secret", "make run", "quarkus.profile=local");
    }

    @Test
    void aDatabaseOfAccountsThatCannotBeReadIsSaidPlainly() throws IOException {
        open().start().close();
        Path database = folder.resolve("data/accounts.db");
        Files.write(database, new byte[8192]);
        Files.deleteIfExists(folder.resolve("data/accounts.db-wal"));

        assertThat(failedStart(open())).last().asString().contains("accounts.db", "not a database");
    }

    @Test
    void aFileWhereTheStoreShouldBeIsSaidPlainly() throws IOException {
        Files.writeString(folder.resolve("data"), "mine");

        assertThat(failedStart(open())).anyMatch(line -> line.contains("cannot"));
        assertThat(folder.resolve("data")).hasContent("mine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/proc/wingman", "/proc/wingman/data"})
    void aFolderThatNobodyCanMakeIsSaidPlainly(String folder) {
        assertThat(failedStart(open().with("wingman.storage.directory", folder)))
                .last()
                .asString()
                .contains("/proc/wingman", "wingman.storage.directory");
    }

    @Test
    void aSignalBeforeItIsReadyEndsItToo() {
        try (ServerProcess server = open().launchOnly()) {
            await().until(() -> !server.log().isEmpty());

            server.terminate();

            assertThat(server.awaitExit()).isZero();
        }
    }
}
