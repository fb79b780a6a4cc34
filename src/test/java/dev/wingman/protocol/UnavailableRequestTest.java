package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From the request to the bytes of its answer: what the client's promise waits for. */
class UnavailableRequestTest {
    private static final int MAX_KEYS = 4;

    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 1024, MAX_KEYS));

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "SEARCH | requestId | SEARCH_RESP"
                        + " | 'requestId': '7', 'results': [], 'totalCount': 0, ERROR",
                "SEARCH_SUB | subscriptionId | SEARCH_RESP"
                        + " | 'requestId': '7', 'results': [], 'totalCount': 0, ERROR",
                "VECTOR_SEARCH | id | VECTOR_SEARCH_RESP | 'id': '7', 'results': [],"
                        + " 'totalCandidates': 0, 'searchTimeMs': 0, ERROR",
                "HYBRID_SEARCH | requestId | HYBRID_SEARCH_RESP"
                        + " | 'requestId': '7', 'results': [], 'searchTimeMs': 0, ERROR",
                "HYBRID_SEARCH_SUB | subscriptionId | HYBRID_SEARCH_RESP"
                        + " | 'requestId': '7', 'results': [], 'searchTimeMs': 0, ERROR",
                "SQL_QUERY | queryId | SQL_QUERY_RESP | 'queryId': '7', 'columns': [], 'rows': [],"
                        + " 'code': 'FEATURE_DISABLED', 'error': 'SQL is not available on this server'"
            })
    void requestsInAPayloadAreAnsweredInOne(
            String type, String idField, String answer, String payload) {
        String request = "{'type': '" + type + "', 'payload': {'" + idField + "': '7'}}";

        assertThat(answerTo(request))
                .isEqualTo(
                        json(
                                "{'type': '"
                                        + answer
                                        + "', 'payload': {"
                                        + payload.replace("ERROR", error(type))
                                        + "}}"));
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {
                "JOURNAL_READ | JOURNAL_READ_RESPONSE | 'events': [], 'hasMore': false, ERROR",
                "ENTRY_PROCESS | ENTRY_PROCESS_RESPONSE | 'success': false, ERROR",
                "REGISTER_RESOLVER | REGISTER_RESOLVER_RESPONSE | 'success': false, ERROR",
                "UNREGISTER_RESOLVER | UNREGISTER_RESOLVER_RESPONSE | 'success': false, ERROR",
                "LIST_RESOLVERS | LIST_RESOLVERS_RESPONSE | 'resolvers': []"
            })
    void flatRequestsAreAnsweredFlat(String type, String answer, String fields) {
        String request = "{'type': '" + type + "', 'requestId': '7', 'mapName': 'm'}";

        assertThat(answerTo(request))
                .isEqualTo(
                        json(
                                "{'type': '"
                                        + answer
                                        + "', 'requestId': '7', "
                                        + fields.replace("ERROR", error(type))
                                        + "}"));
    }

    @Test
    void everyKeyOfAnEntryBatchFailsByItself() {
        String request =
                "{'type': 'ENTRY_PROCESS_BATCH', 'requestId': '7', 'keys': ['a', 5, 'b', 'a']}";
        String failed = "{'success': false, " + error("ENTRY_PROCESS_BATCH") + "}";

        assertThat(answerTo(request))
                .isEqualTo(
                        json(
                                "{'type': 'ENTRY_PROCESS_BATCH_RESPONSE', 'requestId': '7',"
                                        + " 'results': {'a': FAILED, 'b': FAILED}}"
                                                .replace("FAILED", failed)));
    }

    @Test
    void anEntryBatchHasALimit() {
        String keys =
                IntStream.rangeClosed(0, MAX_KEYS)
                        .mapToObj(i -> "'k" + i + "'")
                        .collect(Collectors.joining(","));

        assertThat(
                        answerTo(
                                "{'type': 'ENTRY_PROCESS_BATCH', 'requestId': '7', 'keys': ["
                                        + keys
                                        + "]}"))
                .isEqualTo(
                        json(
                                "{'type': 'ERROR', 'payload': {'code': 413,"
                                        + " 'message': 'at most 4 items, not 5'}}"));
    }

    @Test
    void theFailuresOfAnEntryBatchHaveALimitInBytes() {
        String keys = "'" + "a".repeat(40_000) + "','" + "b".repeat(40_000) + "'";

        assertThat(
                        answerTo(
                                "{'type': 'ENTRY_PROCESS_BATCH', 'requestId': '7', 'keys': ["
                                        + keys
                                        + "]}"))
                .isEqualTo(
                        json(
                                "{'type': 'ERROR', 'payload': {'code': 413, 'message': 'too many"
                                        + " keys to refuse each: their failures would take more"
                                        + " than 65536 bytes'}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'SEARCH', 'payload': {'requestId': 'LONG'}}",
                "{'type': 'JOURNAL_READ', 'requestId': 'LONG'}",
                "{'type': 'LOCK_RELEASE', 'payload': {'requestId': 'LONG', 'name': 'l'}}",
                "{'type': 'LOCK_RELEASE', 'payload': {'requestId': '7', 'name': 'LONG'}}",
                "{'type': 'QUERY_SUB', 'payload': {'queryId': 'LONG', 'mapName': 'm', 'query': {}}}"
            })
    void whatIsTooLongIsNotSentBack(String request) {
        assertThat(answerTo(request.replace("LONG", "x".repeat(257))).toString())
                .contains("has at most 256 bytes")
                .doesNotContain("xxx");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            delimiter = '|',
            value = {"'requestId': '7', 'name': 'l' | 7", "'name': 'l', 'fencingToken': 5 | ''"})
    void aLockThatCannotBeHeldIsNotReleased(String payload, String requestId) {
        assertThat(answerTo("{'type': 'LOCK_RELEASE', 'payload': {" + payload + "}}"))
                .isEqualTo(
                        json(
                                "{'type': 'LOCK_RELEASED', 'payload': {'name': 'l',"
                                        + " 'success': false, 'requestId': '"
                                        + requestId.replace("'", "")
                                        + "'}}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LOCK_REQUEST",
                "COUNTER_REQUEST",
                "COUNTER_SYNC",
                "ORMAP_SYNC_INIT",
                "ORMAP_MERKLE_REQ_BUCKET",
                "ORMAP_DIFF_REQUEST",
                "ORMAP_PUSH_DIFF",
                "PARTITION_MAP_REQUEST",
                "JOURNAL_SUBSCRIBE",
                "HYBRID_QUERY_SUBSCRIBE"
            })
    void theOthersGetAnErrorThatNamesThem(String type) {
        assertThat(answerTo("{'type': '" + type + "'}"))
                .isEqualTo(
                        json(
                                "{'type': 'ERROR', 'payload': {'code': 501, 'message': '"
                                        + type
                                        + " is not available on this server'}}"));
    }

    @Test
    void everyRequestNamesItsType() {
        assertThat(Arrays.stream(UnavailableRequest.values()))
                .allSatisfy(request ->
                        assertThat(UnavailableRequest.of(request.name())).contains(request));
        assertThat(UnavailableRequest.of("PING")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'SEARCH', 'requestId': '7'}",
                "{'type': 'SQL_QUERY', 'payload': {'queryId': 7}}",
                "{'type': 'JOURNAL_READ', 'payload': {'requestId': '7'}}",
                "{'type': 'LOCK_RELEASE', 'payload': {'requestId': '7'}}"
            })
    void aRequestWithoutItsIdIsAnsweredByAnError(String request) {
        assertThat(codec.decode(frame(request)))
                .isInstanceOfSatisfying(
                        Decoded.Message.class,
                        decoded ->
                                assertThat(decoded.message())
                                        .isInstanceOf(ClientMessage.Refused.class));
    }

    private Datum answerTo(String request) {
        return switch (codec.decode(frame(request))) {
            case Decoded.Message(ClientMessage.NotAvailable(String type, ServerMessage reply))
                    when request.contains("'" + type + "'") ->
                    Json.decoded(codec.encode(reply));
            case Decoded.Message(ClientMessage.Refused(ServerMessage reply)) ->
                    Json.decoded(codec.encode(reply));
            case Decoded other -> new Datum.Text(other.toString());
        };
    }

    private static String error(String type) {
        return "'error': '" + type + " is not available on this server'";
    }

    private static byte[] frame(String json) {
        return Json.frame(json.replace('\'', '"'));
    }

    private static Datum json(String json) {
        return Json.datum(json.replace('\'', '"'));
    }
}
