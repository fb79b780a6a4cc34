package dev.wingman.protocol;

import dev.wingman.protocol.ServerMessage.NotAvailable;
import dev.wingman.protocol.ServerMessage.QueryResult;
import java.io.IOException;

/** Writes server messages (wire protocol 3.3): flat, or with their fields in a payload. */
final class ServerMessageWriter {
    private static final int PROTOCOL_VERSION = 1;

    private final WireWriter out;

    ServerMessageWriter(WireWriter out) {
        this.out = out;
    }

    void write(ServerMessage message) throws IOException {
        switch (message) { // no default: a new message must fail to compile here
            case ServerMessage.AuthRequired _ -> out.flat("AUTH_REQUIRED", 0);
            case ServerMessage.AuthAck ack -> authAck(ack);
            case ServerMessage.AuthFail(String error) -> {
                out.flat("AUTH_FAIL", 1);
                out.text("error", error);
            }
            case ServerMessage.DeviceAck ack -> deviceAck(ack);
            case ServerMessage.Pong pong -> pong(pong);
            case ServerMessage.OpAck ack -> opAck(ack);
            case ServerMessage.Failure failure -> failure(failure);
            case ServerMessage.SyncRoot root -> syncRoot(root);
            case ServerMessage.SyncBuckets buckets -> syncBuckets(buckets);
            case ServerMessage.SyncLeaf leaf -> syncLeaf(leaf);
            case ServerMessage.MapEvent event -> {
                out.payload("SERVER_EVENT");
                event(event);
            }
            case QueryResult result -> queryResult(result);
            case ServerMessage.QueryUpdate update -> queryUpdate(update);
            case ServerMessage.TopicMessage topic -> topicMessage(topic);
            case ServerMessage.PartitionMap map -> partitionMap(map);
            case NotAvailable answer -> new NotAvailableWriter(out).write(answer);
        }
    }

    private void authAck(ServerMessage.AuthAck ack) throws IOException {
        out.flat("AUTH_ACK", 1 + WireWriter.count(ack.userId(), ack.deviceId(), ack.deviceToken()));
        out.number("protocolVersion", PROTOCOL_VERSION);
        out.optional("userId", ack.userId());
        out.optional("deviceId", ack.deviceId());
        out.optional("deviceToken", ack.deviceToken());
    }

    private void deviceAck(ServerMessage.DeviceAck ack) throws IOException {
        out.flat("DEVICE_ACK", 1 + WireWriter.count(ack.deviceToken()));
        out.text("deviceId", ack.deviceId());
        out.optional("deviceToken", ack.deviceToken());
    }

    private void pong(ServerMessage.Pong pong) throws IOException {
        out.flat("PONG", 2);
        out.value("timestamp", pong.timestamp());
        out.number("serverTime", pong.serverTimeMillis());
    }

    private void opAck(ServerMessage.OpAck ack) throws IOException {
        out.payload("OP_ACK", ack.results().isEmpty() ? 2 : 3);
        out.text("lastId", ack.lastId());
        out.text("achievedLevel", ack.level().name());
        out.results(ack.results());
    }

    private void failure(ServerMessage.Failure failure) throws IOException {
        out.payload("ERROR", 2);
        out.number("code", failure.code().number());
        out.text("message", failure.message());
    }

    private void syncRoot(ServerMessage.SyncRoot root) throws IOException {
        out.payload("SYNC_RESP_ROOT", 3);
        out.text("mapName", root.map().value());
        out.number("rootHash", Integer.toUnsignedLong(root.rootHash()));
        out.timestamp("timestamp", root.timestamp());
    }

    private void syncBuckets(ServerMessage.SyncBuckets buckets) throws IOException {
        out.payload("SYNC_RESP_BUCKETS", 3);
        out.text("mapName", buckets.map().value());
        out.text("path", buckets.path().value());
        int[] children = buckets.children();
        int present = 0;
        for (int child : children) {
            present += child == 0 ? 0 : 1;
        }
        out.map("buckets", present);
        for (int digit = 0; digit < children.length; digit++) {
            if (children[digit] != 0) {
                out.number(Integer.toHexString(digit), Integer.toUnsignedLong(children[digit]));
            }
        }
    }

    private void syncLeaf(ServerMessage.SyncLeaf leaf) throws IOException {
        out.payload("SYNC_RESP_LEAF", leaf.more() ? 4 : 3);
        out.text("mapName", leaf.map().value());
        out.text("path", leaf.path().value());
        out.array("records", leaf.entries().size());
        for (ServerMessage.Entry entry : leaf.entries()) {
            out.map(2);
            out.text("key", entry.key().value());
            out.record(entry.record());
        }
        if (leaf.more()) {
            out.flag("more", true);
        }
    }

    /** A removal has its record too: without it the client would ignore it. */
    private void event(ServerMessage.MapEvent event) throws IOException {
        out.map(4);
        out.text("mapName", event.map().value());
        out.text("eventType", event.record().isTombstone() ? "REMOVE" : "PUT");
        out.text("key", event.key().value());
        out.record(event.record());
    }

    private void queryResult(QueryResult result) throws IOException {
        ServerMessage.Failure error = result.error();
        out.payload("QUERY_RESP", error == null ? 4 : 6);
        out.text("queryId", result.queryId());
        out.array("results", result.rows().size());
        for (ServerMessage.Row row : result.rows()) {
            out.map(2);
            out.text("key", row.key().value());
            out.value("value", row.value());
        }
        out.flag("hasMore", result.hasMore());
        out.text("cursorStatus", "none");
        if (error != null) {
            out.text("error", error.message());
            out.text("code", error.code().text());
        }
    }

    private void queryUpdate(ServerMessage.QueryUpdate update) throws IOException {
        out.payload("QUERY_UPDATE", 4);
        out.text("queryId", update.queryId());
        out.text("key", update.key().value());
        out.value("value", update.value());
        out.text("changeType", update.change().name());
    }

    private void topicMessage(ServerMessage.TopicMessage message) throws IOException {
        out.payload("TOPIC_MESSAGE", 3 + WireWriter.count(message.publisherId()));
        out.text("topic", message.topic().value());
        out.value("data", message.data());
        out.optional("publisherId", message.publisherId());
        out.number("timestamp", message.timestampMillis());
    }

    private void partitionMap(ServerMessage.PartitionMap map) throws IOException {
        out.payload("PARTITION_MAP", 5);
        out.number("version", map.version());
        out.number("partitionCount", map.partitionCount());
        out.array("nodes", map.nodes().size());
        for (ServerMessage.NodeInfo node : map.nodes()) {
            out.map(3);
            out.text("nodeId", node.nodeId().value());
            out.map("endpoints", 1 + WireWriter.count(node.http()));
            out.text("websocket", node.websocket());
            out.optional("http", node.http());
            out.text("status", node.status().name());
        }
        out.array("partitions", map.partitions().size());
        for (ServerMessage.PartitionInfo partition : map.partitions()) {
            out.map(3);
            out.number("partitionId", partition.partitionId());
            out.text("ownerNodeId", partition.owner().value());
            out.array("backupNodeIds", partition.backups().size());
            for (NodeId backup : partition.backups()) {
                out.text(backup.value());
            }
        }
        out.number("generatedAt", map.generatedAtMillis());
    }
}
