package dev.wingman.sync;

import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.Query;
import dev.wingman.protocol.ServerMessage.AckLevel;
import dev.wingman.protocol.ServerMessage.Entry;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.OpAck;
import dev.wingman.protocol.SyncRequest;
import dev.wingman.protocol.SyncRequest.HttpQuery;
import dev.wingman.protocol.SyncRequest.MapSince;
import dev.wingman.protocol.SyncResponse;
import dev.wingman.protocol.SyncResponse.Delta;
import dev.wingman.protocol.SyncResponse.QueryRows;
import dev.wingman.protocol.SyncResponse.SyncError;
import dev.wingman.protocol.Value;
import dev.wingman.query.Change;
import dev.wingman.query.Compiled;
import dev.wingman.query.CompiledQuery;
import dev.wingman.query.Row;
import dev.wingman.security.Principal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /sync}: one round of writing and reading without a socket. Operations come first, so
 * that queries and deltas of the same request see them.
 *
 * <p>Thread-safe.
 */
public final class HttpSync {
    private final SyncServer server;
    private final MapAccess access;

    /**
     * @param who sends the request; null on an open server, which knows nobody
     */
    public HttpSync(SyncServer server, @Nullable Principal who) {
        this.server = server;
        this.access = server.mapAccess(() -> who);
    }

    /** The parts of an answer, filled one after the other. */
    private static final class Answer {
        @Nullable OpAck ack;
        final List<Delta> deltas = new ArrayList<>();
        final List<QueryRows> rows = new ArrayList<>();
        final List<SyncError> errors = new ArrayList<>();

        /** Of all deltas and queries together: one request must not fill the memory. */
        int recordsLeft;

        /** As {@link #recordsLeft}; below zero when a single record was larger than the rest. */
        long bytesLeft;

        Answer(SyncServer.Limits limits) {
            recordsLeft = limits.maxRecords();
            bytesLeft = limits.answerBytes();
        }

        boolean isFull() {
            return recordsLeft <= 0 || bytesLeft <= 0;
        }

        SyncResponse at(Timestamp now) {
            return new SyncResponse(now, ack, deltas, rows, errors);
        }
    }

    /** Never fails: what cannot be done is among the answer's errors. */
    public CompletionStage<SyncResponse> answer(SyncRequest request) {
        Stamp clientClock = request.clientHlc();
        if (clientClock != null) {
            server.clock().updateFromClient(clientClock);
        }
        var answer = new Answer(server.limits());
        CompletionStage<Void> steps = write(request, answer);
        for (HttpQuery query : request.queries()) {
            steps = steps.thenCompose(_ -> query(query, answer));
        }
        for (MapSince map : request.maps()) {
            steps = steps.thenCompose(_ -> delta(map, answer));
        }
        for (String searchId : request.searchIds()) {
            answer.errors.add(
                    new SyncError(
                            ErrorCode.NOT_AVAILABLE,
                            "search is not available on this server",
                            searchId));
        }
        return steps.thenApply(_ -> answer.at(server.clock().now()));
    }

    private CompletionStage<Void> write(SyncRequest request, Answer answer) {
        if (request.operations().isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        Failure denied = access.refusal(request.operations());
        if (denied != null) {
            server.operations().denied(request.operations().size());
            answer.errors.add(new SyncError(denied.code(), denied.message(), "operations"));
            return CompletableFuture.completedFuture(null);
        }
        var done = new CompletableFuture<Void>();
        var acknowledgements =
                new OpAcknowledgements(
                        server.operations(),
                        reply -> {
                            if (reply instanceof OpAck ack) {
                                answer.ack = ack;
                            } else if (reply instanceof Failure(var code, var message)) {
                                answer.errors.add(new SyncError(code, message, "operations"));
                            }
                            done.complete(null);
                        },
                        () -> {}); // one request has one answer
        OpAcknowledgements.Pending pending =
                acknowledgements.add(server.maps().admit(request.operations()));
        server.maps()
                .write(
                        pending.valid(),
                        null,
                        new Maps.Written() {
                            @Override
                            public void written(AckLevel level) {
                                acknowledgements.written(pending, level);
                            }

                            @Override
                            public void failed(ErrorCode code, String reason) {
                                acknowledgements.failed(pending, code, reason);
                            }
                        });
        return done;
    }

    private CompletionStage<Void> query(HttpQuery asked, Answer answer) {
        if (asked.refused() != null) {
            answer.errors.add(
                    new SyncError(ErrorCode.BAD_REQUEST, asked.refused(), asked.queryId()));
            return CompletableFuture.completedFuture(null);
        }
        if (!mayRead(asked.map(), asked.queryId(), answer)) {
            return CompletableFuture.completedFuture(null);
        }
        Query query = asked.query();
        Long limit = query.limit();
        // The window holds the rows that are skipped, too.
        Query wide =
                limit == null || asked.offset() == 0
                        ? query
                        : query.withLimit(
                                Math.min(limit, Long.MAX_VALUE - asked.offset()) + asked.offset());
        if (answer.isFull()) {
            answer.errors.add(
                    new SyncError(
                            ErrorCode.TOO_LARGE,
                            "the answer is full: ask for less at a time",
                            asked.queryId()));
            return CompletableFuture.completedFuture(null);
        }
        return switch (CompiledQuery.compile(wide, answer.recordsLeft, answer.bytesLeft)) {
            case Compiled.Unsupported(var code, var reason) -> {
                answer.errors.add(new SyncError(code, reason, asked.queryId()));
                yield CompletableFuture.completedFuture(null);
            }
            case Compiled.Ok(var compiled) -> run(asked, compiled, answer);
        };
    }

    private CompletionStage<Void> run(HttpQuery asked, CompiledQuery compiled, Answer answer) {
        var done = new CompletableFuture<Void>();
        LiveQuery query =
                server.maps()
                        .query(
                                new LiveQuery.Subject(asked.map(), compiled),
                                new Once(asked, compiled, answer, done));
        query.start();
        return done.whenComplete((_, _) -> query.close(() -> {}))
                .exceptionally(error -> {
                    Failure failure = server.failure(error);
                    answer.errors.add(
                            new SyncError(failure.code(), failure.message(), asked.queryId()));
                    return null;
                });
    }

    /** Takes the first answer of a query. */
    private record Once(
            HttpQuery asked, CompiledQuery compiled, Answer answer, CompletableFuture<Void> done)
            implements LiveQuery.Sink {
        @Override
        public void rows(List<Row> rows, boolean hasMore) {
            if (hasMore && asked.offset() >= rows.size()) {
                answer.errors.add(
                        new SyncError(
                                ErrorCode.TOO_LARGE,
                                "the offset is beyond what one answer can hold: narrow the filter",
                                asked.queryId()));
                done.complete(null);
                return;
            }
            List<Value> values = new ArrayList<>();
            for (int i = (int) Math.min(asked.offset(), rows.size()); i < rows.size(); i++) {
                Row row = rows.get(i);
                values.add(compiled.project(row.value()));
                answer.bytesLeft -= row.sizeBytes();
            }
            answer.recordsLeft -= rows.size();
            answer.rows.add(new QueryRows(asked.queryId(), values, hasMore));
            done.complete(null);
        }

        @Override
        public void changed(List<Change> changes) {
            // The answer is on its way; what comes later belongs to the next request.
        }

        @Override
        public void failed(RuntimeException cause) {
            done.completeExceptionally(cause);
        }
    }

    /** A map for which there is no room keeps its timestamp, and the next request goes on there. */
    private CompletionStage<Void> delta(MapSince asked, Answer answer) {
        if (!mayRead(asked.map(), asked.map().value(), answer) || answer.isFull()) {
            return CompletableFuture.completedFuture(null);
        }
        return server.maps()
                .delta(
                        new MapDelta(
                                asked.map(), asked.since(), answer.recordsLeft, answer.bytesLeft))
                .handle((delta, error) -> {
                    if (error != null) {
                        Failure failure = server.failure(error);
                        answer.errors.add(
                                new SyncError(
                                        failure.code(), failure.message(), asked.map().value()));
                        return null;
                    }
                    List<Entry> entries = delta.entries();
                    if (!entries.isEmpty()) {
                        answer.recordsLeft -= entries.size();
                        answer.bytesLeft -= delta.bytes();
                        answer.deltas.add(new Delta(asked.map(), entries, at(delta.until())));
                    }
                    return null;
                });
    }

    /** Whether it may; else the answer says that it may not. */
    private boolean mayRead(MapName map, String context, Answer answer) {
        if (access.mayRead(map)) {
            return true;
        }
        Failure failure = MapAccess.unreadable(map);
        answer.errors.add(new SyncError(failure.code(), failure.message(), context));
        return false;
    }

    private Timestamp at(Stamp stamp) {
        return new Timestamp(stamp.millis(), stamp.counter(), server.clock().nodeId());
    }
}
