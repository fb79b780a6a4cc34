package dev.wingman.testing;

import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.Dialect;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import java.nio.file.Path;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.sqlite.SQLiteDataSource;

/** Empty databases with their tables. */
public final class Databases {
    private Databases() {}

    public static Database sqlite(Path folder) {
        var source = new SQLiteDataSource();
        source.setUrl(
                "jdbc:sqlite:"
                        + folder.resolve("accounts.db")
                        + "?journal_mode=WAL&synchronous=OFF&foreign_keys=on&busy_timeout=5000"
                        + "&transaction_mode=IMMEDIATE");
        migrate(source, "sqlite");
        return new Database(source, Dialect.SQLITE);
    }

    /** Whatever was there before is gone. */
    public static Database postgresql(Postgres server) {
        var pool =
                new AgroalDataSourceConfigurationSupplier()
                        .connectionPoolConfiguration(settings ->
                                settings.maxSize(16)
                                        .connectionFactoryConfiguration(connection ->
                                                connection
                                                        .jdbcUrl(server.url())
                                                        .principal(new NamePrincipal("wingman"))));
        AgroalDataSource source;
        try {
            source = AgroalDataSource.from(pool);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        migrate(source, "postgresql");
        return new Database(source, Dialect.POSTGRESQL);
    }

    private static void migrate(DataSource source, String folder) {
        Flyway flyway =
                Flyway.configure()
                        .dataSource(source)
                        .locations("classpath:db/" + folder)
                        .cleanDisabled(false)
                        .load();
        flyway.clean();
        flyway.migrate();
    }
}
