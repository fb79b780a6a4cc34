package dev.wingman.sync;

import dev.wingman.connection.ConnectionHandle;
import dev.wingman.protocol.ErrorCode;
import dev.wingman.protocol.MessageCodec;
import dev.wingman.protocol.ServerMessage;
import dev.wingman.protocol.ServerMessage.Failure;
import dev.wingman.protocol.ServerMessage.QueryResult;
import dev.wingman.protocol.ServerMessage.QueryUpdate;
import dev.wingman.query.Change;
import dev.wingman.query.CompiledQuery;
import dev.wingman.query.Row;
import dev.wingman.storage.StoreException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends the rows of a live query to its client. A client that reads too slowly misses updates and
 * gets all rows again once it has caught up.
 *
 * <p>Confined to the query's home stripe, but for {@link #start} and {@link #close}.
 */
final class ClientQuery implements LiveQuery.Sink {
    private final String queryId;
    private final CompiledQuery compiled;
    private final ConnectionHandle connection;
    private final MessageCodec codec;
    private @Nullable Runnable answered;
    private @Nullable LiveQuery query;
    private boolean stale;

    ClientQuery(
            String queryId,
            CompiledQuery compiled,
            ConnectionHandle connection,
            MessageCodec codec,
            Runnable answered) {
        this.queryId = queryId;
        this.compiled = compiled;
        this.connection = connection;
        this.codec = codec;
        this.answered = answered;
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
        stale = false;
        var sent = new ArrayList<ServerMessage.Row>(rows.size());
        for (Row row : rows) {
            sent.add(new ServerMessage.Row(row.key(), compiled.project(row.value())));
        }
        connection.reply(codec.encode(new QueryResult(queryId, sent, hasMore, null)));
        firstAnswer();
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
            if (!connection.update(codec.encode(update))) {
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
    public void failed(StoreException cause) {
        var failure = new Failure(ErrorCode.UNAVAILABLE, String.valueOf(cause.getMessage()));
        connection.reply(codec.encode(new QueryResult(queryId, List.of(), false, failure)));
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
