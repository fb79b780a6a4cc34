package dev.wingman.sync;

import dev.wingman.connection.ConnectionHandle;
import dev.wingman.protocol.ClientMessage.QuerySubscribe;
import dev.wingman.protocol.MapName;
import dev.wingman.protocol.ServerMessage;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.QueryResult;
import dev.wingman.protocol.ServerMessage.QueryUpdate;
import dev.wingman.query.Change;
import dev.wingman.query.CompiledQuery;
import dev.wingman.query.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Sends the rows of a live query to its client. A client that reads too slowly misses updates and
 * gets all rows again once it has caught up.
 *
 * <p>Confined to the query's home stripe, but for {@link #start} and {@link #close}.
 */
final class ClientQuery implements LiveQuery.Sink {
    private final String queryId;
    private final MapName map;
    private final CompiledQuery compiled;
    private final ConnectionHandle connection;
    private final SyncServer server;
    private final Consumer<ClientQuery> ended;
    private @Nullable Runnable answered;
    private @Nullable LiveQuery query;
    private boolean stale;

    /**
     * @param answered runs once, after the QUERY_RESP
     * @param ended is called when the query has failed and is no more; both on the home stripe
     */
    ClientQuery(
            QuerySubscribe request,
            CompiledQuery compiled,
            ConnectionHandle connection,
            SyncServer server,
            Runnable answered,
            Consumer<ClientQuery> ended) {
        this.queryId = request.queryId();
        this.map = request.map();
        this.compiled = compiled;
        this.connection = connection;
        this.server = server;
        this.answered = answered;
        this.ended = ended;
    }

    String queryId() {
        return queryId;
    }

    MapName map() {
        return map;
    }

    /** Begins; called once, by the session. */
    void start(Maps maps, LiveQuery.Subject subject) {
        LiveQuery started = maps.query(subject, this);
        query = started; // before the first row, which may be one too many for the connection
        started.start();
    }

    /**
     * Ends it; called by the session.
     *
     * @param closed runs on the home stripe, after the last thing that is sent
     */
    void close(Runnable closed) {
        LiveQuery started = query;
        if (started != null) {
            started.close(closed);
        }
    }

    @Override
    public void rows(List<Row> rows, boolean hasMore) {
        if (answered != null) {
            connection.reply(encoded(rows, hasMore));
            firstAnswer();
        } else if (!connection.isCongested() && connection.update(encoded(rows, hasMore))) {
            stale = false;
        } else {
            becomeStale(); // another query was faster to fill the queue
        }
    }

    private byte[] encoded(List<Row> rows, boolean hasMore) {
        var sent = new ArrayList<ServerMessage.Row>(rows.size());
        for (Row row : rows) {
            sent.add(new ServerMessage.Row(row.key(), compiled.project(row.value())));
        }
        return server.encode(new QueryResult(queryId, sent, hasMore, null));
    }

    @Override
    public void changed(List<Change> changes) {
        for (Change change : changes) {
            if (stale) {
                return;
            }
            var update =
                    new QueryUpdate(
                            queryId,
                            change.key(),
                            change.value() == null ? null : compiled.project(change.value()),
                            change.kind());
            if (!connection.update(server.encode(update))) {
                becomeStale();
            }
        }
    }

    private void becomeStale() {
        stale = true;
        LiveQuery started = query;
        if (started != null) {
            connection.onDrained(queryId, started::resend);
        }
    }

    @Override
    public void failed(RuntimeException cause) {
        Failure failure = server.failure(cause);
        connection.reply(server.encode(new QueryResult(queryId, List.of(), false, failure)));
        ended.accept(this);
        firstAnswer();
    }

    private void firstAnswer() {
        Runnable waiting = answered;
        if (waiting != null) {
            answered = null;
            waiting.run();
        }
    }
}
