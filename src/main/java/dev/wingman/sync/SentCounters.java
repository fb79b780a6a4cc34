package dev.wingman.sync;

import dev.wingman.protocol.ServerMessage;

/** The messages for clients by type, once for each who is to get it. Thread-safe. */
public final class SentCounters {
    /** As on the wire. */
    public enum Type {
        AUTH_REQUIRED,
        AUTH_ACK,
        AUTH_FAIL,
        DEVICE_ACK,
        PONG,
        OP_ACK,
        ERROR,
        SYNC_RESP_ROOT,
        SYNC_RESP_BUCKETS,
        SYNC_RESP_LEAF,
        SERVER_EVENT,
        QUERY_RESP,
        QUERY_UPDATE,
        TOPIC_MESSAGE,
        PARTITION_MAP,
        /** The typed answer to who asks for a feature that is not there. */
        NOT_AVAILABLE;

        static Type of(ServerMessage message) {
            return switch (message) {
                case ServerMessage.AuthRequired _ -> AUTH_REQUIRED;
                case ServerMessage.AuthAck _ -> AUTH_ACK;
                case ServerMessage.AuthFail _ -> AUTH_FAIL;
                case ServerMessage.DeviceAck _ -> DEVICE_ACK;
                case ServerMessage.Pong _ -> PONG;
                case ServerMessage.OpAck _ -> OP_ACK;
                case ServerMessage.Failure _ -> ERROR;
                case ServerMessage.SyncRoot _ -> SYNC_RESP_ROOT;
                case ServerMessage.SyncBuckets _ -> SYNC_RESP_BUCKETS;
                case ServerMessage.SyncLeaf _ -> SYNC_RESP_LEAF;
                case ServerMessage.MapEvent _ -> SERVER_EVENT;
                case ServerMessage.QueryResult _ -> QUERY_RESP;
                case ServerMessage.QueryUpdate _ -> QUERY_UPDATE;
                case ServerMessage.TopicMessage _ -> TOPIC_MESSAGE;
                case ServerMessage.PartitionMap _ -> PARTITION_MAP;
                case ServerMessage.NotAvailable _ -> NOT_AVAILABLE;
            };
        }
    }

    private final Counts<Type> sent = new Counts<>(Type.class);

    public long sent(Type type) {
        return sent.of(type);
    }

    void count(ServerMessage message, int receivers) {
        sent.add(Type.of(message), receivers);
    }
}
