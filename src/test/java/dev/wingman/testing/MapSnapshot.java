package dev.wingman.testing;

import dev.wingman.crdt.LeafDelta;
import dev.wingman.crdt.LeafSums;
import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.MerkleTrie;
import dev.wingman.crdt.Timestamp;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A map as a client gets it that has nothing of it yet: the root, then every bucket, then every
 * leaf.
 *
 * @param rootHash as the server says, from its sums
 * @param records by key, tombstones included; values as JSON
 */
public record MapSnapshot(int rootHash, Map<String, LwwRecord<Object>> records) {
    public static MapSnapshot fetch(WireClient client, String map) {
        client.send("{'type':'SYNC_INIT','mapName':'%s'}".formatted(map).replace('\'', '"'));
        long root = payload(client.next("SYNC_RESP_ROOT")).getLong("rootHash");
        List<String> paths = List.of("");
        for (int level = 0; level < MerkleTrie.DEPTH; level++) {
            paths = children(client, map, paths);
        }
        Map<String, LwwRecord<Object>> records = new HashMap<>();
        paths.forEach(path -> request(client, map, path));
        for (int i = 0; i < paths.size(); i++) {
            for (Object entry : payload(client.next("SYNC_RESP_LEAF")).getJsonArray("records")) {
                var fields = (JsonObject) entry;
                records.put(fields.getString("key"), record(fields.getJsonObject("record")));
            }
        }
        return new MapSnapshot((int) root, records);
    }

    private static List<String> children(WireClient client, String map, List<String> paths) {
        paths.forEach(path -> request(client, map, path));
        List<String> children = new ArrayList<>();
        for (String path : paths) {
            JsonObject buckets = payload(client.next("SYNC_RESP_BUCKETS")).getJsonObject("buckets");
            buckets.fieldNames().forEach(digit -> children.add(path + digit));
        }
        return children;
    }

    private static void request(WireClient client, String map, String path) {
        client.send(
                "{'type':'MERKLE_REQ_BUCKET','payload':{'mapName':'%s','path':'%s'}}"
                        .formatted(map, path)
                        .replace('\'', '"'));
    }

    private static LwwRecord<Object> record(JsonObject fields) {
        JsonObject at = fields.getJsonObject("timestamp");
        return new LwwRecord<>(
                fields.getValue("value"),
                new Timestamp(at.getLong("millis"), at.getLong("counter"), at.getString("nodeId")),
                fields.getLong("ttlMs", 0L));
    }

    private static JsonObject payload(JsonObject message) {
        return message.getJsonObject("payload");
    }

    /** The record of a key that must have one. */
    public LwwRecord<Object> record(String key) {
        LwwRecord<Object> record = records.get(key);
        if (record == null) {
            throw new AssertionError("no record of " + key + " among " + records.keySet());
        }
        return record;
    }

    /** The root that follows from the records alone. */
    public int rebuiltRootHash() {
        var sums = new LeafSums();
        records.forEach((key, record) -> sums.add(LeafDelta.of(key, null, record)));
        return MerkleTrie.root(sums);
    }
}
