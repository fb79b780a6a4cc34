package dev.wingman.sync;

import dev.wingman.protocol.ClientMessage;

/** The messages of clients by type; those inside a BATCH count as well. Thread-safe. */
public final class MessageCounters {
    /** As {@link ClientMessage} tells them apart. */
    public enum Type {
        AUTH,
        DEVICE_HELLO,
        PING,
        /** CLIENT_OP is one of a single operation. */
        OP_BATCH,
        SYNC_INIT,
        MERKLE_REQ_BUCKET,
        QUERY_SUB,
        QUERY_UNSUB,
        TOPIC_SUB,
        TOPIC_UNSUB,
        TOPIC_PUB,
        BATCH,
        /** Breaks a rule of its type. */
        REFUSED,
        /** Asks for a feature that is not there. */
        NOT_AVAILABLE,
        /** Asks for nothing. */
        NO_EFFECT;

        static Type of(ClientMessage message) {
            return switch (message) {
                case ClientMessage.Auth _ -> AUTH;
                case ClientMessage.DeviceHello _ -> DEVICE_HELLO;
                case ClientMessage.Ping _ -> PING;
                case ClientMessage.OpBatch _ -> OP_BATCH;
                case ClientMessage.SyncInit _ -> SYNC_INIT;
                case ClientMessage.MerkleRequest _ -> MERKLE_REQ_BUCKET;
                case ClientMessage.QuerySubscribe _ -> QUERY_SUB;
                case ClientMessage.QueryUnsubscribe _ -> QUERY_UNSUB;
                case ClientMessage.TopicSubscribe _ -> TOPIC_SUB;
                case ClientMessage.TopicUnsubscribe _ -> TOPIC_UNSUB;
                case ClientMessage.TopicPublish _ -> TOPIC_PUB;
                case ClientMessage.Batch _ -> BATCH;
                case ClientMessage.Refused _ -> REFUSED;
                case ClientMessage.NotAvailable _ -> NOT_AVAILABLE;
                case ClientMessage.NoEffect _ -> NO_EFFECT;
            };
        }
    }

    private final Counts<Type> received = new Counts<>(Type.class);

    public long received(Type type) {
        return received.of(type);
    }

    void count(ClientMessage message) {
        received.add(Type.of(message), 1);
        if (message instanceof ClientMessage.Batch(_, var items)) {
            items.forEach(this::count);
        }
    }
}
