package dev.wingman.protocol;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything a client may say. The codec builds these; nothing past it sees MessagePack. */
public sealed interface ClientMessage {
    /** A bearer token, and the device credential that rides along. */
    record Auth(String token, @Nullable String deviceToken) implements ClientMessage {
        /** Without its secrets. */
        @Override
        public String toString() {
            return "Auth[" + token.length() + " chars]";
        }
    }

    record DeviceHello(@Nullable String deviceToken) implements ClientMessage {
        @Override
        public String toString() {
            return "DeviceHello[]";
        }
    }

    /** {@code timestamp} is the client's own and comes back as it was. */
    record Ping(Value timestamp) implements ClientMessage {}

    /** OP_BATCH, and CLIENT_OP as a batch of one. May be empty. */
    record OpBatch(List<Op> ops) implements ClientMessage {}

    record SyncInit(MapName map) implements ClientMessage {}

    record MerkleRequest(MapName map, MerklePath path) implements ClientMessage {}

    record QuerySubscribe(String queryId, MapName map, Query query) implements ClientMessage {}

    record QueryUnsubscribe(String queryId) implements ClientMessage {}

    record TopicSubscribe(TopicName topic) implements ClientMessage {}

    record TopicUnsubscribe(TopicName topic) implements ClientMessage {}

    record TopicPublish(TopicName topic, Value data) implements ClientMessage {}

    /**
     * Several messages in one frame.
     *
     * @param framedItems number of items found in {@code data}, the empty and the undecodable ones
     *     included: what the rate limit charges
     * @param items those that decode to something
     */
    record Batch(int framedItems, List<ClientMessage> items) implements ClientMessage {}

    /** A known message whose contents break a rule; it is answered with {@code reply}. */
    record Refused(ServerMessage reply) implements ClientMessage {}

    /** A request of a feature that this server does not have; it is answered with {@code reply}. */
    record NotAvailable(String type, ServerMessage reply) implements ClientMessage {}

    /** A known message that asks for nothing and changes nothing here. */
    record NoEffect(String type) implements ClientMessage {}
}
