package dev.wingman.protocol;

import dev.wingman.crdt.LwwRecord;
import dev.wingman.crdt.Timestamp;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Everything the server may say to a client. Absent optionals are left out of the encoded form. */
public sealed interface ServerMessage {
    /** Of a UTF-16 code unit. */
    int MAX_UTF8_BYTES = 3;

    record AuthRequired() implements ServerMessage {}

    /**
     * @param deviceToken only when the device was made just now
     */
    record AuthAck(@Nullable String userId, @Nullable String deviceId, @Nullable String deviceToken)
            implements ServerMessage {
        @Override
        public String toString() {
            return "AuthAck[" + userId + "]";
        }
    }

    record AuthFail(String error) implements ServerMessage {}

    /**
     * @param deviceToken only when the device was made just now
     */
    record DeviceAck(String deviceId, @Nullable String deviceToken) implements ServerMessage {
        @Override
        public String toString() {
            return "DeviceAck[" + deviceId + "]";
        }
    }

    /**
     * @param timestamp of the PING
     * @param serverTimeMillis since the Unix epoch
     */
    record Pong(Value timestamp, long serverTimeMillis) implements ServerMessage {}

    /**
     * Acknowledges every op of this connection up to {@code lastId}.
     *
     * @param results only of ops that were refused; empty is left out
     */
    record OpAck(String lastId, AckLevel level, List<OpResult> results) implements ServerMessage {
        /**
         * The same in as many messages as it takes, each of which acknowledges the same.
         *
         * @param maxBytes of the results in one
         */
        public List<OpAck> parts(int maxBytes) {
            List<OpAck> parts = new ArrayList<>(1);
            int from = 0;
            long bytes = 0;
            for (int i = 0; i < results.size(); i++) {
                int size = results.get(i).sizeBytes();
                if (bytes + size > maxBytes && i > from) {
                    parts.add(new OpAck(lastId, level, results.subList(from, i)));
                    from = i;
                    bytes = 0;
                }
                bytes += size;
            }
            parts.add(new OpAck(lastId, level, results.subList(from, results.size())));
            return parts;
        }
    }

    record OpResult(String opId, boolean success, AckLevel level, @Nullable String error) {
        /** Names, headers and the level, at most. */
        private static final int FRAMING_BYTES = 64;

        /** Bytes it takes in a message, at most. */
        int sizeBytes() {
            return FRAMING_BYTES
                    + MAX_UTF8_BYTES * (opId.length() + (error == null ? 0 : error.length()));
        }
    }

    /** How far an acknowledged op got, from least to most. */
    enum AckLevel {
        /** Not at all: it was refused. */
        MEMORY,
        /** Held in memory here. */
        APPLIED,
        /** On the disk here. */
        PERSISTED,
        /** On the disks of the backups asked for. */
        REPLICATED
    }

    record Failure(ErrorCode code, String message) implements ServerMessage {}

    record SyncRoot(MapName map, int rootHash, Timestamp timestamp) implements ServerMessage {}

    /**
     * @param children hashes of the 16 children; 0 means there is none
     */
    @SuppressWarnings("ArrayRecordComponent") // encoded at once, never compared
    record SyncBuckets(MapName map, MerklePath path, int[] children) implements ServerMessage {}

    /**
     * @param more whether another message with entries of the same leaf follows
     */
    record SyncLeaf(MapName map, MerklePath path, List<Entry> entries, boolean more)
            implements ServerMessage {}

    record Entry(Key key, LwwRecord<Value> record) {
        /** Names, headers and numbers, at most. */
        private static final int FRAMING_BYTES = 128;

        /** Bytes it takes in a message, at most. */
        public int sizeBytes() {
            Value value = record.value();
            return FRAMING_BYTES
                    + key.sizeBytes()
                    + (value == null ? 0 : value.sizeBytes())
                    + MAX_UTF8_BYTES * record.timestamp().nodeId().length();
        }
    }

    /** One accepted change, to whoever is interested in the map. */
    record MapEvent(MapName map, Key key, LwwRecord<Value> record) implements ServerMessage {}

    /**
     * @param error null unless the query could not be answered; then {@code rows} is empty
     */
    record QueryResult(String queryId, List<Row> rows, boolean hasMore, @Nullable Failure error)
            implements ServerMessage {}

    record Row(Key key, Value value) {}

    /**
     * @param value null when the row left
     */
    record QueryUpdate(String queryId, Key key, @Nullable Value value, RowChange change)
            implements ServerMessage {}

    enum RowChange {
        ENTER,
        UPDATE,
        LEAVE
    }

    /**
     * @param publisherId null when the publisher has no identity
     */
    record TopicMessage(
            TopicName topic, Value data, @Nullable String publisherId, long timestampMillis)
            implements ServerMessage {
        /** Names, headers and the time, at most. */
        private static final int FRAMING_BYTES = 96;

        /** Bytes of the whole message, at most. */
        public int sizeBytes() {
            int texts = topic.value().length() + (publisherId == null ? 0 : publisherId.length());
            return FRAMING_BYTES + data.sizeBytes() + MAX_UTF8_BYTES * texts;
        }
    }

    /**
     * Which node holds which partition.
     *
     * @param version 32 bits, unsigned
     * @param partitions by id
     */
    record PartitionMap(
            long version,
            int partitionCount,
            List<NodeInfo> nodes,
            List<PartitionInfo> partitions,
            long generatedAtMillis)
            implements ServerMessage {
        public PartitionMap {
            nodes = List.copyOf(nodes);
            partitions = List.copyOf(partitions);
        }
    }

    /**
     * @param websocket URL
     * @param http URL
     */
    record NodeInfo(NodeId nodeId, String websocket, @Nullable String http, NodeStatus status) {}

    record PartitionInfo(int partitionId, NodeId owner, List<NodeId> backups) {
        public PartitionInfo {
            backups = List.copyOf(backups);
        }
    }

    /**
     * The typed answer to a request of a feature that this server does not have.
     *
     * @param type of the answer, as on the wire
     * @param requestId echoed, under the name the answer's type gives it
     * @param subjects the keys of ENTRY_PROCESS_BATCH, each of which gets its own failure, or the
     *     one lock of LOCK_RELEASE; empty for the others
     */
    record NotAvailable(Answer type, String requestId, String error, List<String> subjects)
            implements ServerMessage {
        public enum Answer {
            SEARCH_RESP,
            VECTOR_SEARCH_RESP,
            HYBRID_SEARCH_RESP,
            SQL_QUERY_RESP,
            JOURNAL_READ_RESPONSE,
            ENTRY_PROCESS_RESPONSE,
            ENTRY_PROCESS_BATCH_RESPONSE,
            REGISTER_RESOLVER_RESPONSE,
            UNREGISTER_RESOLVER_RESPONSE,
            LIST_RESOLVERS_RESPONSE,
            LOCK_RELEASED
        }
    }
}
