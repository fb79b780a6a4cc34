package dev.wingman.mission;

import dev.wingman.storage.sql.Database;
import dev.wingman.testing.Databases;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteStoreTest extends StoreContract {
    @TempDir private Path folder;

    @Override
    Database empty() {
        return Databases.sqlite(folder);
    }
}
