package dev.wingman.protocol;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.msgpack.value.ValueType;

/**
 * Reads client messages (wire protocol 3.2). A request that waits for an answer and breaks a rule
 * gets one that says so. A {@link ProtocolException} that leaves it means that the frame is
 * malformed, or that its sender waits for nothing. Stateless.
 */
final class RequestReader {
    private static final int LENGTH_BYTES = 4;

    private final WireLimits limits;

    RequestReader(WireLimits limits) {
        this.limits = limits;
    }

    Decoded read(WireReader in) throws IOException {
        String type = in.text("type");
        if (type == null) {
            throw malformed("a message is a map with a text type");
        }
        return decoded(type, "BATCH".equals(type) ? batch(in) : message(in, type));
    }

    private static Decoded decoded(String type, @Nullable ClientMessage message) {
        return message == null ? new Decoded.Unknown(type) : new Decoded.Message(message);
    }

    /** Null for a type that the protocol does not know. */
    private @Nullable ClientMessage message(WireReader in, String type) throws IOException {
        try {
            return sound(in, type);
        } catch (ProtocolException e) {
            if (isUnanswered(type)) {
                throw e;
            }
            return new ClientMessage.Refused(failure(e));
        }
    }

    private static boolean isUnanswered(String type) {
        return switch (type) {
            case "QUERY_UNSUB", "TOPIC_SUB", "TOPIC_UNSUB", "TOPIC_PUB" -> true;
            default -> false;
        };
    }

    private @Nullable ClientMessage sound(WireReader in, String type) throws IOException {
        return switch (type) {
            case "AUTH" ->
                    new ClientMessage.Auth(
                            Objects.requireNonNullElse(in.text("token"), ""),
                            in.text("deviceToken"));
            case "DEVICE_HELLO" -> new ClientMessage.DeviceHello(in.text("deviceToken"));
            case "PING" -> ping(in);
            case "OP_BATCH" -> opBatch(payload(in));
            case "CLIENT_OP" -> clientOp(in);
            case "SYNC_INIT" -> syncInit(in);
            case "MERKLE_REQ_BUCKET" -> merkleRequest(payload(in));
            case "QUERY_SUB" -> querySubscribe(payload(in));
            case "QUERY_UNSUB" ->
                    new ClientMessage.QueryUnsubscribe(required(payload(in), "queryId"));
            case "TOPIC_SUB" -> topic(payload(in), type, ClientMessage.TopicSubscribe::new);
            case "TOPIC_UNSUB" -> topic(payload(in), type, ClientMessage.TopicUnsubscribe::new);
            case "TOPIC_PUB" -> topicPublish(payload(in), type);
            case "CLIENT_APPLY_ACK",
                    "QUERY_SYNC_INIT",
                    "SEARCH_UNSUB",
                    "HYBRID_SEARCH_UNSUB",
                    "HYBRID_QUERY_UNSUBSCRIBE",
                    "JOURNAL_UNSUBSCRIBE" ->
                    new ClientMessage.NoEffect(type);
            default -> unavailable(in, type);
        };
    }

    private static ClientMessage ping(WireReader in) throws IOException {
        if (!in.seek("timestamp") || !in.nextIsNumber()) {
            throw malformed("a PING has a numeric timestamp");
        }
        return new ClientMessage.Ping(in.value());
    }

    private ClientMessage opBatch(WireReader in) throws IOException {
        if (!in.seek("ops") || !in.nextIs(ValueType.ARRAY)) {
            throw malformed("ops is an array");
        }
        return new ClientMessage.OpBatch(new OpReader(in, limits).readAll());
    }

    private ClientMessage clientOp(WireReader in) throws IOException {
        if (!in.seek("payload") || !in.nextIs(ValueType.MAP)) {
            throw noPayload();
        }
        return new ClientMessage.OpBatch(List.of(new OpReader(in, limits).read()));
    }

    private ClientMessage syncInit(WireReader in) throws IOException {
        return new ClientMessage.SyncInit(limits.mapName(required(in, "mapName")));
    }

    private ClientMessage merkleRequest(WireReader in) throws IOException {
        return new ClientMessage.MerkleRequest(
                limits.mapName(required(in, "mapName")), new MerklePath(required(in, "path")));
    }

    private ClientMessage querySubscribe(WireReader in) throws IOException {
        String queryId = requiredId(in, "queryId");
        try {
            return querySubscribe(in, queryId);
        } catch (ProtocolException e) {
            return new ClientMessage.Refused(
                    new ServerMessage.QueryResult(queryId, List.of(), false, failure(e)));
        }
    }

    private ClientMessage querySubscribe(WireReader in, String queryId) throws IOException {
        if (queryId.isEmpty()) {
            throw new ProtocolException(ErrorCode.BAD_REQUEST, "a queryId is not empty");
        }
        if (in.mapBytes() > Fields.MAX_BYTES) {
            throw new ProtocolException(
                    ErrorCode.TOO_LARGE, "a query has at most " + Fields.MAX_BYTES + " bytes");
        }
        var map = limits.mapName(required(in, "mapName"));
        Fields payload = Fields.of("payload", in.map());
        return new ClientMessage.QuerySubscribe(queryId, map, QueryReader.ofSubscription(payload));
    }

    private static ClientMessage topicPublish(WireReader in, String type) throws IOException {
        // A client leaves out what is undefined, so missing data is data that says nothing.
        Value data = in.seek("data") ? in.value() : Value.NIL;
        return topic(in, type, name -> new ClientMessage.TopicPublish(name, data));
    }

    private static ClientMessage topic(
            WireReader in, String type, Function<TopicName, ClientMessage> message)
            throws IOException {
        return TopicName.of(required(in, "topic"))
                .map(message)
                .orElseGet(() -> new ClientMessage.NoEffect(type));
    }

    private @Nullable ClientMessage unavailable(WireReader in, String type) throws IOException {
        UnavailableRequest request = UnavailableRequest.of(type).orElse(null);
        return request == null ? null : request.read(in, limits.maxBatchItems());
    }

    /** Messages framed by a big-endian length; a length that reaches beyond the data ends them. */
    private ClientMessage batch(WireReader in) throws IOException {
        byte[] data = in.seek("data") ? in.binary() : null;
        if (data == null) {
            throw malformed("a BATCH has binary data");
        }
        int framedItems = 0;
        for (int end = itemEnd(data, 0); end >= 0; end = itemEnd(data, end)) {
            framedItems++;
        }
        boolean isSmall = framedItems <= limits.maxBatchItems();
        return new ClientMessage.Batch(framedItems, isSmall ? batchItems(in, data) : List.of());
    }

    private List<ClientMessage> batchItems(WireReader in, byte[] data) throws IOException {
        List<ClientMessage> items = new ArrayList<>();
        int at = 0;
        for (int end = itemEnd(data, at); end >= 0; end = itemEnd(data, at)) {
            ClientMessage item = batchItem(in, data, at + LENGTH_BYTES, end);
            if (item != null) {
                items.add(item);
            }
            at = end;
        }
        return items;
    }

    /** Null for what does not decode, a BATCH among it: nesting them would have no limit. */
    private @Nullable ClientMessage batchItem(WireReader in, byte[] data, int from, int to)
            throws IOException {
        try {
            Structure.check(data, from, to);
            in.open(data, from, to);
            return message(in, required(in, "type"));
        } catch (ProtocolException _) {
            return null;
        }
    }

    /** Where the item ends whose length stands at {@code at}; -1 when it is not all there. */
    private static int itemEnd(byte[] data, int at) {
        int left = data.length - at - LENGTH_BYTES;
        if (left < 0) {
            return -1;
        }
        long size = Integer.toUnsignedLong(ByteBuffer.wrap(data).getInt(at));
        return size > left ? -1 : at + LENGTH_BYTES + (int) size;
    }

    /** The same reader with the payload as its present map. */
    static WireReader payload(WireReader in) throws IOException {
        if (!in.enter("payload")) {
            throw noPayload();
        }
        return in;
    }

    /** The text in that field of the present map. */
    static String required(WireReader in, String field) throws IOException {
        String text = in.text(field);
        if (text == null) {
            throw malformed(field + " is missing");
        }
        return text;
    }

    /** As {@link #required}, for what the answer repeats. */
    static String requiredId(WireReader in, String field) throws IOException {
        String id = required(in, field);
        WireLimits.requireShortId(field, id);
        return id;
    }

    static ProtocolException malformed(String reason) {
        return new ProtocolException(ErrorCode.BAD_REQUEST, reason);
    }

    private static ProtocolException noPayload() {
        return malformed("the payload is missing");
    }

    private static ServerMessage.Failure failure(ProtocolException cause) {
        return new ServerMessage.Failure(cause.code(), cause.getMessage());
    }
}
