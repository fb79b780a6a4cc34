package dev.wingman.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.wingman.security.RefusedException;
import dev.wingman.security.account.Caller;
import dev.wingman.storage.sql.Transaction;
import jakarta.inject.Singleton;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * Does what a POST asks for, once for each {@code Idempotency-Key}: a retry gets the stored answer.
 * The key and the effect are one transaction. Refusals are not stored: they changed nothing, and
 * the next try may be lucky.
 */
@Singleton
class IdempotentPosts {
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7E]{1,255}");
    private static final Duration KEPT = Duration.ofHours(24);

    private final RestServer server;
    private final ObjectMapper mapper;

    IdempotentPosts(RestServer server, ObjectMapper mapper) {
        this.server = server;
        this.mapper = mapper;
    }

    /**
     * What to answer.
     *
     * @param version becomes the ETag; null for none
     * @param location null for none
     */
    record Answer<T>(int status, T body, @Nullable Long version, @Nullable String location) {
        static <T> Answer<T> ok(T body, long version) {
            return new Answer<>(200, body, version, null);
        }

        RestResponse<T> toResponse() {
            var response = RestResponse.ResponseBuilder.<T>create(status).entity(body);
            response.type("application/json");
            if (version != null) {
                response.header("ETag", Versions.tag(version));
            }
            if (location != null) {
                response.header("Location", location);
            }
            return response.build();
        }
    }

    private record Stored(
            String request,
            int status,
            String body,
            @Nullable Long version,
            @Nullable String location) {}

    /**
     * @param key as the caller sent it; null for none
     * @param work within the transaction
     */
    <T> RestResponse<T> answer(
            Visit visit,
            @Nullable String key,
            Class<T> type,
            Function<Transaction, Answer<T>> work) {
        if (key == null) {
            return server.parts().database().write(work).toResponse();
        }
        if (!KEY.matcher(key).matches()) {
            throw new RefusedException(
                    RefusedException.Kind.MALFORMED,
                    "invalid_idempotency_key",
                    "an Idempotency-Key has 1 to 255 printable characters");
        }
        Caller caller = visit.caller();
        String request = fingerprint(visit);
        return server.parts()
                .database()
                .write(tx -> once(tx, caller, key, request, type, work))
                .toResponse();
    }

    private <T> Answer<T> once(
            Transaction tx,
            Caller caller,
            String key,
            String request,
            Class<T> type,
            Function<Transaction, Answer<T>> work) {
        Instant now = server.parts().clock().instant();
        tx.update("DELETE FROM idempotent_answers WHERE created_at < ?", now.minus(KEPT));
        // A second request with the key waits here until the first has committed.
        int fresh =
                tx.update(
                        """
                        INSERT INTO idempotent_answers (user_id, key, request, created_at)
                        VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
                        """,
                        caller.id(),
                        key,
                        request,
                        now);
        if (fresh == 0) {
            return stored(tx, caller, key, request, type);
        }
        Answer<T> answer = work.apply(tx);
        tx.update(
                """
                UPDATE idempotent_answers SET status = ?, body = ?, version = ?, location = ?
                WHERE user_id = ? AND key = ?
                """,
                answer.status(),
                write(answer.body()),
                answer.version(),
                answer.location(),
                caller.id(),
                key);
        return answer;
    }

    private <T> Answer<T> stored(
            Transaction tx, Caller caller, String key, String request, Class<T> type) {
        Stored stored =
                tx.first(
                                row ->
                                        new Stored(
                                                row.text("request"),
                                                (int) row.number("status"),
                                                row.text("body"),
                                                row.numberOrNull("version"),
                                                row.textOrNull("location")),
                                "SELECT * FROM idempotent_answers WHERE user_id = ? AND key = ?",
                                caller.id(),
                                key)
                        .orElseThrow();
        if (!stored.request().equals(request)) {
            throw new RefusedException(
                    RefusedException.Kind.CONFLICT,
                    "idempotency_key_reused",
                    "the key was used for another request: take a new one");
        }
        return new Answer<>(
                stored.status(), read(stored.body(), type), stored.version(), stored.location());
    }

    private static String fingerprint(Visit visit) {
        try {
            MessageDigest hash = MessageDigest.getInstance("SHA-256");
            hash.update(visit.body().getBytes());
            return visit.method()
                    + " "
                    + visit.path()
                    + " "
                    + HexFormat.of().formatHex(hash.digest());
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java platform has SHA-256", missing);
        }
    }

    private String write(Object body) {
        try {
            return mapper.writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("an answer of ours cannot be written", e);
        }
    }

    private <T> T read(String body, Class<T> type) {
        try {
            return mapper.readValue(body, type);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored answer is damaged", e);
        }
    }
}
