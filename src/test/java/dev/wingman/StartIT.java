package dev.wingman;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wingman.testing.Certificates;
import dev.wingman.testing.Certificates.Identity;
import dev.wingman.testing.ServerProcess;
import dev.wingman.testing.Tokens;
import dev.wingman.testing.WebClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
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

    @Test
    void aServerOnPortZeroNamesThePortItGot() {
        try (ServerProcess server = open().start();
                WebClient client = WebClient.http1(server.url())) {
            assertThat(server.port()).isPositive();
            assertThat(client.get("/health").statusCode()).isEqualTo(200);
            assertThat(server.log())
                    .filteredOn(line -> line.contains("ready url="))
                    .singleElement()
                    .asString()
                    .matches(
                            ".*INFO +ready url=http://127.0.0.1:\\d+ startup_ms=\\d+ records=0 .*");
        }
    }

    @Test
    void anOpenServerWarnsOnce() {
        try (ServerProcess server = open().start()) {
            assertThat(server.log())
                    .filteredOn(line -> line.contains("authentication is off"))
                    .singleElement()
                    .asString()
                    .contains("WARN");
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void noLibraryIsUnpackedForAStart() throws IOException {
        Path temporary = Files.createDirectory(folder.resolve("temporary"));
        try (ServerProcess server = open().with("java.io.tmpdir", temporary.toString()).start()) {
            assertThat(temporary).isEmptyDirectory();
            Path maps = Path.of("/proc/%d/maps".formatted(server.handle().pid()));

            assertThat(Files.readAllLines(maps))
                    .anyMatch(line -> line.contains("librocksdb"))
                    .anyMatch(line -> line.contains("libsqlite"))
                    .noneMatch(line -> line.contains(".so (deleted)"))
                    .noneMatch(line -> line.contains(folder.toString()) && line.contains(".so"));
        }
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

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSignalEndsItOrderly(boolean sigterm) {
        try (ServerProcess server = open().start()) {
            if (sigterm) {
                server.terminate();
            } else {
                server.interrupt();
            }

            assertThat(server.awaitExit()).isZero();
            assertThat(server.log())
                    .anyMatch(line -> line.contains("draining connections=0"))
                    .last()
                    .asString()
                    .containsPattern("stopped took_ms=\\d+ connections_cut=0 requests_cut=0");
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
    void everyKeyOfTheClusterIsCheckedUnderItsOwnName() {
        assertThat(
                        refusals(
                                open().with("wingman.cluster.seeds", "nowhere")
                                        .with("wingman.cluster.heartbeat-interval", "PT-1S")
                                        .with("wingman.cluster.phi-threshold", "0.5")
                                        .with("wingman.cluster.max-sample-size", "2")
                                        .with("wingman.cluster.min-std-dev", "PT-2S")
                                        .with("wingman.cluster.max-no-heartbeat", "PT-3S")
                                        .with("wingman.cluster.acceptable-pause", "PT-4S")
                                        .with("wingman.cluster.suspicion-timeout", "PT-5S")
                                        .with("wingman.cluster.backups", "6")
                                        .with("wingman.cluster.max-parallel-migrations", "0")
                                        .with(
                                                "wingman.cluster.split-brain-check-interval",
                                                "PT-7S")))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains("cluster.seeds cannot be set"),
                        line -> assertThat(line).contains("seeds needs wingman.database.url"),
                        line -> assertThat(line).contains("cluster.seeds must", "nowhere"),
                        line -> assertThat(line).contains("heartbeat-interval must", "PT-1S"),
                        line -> assertThat(line).contains("phi-threshold must", "0.5"),
                        line -> assertThat(line).contains("max-sample-size must", "is 2"),
                        line -> assertThat(line).contains("min-std-dev must", "PT-2S"),
                        line -> assertThat(line).contains("max-no-heartbeat must", "PT-3S"),
                        line -> assertThat(line).contains("acceptable-pause must", "PT-4S"),
                        line -> assertThat(line).contains("suspicion-timeout must", "PT-5S"),
                        line -> assertThat(line).contains("backups must be 0 to 4, is 6"),
                        line -> assertThat(line).contains("max-parallel-migrations must", "is 0"),
                        line -> assertThat(line).contains("split-brain-check-interval", "PT-7S"));
    }

    @Test
    void aMessageMustHaveRoomForTheLargestRecord() {
        assertThat(refusals(open().with("wingman.connection.max-message-size", "600K")))
                .singleElement()
                .asString()
                .contains("max-message-size must be 128K or more beyond");
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
    void aWeakSecretIsRefusedAndNotShown() {
        assertThat(refusals(production().with("wingman.security.jwt.secret", "hunter2")))
                .singleElement()
                .asString()
                .contains("at least 32 bytes")
                .doesNotContain("hunter2");
    }

    @Test
    void anOpenServerForEverybodyMustBeMeant() {
        var everywhere = open().with("wingman.network.host", "0.0.0.0");

        assertThat(refusals(everywhere))
                .singleElement()
                .asString()
                .contains("wingman.security.allow-open-network=true");
        everywhere.with("wingman.security.allow-open-network", "true").start().close();
    }

    @Test
    void keysThatDoNotGoTogetherAreRefusedWithTheReason() {
        List<String> refusals =
                refusals(
                        production()
                                .with("wingman.security.jwt.secret", Tokens.SECRET)
                                .with("wingman.security.jwt.public-key", "key.pem")
                                .with("wingman.features.rest", "false")
                                .with("wingman.cluster.seeds", "other:9000")
                                .with("wingman.security.admin-subjects", "alice"));

        assertThat(refusals)
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains(".public-key", "exclude each other"),
                        line -> assertThat(line).contains("cluster.seeds cannot be set"),
                        line -> assertThat(line).contains("admin-subjects", "no policies"));
    }

    @Test
    void certificatesThatAreMissingAreNamed() {
        assertThat(
                        refusals(
                                open().with("wingman.network.tls.certificate", "no.crt")
                                        .with("wingman.network.tls.key", "no.key")
                                        .with("wingman.network.tls.ca", "no-ca.crt")
                                        .with("wingman.sync.max-key", "0")))
                .satisfiesExactlyInAnyOrder(
                        line -> assertThat(line).contains("tls.certificate: ", "no.crt"),
                        line -> assertThat(line).contains("tls.ca: ", "no-ca.crt"),
                        line -> assertThat(line).contains("max-key"));
        assertThat(refusals(open().with("wingman.network.tls.ca", "ca.crt")))
                .anyMatch(line -> line.contains("tls.ca needs wingman.network.tls.certificate"));
        assertThat(refusals(open().with("wingman.network.tls.key", "tls.key")))
                .singleElement()
                .asString()
                .contains("need each other");
    }

    @Test
    void certificatesThatWillNotDoAreNamed() throws IOException {
        Path certificate = folder.resolve("tls.crt");
        Path key = folder.resolve("tls.key");
        Identity one = Certificates.selfSigned(folder, "one");
        Identity other = Certificates.selfSigned(folder, "other");
        other.writeTo(folder.resolve("other.crt"), key);
        one.writeTo(certificate, folder.resolve("unused.key"));
        var setup =
                open().with("wingman.network.tls.certificate", certificate)
                        .with("wingman.network.tls.key", key);

        assertThat(refusals(setup))
                .singleElement()
                .asString()
                .contains("key is not the private key");
        Files.writeString(key, "nonsense");
        assertThat(refusals(setup))
                .singleElement()
                .asString()
                .contains("must be PEM", "unencrypted private key");
    }

    @Test
    void aPortInUseIsSaidPlainly() {
        try (ServerProcess first = open().start()) {
            assertThat(
                            refusals(
                                    open().with("wingman.network.port", first.port())
                                            .with("wingman.storage.directory", "other")))
                    .singleElement()
                    .asString()
                    .contains(String.valueOf(first.port()), "in use", "wingman.network.port");
        }
    }

    @Test
    void aStoreInUseIsSaidPlainly() {
        try (ServerProcess _ = open().start()) {
            assertThat(failedStart(open()))
                    .anyMatch(line -> line.contains("problem=locked") && line.contains("in use"));
        }
    }

    @Test
    void aStoreThatCannotBeReadIsSaidPlainly() throws IOException {
        open().start().close();
        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            files.filter(file -> file.getFileName().toString().startsWith("MANIFEST"))
                    .forEach(StartIT::damage);
        }

        assertThat(failedStart(open())).anyMatch(line -> line.contains("problem=damaged"));
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
    void startsLeaveNoLibrariesBehind() throws IOException {
        open().start().close();
        open().start().close();

        try (Stream<Path> files = Files.list(folder.resolve("data"))) {
            assertThat(files)
                    .noneMatch(file -> file.toString().contains("library"))
                    .noneMatch(file -> file.toString().contains("sqlitejdbc"));
        }
    }

    private static void damage(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length / 2] ^= 0x55;
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
    void aLimitOfFilesBelowThatOfConnectionsIsWarnedOf() {
        try (ServerProcess server =
                open().with("wingman.connection.max-connections", Integer.MAX_VALUE).start()) {
            assertThat(server.log())
                    .anyMatch(line -> line.contains("WARN") && line.contains("ulimit -n"));
        }
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
