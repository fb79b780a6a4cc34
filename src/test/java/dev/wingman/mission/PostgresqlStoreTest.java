package dev.wingman.mission;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.wingman.storage.sql.Database;
import dev.wingman.testing.Databases;
import dev.wingman.testing.Postgres;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class PostgresqlStoreTest extends StoreContract {
    private static Optional<Postgres> server = Optional.empty();

    @BeforeAll
    static void start() {
        server = Postgres.start();
        assumeTrue(server.isPresent(), Postgres::whyNot);
    }

    @AfterAll
    static void stop() {
        server.ifPresent(Postgres::close);
    }

    @Override
    Database empty() {
        return Databases.postgresql(server.orElseThrow());
    }
}
