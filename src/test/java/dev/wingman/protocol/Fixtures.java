package dev.wingman.protocol;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Messages packed by the real client's encoder, and what they say as JSON. */
public final class Fixtures {
    public static final List<String> NAMES =
            List.of(
                    "AUTH",
                    "AUTH_ACK",
                    "AUTH_FAIL",
                    "AUTH_REQUIRED",
                    "BATCH",
                    "CLIENT_OP",
                    "COUNTER_REQUEST",
                    "ERROR",
                    "GC_PRUNE",
                    "HTTP_SYNC_REQUEST",
                    "JOURNAL_EVENT",
                    "JOURNAL_SUBSCRIBE",
                    "LOCK_RELEASE",
                    "LOCK_RELEASED",
                    "LOCK_REQUEST",
                    "OP_BATCH",
                    "OP_REJECTED",
                    "ORMAP_SYNC_INIT",
                    "PARTITION_MAP",
                    "PARTITION_MAP_REQUEST",
                    "PING",
                    "PONG",
                    "QUERY_RESP",
                    "QUERY_SUB",
                    "QUERY_SUB_GROUPBY_AGG",
                    "QUERY_UNSUB",
                    "SERVER_BATCH_EVENT",
                    "SYNC_INIT",
                    "SYNC_RESET_REQUIRED",
                    "SYNC_RESP_ROOT",
                    "TOPIC_PUB",
                    "TOPIC_SUB",
                    "TOPIC_UNSUB");

    private Fixtures() {}

    public static Stream<String> names() {
        return NAMES.stream();
    }

    public static byte[] frame(String name) {
        return resource(name + ".msgpack");
    }

    static Datum json(String name) {
        return Json.datum(new String(resource(name + ".json"), StandardCharsets.UTF_8));
    }

    private static byte[] resource(String file) {
        try (InputStream in = Fixtures.class.getResourceAsStream("/wire/" + file)) {
            return Objects.requireNonNull(in, file).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
