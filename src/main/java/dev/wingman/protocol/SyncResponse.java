package dev.wingman.protocol;

import dev.wingman.crdt.Timestamp;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answer to {@code POST /sync}.
 *
 * @param ack null when no operation was sent
 */
public record SyncResponse(
        Timestamp serverHlc,
        ServerMessage.@Nullable OpAck ack,
        List<Delta> deltas,
        List<QueryRows> queryResults,
        List<SyncError> errors) {
    /**
     * @param until what the client sends as {@code lastSyncTimestamp} next time
     */
    public record Delta(MapName map, List<ServerMessage.Entry> entries, Timestamp until) {}

    public record QueryRows(String queryId, List<Value> rows, boolean hasMore) {}

    public record SyncError(ErrorCode code, String message, @Nullable String context) {}
}
