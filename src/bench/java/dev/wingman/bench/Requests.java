package dev.wingman.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;

/** Messages of a client (wire protocol 3.2). Confined to one thread. */
final class Requests {
    private static final String NODE_ID = "bench";

    private final MessageBufferPacker packer = MessagePack.newDefaultBufferPacker();

    private interface Body {
        void pack() throws IOException;
    }

    private byte[] message(String type, int fields, Body body) {
        return packed(
                1 + fields,
                () -> {
                    text("type", type);
                    body.pack();
                });
    }

    private byte[] packed(int fields, Body body) {
        try {
            packer.clear();
            packer.packMapHeader(fields);
            body.pack();
            return packer.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void text(String field, String value) throws IOException {
        packer.packString(field).packString(value);
    }

    byte[] auth(String token) {
        return message("AUTH", 1, () -> text("token", token));
    }

    byte[] ping(long timestamp) {
        return message(
                "PING", 1, () -> packer.packString("timestamp").packDouble((double) timestamp));
    }

    byte[] syncInit(String map) {
        return message("SYNC_INIT", 1, () -> text("mapName", map));
    }

    byte[] topicSubscribe(String topic) {
        return message(
                "TOPIC_SUB",
                1,
                () -> {
                    packer.packString("payload").packMapHeader(1);
                    text("topic", topic);
                });
    }

    byte[] topicPublish(String topic, String data) {
        return message(
                "TOPIC_PUB",
                1,
                () -> {
                    packer.packString("payload").packMapHeader(2);
                    text("topic", topic);
                    text("data", data);
                });
    }

    /**
     * As the client does it: every op has its number, its timestamp and the client's own fields.
     */
    byte[] put(String map, long firstId, String[] keys, String value) {
        return message(
                "OP_BATCH",
                1,
                () -> {
                    packer.packString("payload").packMapHeader(1);
                    packer.packString("ops").packArrayHeader(keys.length);
                    for (int i = 0; i < keys.length; i++) {
                        op(map, firstId + i, keys[i], value);
                    }
                });
    }

    /** The body of a {@code POST /sync} that writes one key. */
    byte[] sync(String map, long id, String key, String value) {
        return packed(
                3,
                () -> {
                    text("clientId", NODE_ID);
                    timestamp("clientHlc", id);
                    packer.packString("operations").packArrayHeader(1);
                    op(map, id, key, value);
                });
    }

    private void op(String map, long id, String key, String value) throws IOException {
        packer.packMapHeader(7);
        text("id", Long.toString(id));
        text("mapName", map);
        text("opType", "PUT");
        text("key", key);
        packer.packString("record").packMapHeader(2);
        text("value", value);
        timestamp("timestamp", id);
        timestamp("timestamp", id);
        packer.packString("synced").packInt(0);
    }

    private void timestamp(String field, long counter) throws IOException {
        packer.packString(field).packMapHeader(3);
        packer.packString("millis").packDouble((double) System.currentTimeMillis());
        packer.packString("counter").packLong(counter);
        text("nodeId", NODE_ID);
    }
}
