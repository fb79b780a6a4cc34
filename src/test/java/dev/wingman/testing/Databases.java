package dev.wingman.testing;

import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.Dialect;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;
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
        var source = new PGSimpleDataSource();
        source.setUrl(server.url());
        source.setUser("wingman");
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
