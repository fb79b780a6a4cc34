package dev.wingman;

import dev.wingman.rest.Operations;
import dev.wingman.rest.RestServer;
import dev.wingman.storage.LibraryFolder;
import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.DatabaseException;
import dev.wingman.storage.sql.Dialect;
import io.agroal.api.AgroalDataSource;
import io.quarkus.agroal.DataSource;
import io.quarkus.flyway.FlywayDataSource;
import io.quarkus.runtime.Quarkus;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Instance;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jboss.logging.Logger;

/** Where accounts and missions meet the container: it has the pools and the list of migrations. */
@Dependent
class RestWiring {
    private static final Logger LOG = Logger.getLogger("dev.wingman");
    private static final String FILE = "embedded";
    private static final String SERVER = "postgresql";
    private static final String LIBRARY = "libsqlitejdbc.so";
    private static final String LIBRARY_FOLDER = "org.sqlite.tmpdir";

    @Produces
    @Singleton
    MissionControl missionControl(Settings settings, Databases databases) {
        RestSettings rest = settings.rest();
        if (rest == null) {
            throw new IllegalStateException("asked for although wingman.features.rest is off");
        }
        return new MissionControl(
                settings.access(),
                rest,
                settings.connection().sendTimeout(),
                () ->
                        rest.usesPostgresql()
                                ? databases.postgresql()
                                : databases.embedded(settings.storage().directory()));
    }

    /** Behind a proxy: filters are made while the configuration is not there yet. */
    @Produces
    @ApplicationScoped
    RestServer restServer(MissionControl missions) {
        return missions.server();
    }

    /** A stop by request is one by signal: whoever keeps the process running starts it again. */
    @Produces
    @Singleton
    Operations operations(Node node) {
        return new Operations(node::server, node::cluster, () -> Quarkus.asyncExit(0));
    }

    /** The pools; one that is not asked for opens no connection. */
    @Dependent
    static class Databases {
        private final Instance<AgroalDataSource> file;
        private final Instance<Flyway> fileTables;
        private final Instance<AgroalDataSource> server;
        private final Instance<Flyway> serverTables;

        Databases(
                @DataSource(FILE) Instance<AgroalDataSource> file,
                @FlywayDataSource(FILE) Instance<Flyway> fileTables,
                @DataSource(SERVER) Instance<AgroalDataSource> server,
                @FlywayDataSource(SERVER) Instance<Flyway> serverTables) {
            this.file = file;
            this.fileTables = fileTables;
            this.server = server;
            this.serverTables = serverTables;
        }

        Database postgresql() {
            migrate(serverTables.get(), "wingman.database.url");
            return new Database(server.get(), Dialect.POSTGRESQL);
        }

        private static void migrate(Flyway tables, String where) {
            try {
                tables.migrate();
            } catch (FlywayException e) {
                throw DatabaseException.notOpened(where, e);
            }
        }

        Database embedded(Path directory) {
            Path database = directory.resolve("accounts.db");
            makePrivate(database);
            Path beside = LibraryFolder.having(LIBRARY);
            if (beside != null) {
                System.setProperty("org.sqlite.lib.path", beside.toString());
                System.setProperty("org.sqlite.lib.name", LIBRARY);
                migrate(fileTables.get(), database.toString());
            } else {
                unpackLibrary(directory, () -> migrate(fileTables.get(), database.toString()));
            }
            return new Database(file.get(), Dialect.SQLITE);
        }

        /** The driver does, when it is first used: where a container can be written to. */
        private static void unpackLibrary(Path directory, Runnable firstUse) {
            if (System.getProperty(LIBRARY_FOLDER) != null) {
                firstUse.run();
                return;
            }
            System.setProperty(LIBRARY_FOLDER, directory.toAbsolutePath().toString());
            try {
                firstUse.run();
            } finally {
                deleteLibraries(directory);
            }
        }

        /**
         * A file need not outlive its loading. The driver would delete it at an orderly end of the
         * virtual machine, which we do not wait for (decision 0004).
         */
        private static void deleteLibraries(Path directory) {
            try (DirectoryStream<Path> libraries =
                    Files.newDirectoryStream(directory, "sqlite-*sqlitejdbc*")) {
                for (Path each : libraries) {
                    Files.deleteIfExists(each);
                }
            } catch (IOException | DirectoryIteratorException e) {
                LOG.warnf("a library of the database stays in %s error=%s", directory, e);
            }
        }

        /** It will have the key that signs tokens and the hashes of passwords. */
        private static void makePrivate(Path file) {
            try {
                if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
                    Files.createFile(
                            file,
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rw-------")));
                }
            } catch (FileAlreadyExistsException present) {
                return; // as the operator has it
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
