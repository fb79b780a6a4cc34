package dev.wingman.protocol;

import dev.wingman.protocol.ServerMessage.NotAvailable.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Requests of features that this server does not have, named as on the wire. A client waits for an
 * answer to each, so each gets the one of its type that says no; or an ERROR, where the type has
 * none.
 */
enum UnavailableRequest {
    SEARCH(Envelope.PAYLOAD, "requestId", Answer.SEARCH_RESP),
    SEARCH_SUB(Envelope.PAYLOAD, "subscriptionId", Answer.SEARCH_RESP),
    VECTOR_SEARCH(Envelope.PAYLOAD, "id", Answer.VECTOR_SEARCH_RESP),
    HYBRID_SEARCH(Envelope.PAYLOAD, "requestId", Answer.HYBRID_SEARCH_RESP),
    HYBRID_SEARCH_SUB(Envelope.PAYLOAD, "subscriptionId", Answer.HYBRID_SEARCH_RESP),
    SQL_QUERY(Envelope.PAYLOAD, "queryId", Answer.SQL_QUERY_RESP),
    JOURNAL_READ(Envelope.FLAT, "requestId", Answer.JOURNAL_READ_RESPONSE),
    ENTRY_PROCESS(Envelope.FLAT, "requestId", Answer.ENTRY_PROCESS_RESPONSE),
    ENTRY_PROCESS_BATCH(Envelope.FLAT, "requestId", Answer.ENTRY_PROCESS_BATCH_RESPONSE),
    REGISTER_RESOLVER(Envelope.FLAT, "requestId", Answer.REGISTER_RESOLVER_RESPONSE),
    UNREGISTER_RESOLVER(Envelope.FLAT, "requestId", Answer.UNREGISTER_RESOLVER_RESPONSE),
    LIST_RESOLVERS(Envelope.FLAT, "requestId", Answer.LIST_RESOLVERS_RESPONSE),
    LOCK_RELEASE(Envelope.PAYLOAD, "requestId", Answer.LOCK_RELEASED),
    LOCK_REQUEST,
    COUNTER_REQUEST,
    COUNTER_SYNC,
    ORMAP_SYNC_INIT,
    ORMAP_MERKLE_REQ_BUCKET,
    ORMAP_DIFF_REQUEST,
    ORMAP_PUSH_DIFF,
    PARTITION_MAP_REQUEST,
    JOURNAL_SUBSCRIBE,
    HYBRID_QUERY_SUBSCRIBE;

    /** Where a type keeps its fields. */
    private enum Envelope {
        FLAT,
        PAYLOAD
    }

    /** What refusing a key of an ENTRY_PROCESS_BATCH takes in the answer, beside the key. */
    private static final int FAILURE_BYTES = 80;

    private static final int MAX_FAILURES_BYTES = 64 << 10;

    private static final Map<String, UnavailableRequest> BY_TYPE =
            Arrays.stream(values())
                    .collect(Collectors.toUnmodifiableMap(Enum::name, Function.identity()));

    private final Envelope envelope;
    private final String idField;
    private final @Nullable Answer answer;

    UnavailableRequest() {
        this.envelope = Envelope.FLAT;
        this.idField = "";
        this.answer = null;
    }

    UnavailableRequest(Envelope envelope, String idField, Answer answer) {
        this.envelope = envelope;
        this.idField = idField;
        this.answer = answer;
    }

    static Optional<UnavailableRequest> of(String type) {
        return Optional.ofNullable(BY_TYPE.get(type));
    }

    /**
     * @param maxKeys of an ENTRY_PROCESS_BATCH; the answers to more would be larger still
     */
    ClientMessage read(WireReader in, int maxKeys) throws IOException {
        return new ClientMessage.NotAvailable(
                name(), answer == null ? failure() : answer(answer, in, maxKeys));
    }

    private ServerMessage failure() {
        return new ServerMessage.Failure(ErrorCode.NOT_AVAILABLE, reason());
    }

    private ServerMessage answer(Answer type, WireReader frame, int maxKeys) throws IOException {
        WireReader in = envelope == Envelope.PAYLOAD ? RequestReader.payload(frame) : frame;
        if (this == LOCK_RELEASE) { // the only one whose id is optional
            String id = Objects.requireNonNullElse(in.text(idField), "");
            WireLimits.requireShortId(idField, id);
            String lock = RequestReader.requiredId(in, "name");
            return new ServerMessage.NotAvailable(type, id, reason(), List.of(lock));
        }
        String id = RequestReader.requiredId(in, idField);
        return new ServerMessage.NotAvailable(type, id, reason(), keys(in, maxKeys));
    }

    private List<String> keys(WireReader in, int maxKeys) throws IOException {
        if (this != ENTRY_PROCESS_BATCH || !in.seek("keys")) {
            return List.of();
        }
        List<String> keys = in.texts(maxKeys);
        long answerBytes = 0;
        for (String key : keys) {
            answerBytes += FAILURE_BYTES + key.getBytes(StandardCharsets.UTF_8).length;
        }
        if (answerBytes > MAX_FAILURES_BYTES) {
            throw new ProtocolException(
                    ErrorCode.TOO_LARGE,
                    "too many keys to refuse each: their failures would take more than "
                            + MAX_FAILURES_BYTES
                            + " bytes");
        }
        return keys;
    }

    private String reason() {
        return (this == SQL_QUERY ? "SQL" : name()) + " is not available on this server";
    }
}
