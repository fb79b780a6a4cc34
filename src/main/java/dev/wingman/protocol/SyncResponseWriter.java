package dev.wingman.protocol;

import java.io.IOException;
import java.util.List;

/** Writes the answer to POST /sync (wire protocol 5.10). Empty parts are left out. */
final class SyncResponseWriter {
    private final WireWriter out;

    SyncResponseWriter(WireWriter out) {
        this.out = out;
    }

    void write(SyncResponse response) throws IOException {
        ServerMessage.OpAck ack = response.ack();
        List<SyncResponse.Delta> deltas = response.deltas();
        List<SyncResponse.QueryRows> queryResults = response.queryResults();
        List<SyncResponse.SyncError> errors = response.errors();

        out.map(1 + one(ack != null) + one(deltas) + one(queryResults) + one(errors));
        out.timestamp("serverHlc", response.serverHlc());
        if (ack != null) {
            ack(ack);
        }
        if (!deltas.isEmpty()) {
            out.array("deltas", deltas.size());
            for (SyncResponse.Delta delta : deltas) {
                delta(delta);
            }
        }
        if (!queryResults.isEmpty()) {
            out.array("queryResults", queryResults.size());
            for (SyncResponse.QueryRows rows : queryResults) {
                rows(rows);
            }
        }
        if (!errors.isEmpty()) {
            out.array("errors", errors.size());
            for (SyncResponse.SyncError error : errors) {
                error(error);
            }
        }
    }

    private static int one(boolean present) {
        return present ? 1 : 0;
    }

    private static int one(List<?> part) {
        return one(!part.isEmpty());
    }

    private void ack(ServerMessage.OpAck ack) throws IOException {
        out.map("ack", 1 + one(ack.results()));
        out.text("lastId", ack.lastId());
        out.results(ack.results());
    }

    private void delta(SyncResponse.Delta delta) throws IOException {
        out.map(3);
        out.text("mapName", delta.map().value());
        out.array("records", delta.entries().size());
        for (ServerMessage.Entry entry : delta.entries()) {
            out.map(3);
            out.text("key", entry.key().value());
            out.record(entry.record());
            out.text("eventType", entry.record().isTombstone() ? "REMOVE" : "PUT");
        }
        out.timestamp("serverSyncTimestamp", delta.until());
    }

    private void rows(SyncResponse.QueryRows rows) throws IOException {
        out.map(3);
        out.text("queryId", rows.queryId());
        out.array("results", rows.rows().size());
        for (Value row : rows.rows()) {
            out.value(row);
        }
        out.flag("hasMore", rows.hasMore());
    }

    private void error(SyncResponse.SyncError error) throws IOException {
        out.map(2 + WireWriter.count(error.context()));
        out.number("code", error.code().number());
        out.text("message", error.message());
        out.optional("context", error.context());
    }
}
