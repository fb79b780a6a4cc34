package dev.wingman.protocol;

import dev.wingman.crdt.Stamp;
import dev.wingman.crdt.Timestamp;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.msgpack.value.ValueType;

/** Reads the body of POST /sync (wire protocol 5.10). Stateless. */
final class SyncRequestReader {
    private final WireLimits limits;

    SyncRequestReader(WireLimits limits) {
        this.limits = limits;
    }

    SyncRequest read(WireReader in) throws IOException {
        if (!in.nextIs(ValueType.MAP)) {
            throw broken("the body is a map");
        }
        int maxItems = limits.maxBatchItems();
        return new SyncRequest(
                clientHlc(in),
                operations(in),
                in.maps("syncMaps", maxItems, this::mapSince),
                in.maps("queries", maxItems, this::httpQuery),
                in.maps("searches", maxItems, search -> search.requiredText("searchId")));
    }

    private static @Nullable Stamp clientHlc(WireReader in) throws IOException {
        if (!in.seek("clientHlc") || in.nextIs(ValueType.NIL)) {
            return null;
        }
        Timestamp timestamp = in.timestamp();
        if (timestamp == null) {
            throw broken("clientHlc is {millis, counter, nodeId}");
        }
        return timestamp.stamp();
    }

    private List<Op> operations(WireReader in) throws IOException {
        if (!in.seek("operations") || in.nextIs(ValueType.NIL)) {
            return List.of();
        }
        if (!in.nextIs(ValueType.ARRAY)) {
            throw broken("operations is an array");
        }
        return new OpReader(in, limits).readAll();
    }

    private SyncRequest.MapSince mapSince(Fields syncMap) {
        return new SyncRequest.MapSince(
                limits.mapName(syncMap.requiredText("mapName")), since(syncMap));
    }

    /** A timestamp, or milliseconds alone. */
    private static Stamp since(Fields syncMap) {
        String field = "lastSyncTimestamp";
        if (syncMap.value(field) instanceof Datum.Dictionary) {
            Fields timestamp = syncMap.fields(field);
            return new Stamp(
                    zeroIfNull(timestamp.whole("millis")), zeroIfNull(timestamp.whole("counter")));
        }
        return new Stamp(zeroIfNull(syncMap.whole(field)), 0);
    }

    /** A query without an id or a map cannot be reported on, so it spoils the request. */
    private SyncRequest.HttpQuery httpQuery(Fields fields) {
        String queryId = fields.requiredText("queryId");
        var map = limits.mapName(fields.requiredText("mapName"));
        try {
            return new SyncRequest.HttpQuery(
                    queryId,
                    map,
                    QueryReader.ofHttp(fields),
                    zeroIfNull(fields.whole("offset")),
                    null);
        } catch (ProtocolException e) {
            return new SyncRequest.HttpQuery(queryId, map, Query.EVERYTHING, 0, e.getMessage());
        }
    }

    private static long zeroIfNull(@Nullable Long number) {
        return number == null ? 0 : number;
    }

    private static ProtocolException broken(String rule) {
        return new ProtocolException(ErrorCode.BAD_REQUEST, rule);
    }
}
