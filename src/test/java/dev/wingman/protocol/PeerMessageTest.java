package dev.wingman.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Nodes understand each other, and every byte of it is as specified. */
class PeerMessageTest {
    /** Their vectors have bytes as an array of numbers, which we read and never write. */
    private static final Set<String> WITH_BYTE_ARRAYS = Set.of("MIGRATE_DATA", "OP_FORWARD");

    private static final String MEMBER =
            "{\"nodeId\": \"n\", \"host\": \"h\", \"clientPort\": 1, \"clusterPort\": 1,"
                    + " \"state\": \"active\", \"joinVersion\": 1}";

    private final MessageCodec codec = new MessageCodec(new WireLimits(1024, 512 * 1024));

    static Stream<String> vectors() {
        return PeerSamples.SPECIFIED.keySet().stream();
    }

    static Stream<PeerMessage> samples() {
        return Stream.concat(
                PeerSamples.SPECIFIED.values().stream(), PeerSamples.COMPLETE.values().stream());
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void readsTheSpecifiedBytes(String vector) {
        assertThat(codec.decodePeer(PeerSamples.vector(vector)))
                .contains(PeerSamples.specified(vector));
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void writesTheSpecifiedBytes(String vector) {
        byte[] written = codec.encode(PeerSamples.specified(vector));

        if (WITH_BYTE_ARRAYS.contains(vector)) {
            assertThat(codec.decodePeer(written)).contains(PeerSamples.specified(vector));
        } else {
            assertThat(HexFormat.of().formatHex(written))
                    .isEqualTo(HexFormat.of().formatHex(PeerSamples.vector(vector)));
        }
    }

    static Stream<String> types() {
        return PeerSamples.COMPLETE.keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("types")
    void optionalFieldsHaveTheirNamesAndPlaces(String type) {
        byte[] frame = PeerSamples.completeVector(type);

        assertThat(codec.decodePeer(frame)).contains(PeerSamples.complete(type));
        assertThat(HexFormat.of().formatHex(codec.encode(PeerSamples.complete(type))))
                .isEqualTo(HexFormat.of().formatHex(frame));
    }

    /** In each message by name: the numbers of 32 bits, and those of 63. */
    @ParameterizedTest
    @CsvSource({
        "JOIN_REQUEST, protocolVersion",
        "MEMBERS_UPDATE, version",
        "MEMBERS_UPDATE, joinVersion",
        "EXPLICIT_SUSPICION, masterViewVersion",
        "HEARTBEAT, membersViewVersion",
        "HEARTBEAT, term",
        "HEARTBEAT_COMPLAINT, complainerViewVersion",
        "HEARTBEAT_COMPLAINT, suspectViewVersion",
        "PARTITION_TABLE_UPDATE, version",
        "PARTITION_TABLE_UPDATE, epochs",
        "PARTITION_TABLE_UPDATE, clientVersion",
        "MIGRATE_DATA, sourceVersion",
        "MIGRATE_DATA, chunk",
        "SPLIT_BRAIN_PROBE, senderMemberCount",
        "SPLIT_BRAIN_PROBE, senderViewVersion",
        "SPLIT_BRAIN_PROBE_RESPONSE, responderMemberCount",
        "SPLIT_BRAIN_PROBE_RESPONSE, responderViewVersion",
        "SPLIT_BRAIN_PROBE_RESPONSE, responderMasterJoinVersion",
        "SPLIT_BRAIN_PROBE_RESPONSE, lastToken",
        "SPLIT_BRAIN_PROBE_RESPONSE, clientVersion",
        "MERGE_REQUEST, sourceViewVersion",
        "OP_FORWARD, requestId"
    })
    void theLargestNumberIsReadAndOneMoreIsNot(String type, String field) {
        byte[] frame = PeerSamples.completeVector(type);
        byte[] more = oneMore(frame, field);

        assertThat(codec.decodePeer(frame)).isPresent();
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> codec.decodePeer(more))
                .withMessageContaining(field.equals("epochs") ? "an epoch" : field);
    }

    /** The frame with the number in that field, the largest of its type, made one larger. */
    private static byte[] oneMore(byte[] frame, String field) {
        int name = new String(frame, StandardCharsets.ISO_8859_1).indexOf(field) + field.length();
        int at = frame[name] == (byte) 0x91 ? name + 1 : name;
        boolean is32Bits = frame[at] == (byte) 0xce;
        String next = is32Bits ? "cf0000000100000000" : "cf8000000000000000";
        var hex = HexFormat.of();
        String after = hex.formatHex(frame, at + (is32Bits ? 5 : 9), frame.length);
        return hex.parseHex(hex.formatHex(frame, 0, at) + next + after);
    }

    @Test
    void bytesAreWrittenAsBin() {
        byte[] written = codec.encode(PeerSamples.specified("OP_FORWARD"));

        assertThat(HexFormat.of().formatHex(written)).endsWith("a77061796c6f6164" + "c4030102ff");
    }

    @ParameterizedTest
    @MethodSource("samples")
    void whatIsWrittenReadsBackEqual(PeerMessage message) {
        PeerMessage back = codec.decodePeer(codec.encode(message)).orElseThrow();

        assertThat(back).isEqualTo(message).hasSameHashCodeAs(message);
    }

    @Test
    void everyMessageIsAmongTheSamples() {
        assertThat(samples().map(Object::getClass).distinct())
                .containsExactlyInAnyOrder(PeerMessage.class.getPermittedSubclasses())
                .hasSize(18);
    }

    @Test
    void theOrderOfFieldsDoesNotMatter() {
        byte[] frame =
                Json.frame(
                        "{\"reason\": \"r\", \"masterViewVersion\": 7, \"suspectId\": \"n3\","
                                + " \"type\": \"EXPLICIT_SUSPICION\"}");

        assertThat(codec.decodePeer(frame)).contains(PeerSamples.specified("EXPLICIT_SUSPICION"));
    }

    @Test
    void anOptionalFieldMayComeFirst() {
        byte[] frame =
                Json.frame("{\"reason\": \"r\", \"type\": \"LEAVE_REQUEST\", \"nodeId\": \"n2\"}");

        assertThat(codec.decodePeer(frame))
                .contains(new PeerMessage.LeaveRequest(new NodeId("n2"), "r"));
    }

    @Test
    void unknownFieldsOfAnItemDoNotHideTheNext() {
        String row = "{\"partitionId\": 1, \"owner\": \"a\", \"backups\": [], \"later\": 5}";
        byte[] frame =
                Json.frame(
                        "{\"type\": \"PARTITION_TABLE_UPDATE\", \"version\": 1,"
                                + " \"completedMigrations\": [], \"assignments\": ["
                                + row
                                + ", "
                                + row
                                + "]}");
        var expected = new PartitionAssignment(1, new NodeId("a"), List.of());

        assertThat(codec.decodePeer(frame))
                .contains(
                        new PeerMessage.PartitionTableUpdate(
                                List.of(expected, expected),
                                1,
                                List.of(),
                                List.of(),
                                List.of(),
                                null));
    }

    @Test
    void unknownFieldsAreIgnoredAndNilIsMissing() {
        byte[] frame =
                Json.frame(
                        "{\"type\": \"LEAVE_REQUEST\", \"nodeId\": \"n2\", \"reason\": null,"
                                + " \"later\": {\"deep\": [1, {\"er\": true}]}}");

        assertThat(codec.decodePeer(frame)).contains(PeerSamples.specified("LEAVE_REQUEST"));
    }

    @Test
    void anUnknownTypeIsNothing() {
        assertThat(codec.decodePeer(Json.frame("{\"type\": \"GOSSIP\", \"nodeId\": 1}"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"nodeId\": \"n2\"}",
                "{\"type\": 5}",
                "{\"type\": \"LEAVE_REQUEST\"}",
                "{\"type\": \"LEAVE_REQUEST\", \"nodeId\": 2}",
                "{\"type\": \"LEAVE_REQUEST\", \"nodeId\": \"N 2\"}",
                "{\"type\": \"LEAVE_REQUEST\", \"nodeId\": \"n2\", \"reason\": []}",
                "{\"type\": \"MIGRATE_READY\", \"migrationId\": \"m\", \"partitionId\": 271,"
                        + " \"sourceNodeId\": \"n1\"}",
                "{\"type\": \"MIGRATE_READY\", \"migrationId\": \"m\", \"partitionId\": -1,"
                        + " \"sourceNodeId\": \"n1\"}",
                "{\"type\": \"MIGRATE_READY\", \"migrationId\": \"m\", \"partitionId\": 1.5,"
                        + " \"sourceNodeId\": \"n1\"}",
                "{\"type\": \"JOIN_RESPONSE\", \"accepted\": 1}",
                "{\"type\": \"JOIN_RESPONSE\", \"accepted\": true, \"rejectCode\": \"WHY_NOT\"}",
                "{\"type\": \"JOIN_RESPONSE\", \"accepted\": true, \"incarnation\": \"first\"}",
                "{\"type\": \"JOIN_RESPONSE\", \"accepted\": true, \"membersView\": []}",
                "{\"type\": \"JOIN_REQUEST\", \"nodeId\": \"n\", \"host\": \"h\","
                        + " \"clientPort\": 65536, \"clusterPort\": 1, \"clusterId\": \"c\","
                        + " \"protocolVersion\": 1}",
                "{\"type\": \"MERGE_REQUEST\", \"sourceClusterId\": \"c\", \"sourceViewVersion\": 1,"
                        + " \"sourceMembers\": [7]}",
                "{\"type\": \"MERGE_REQUEST\", \"sourceClusterId\": \"c\", \"sourceViewVersion\": 1,"
                        + " \"sourceMembers\": [{\"nodeId\": \"n\", \"host\": \"h\","
                        + " \"clientPort\": 1, \"clusterPort\": 1, \"state\": \"well\","
                        + " \"joinVersion\": 1}]}",
                "{\"type\": \"MEMBERS_UPDATE\", \"clusterTimeMs\": 1, \"view\": {\"version\": 1,"
                        + " \"members\": ["
                        + MEMBER
                        + ", "
                        + MEMBER
                        + "]}}",
                "{\"type\": \"PARTITION_TABLE_UPDATE\", \"version\": 1, \"completedMigrations\": [],"
                        + " \"assignments\": [{\"partitionId\": 1, \"owner\": \"a\","
                        + " \"backups\": [\"a\"]}]}",
                "{\"type\": \"PARTITION_TABLE_UPDATE\", \"version\": 1, \"completedMigrations\": [],"
                        + " \"assignments\": [], \"epochs\": [1]}",
                "{\"type\": \"PARTITION_TABLE_UPDATE\", \"version\": 1, \"completedMigrations\": [1],"
                        + " \"assignments\": []}",
                "{\"type\": \"PARTITION_TABLE_UPDATE\", \"version\": 1, \"completedMigrations\": [],"
                        + " \"assignments\": [], \"incoming\": [[1]]}",
                "{\"type\": \"PARTITION_TABLE_UPDATE\", \"version\": 1, \"completedMigrations\": [],"
                        + " \"assignments\": [], \"incoming\": [[271, \"n1\"]]}",
                "{\"type\": \"HEARTBEAT\", \"senderId\": \"n1\", \"timestampMs\": 1,"
                        + " \"membersViewVersion\": 1, \"suspectedNodes\": [], \"bootId\": 1,"
                        + " \"ready\": true, \"hlc\": [1], \"term\": 1}",
                "{\"type\": \"HEARTBEAT\", \"senderId\": \"n1\", \"timestampMs\": 1,"
                        + " \"membersViewVersion\": 1, \"suspectedNodes\": [], \"bootId\": 1,"
                        + " \"ready\": true, \"hlc\": [1, 2], \"term\": 1, \"live\": [[]]}",
                "{\"type\": \"OP_FORWARD\", \"sourceNodeId\": \"n1\", \"targetPartitionId\": 1,"
                        + " \"payload\": [256]}",
                "{\"type\": \"OP_FORWARD\", \"sourceNodeId\": \"n1\", \"targetPartitionId\": 1,"
                        + " \"payload\": \"text\"}",
                "{\"type\": \"HEARTBEAT_COMPLAINT\", \"complainerId\": \"n1\","
                        + " \"complainerViewVersion\": 1, \"suspectId\": \"n3\","
                        + " \"suspectViewVersion\": 1, \"evidence\": \"rumour\"}",
                "{\"type\": \"MIGRATE_DATA\", \"partitionId\": 1, \"deltaOps\": [],"
                        + " \"sourceVersion\": 1, \"mapStates\": [{\"mapName\": \"u\","
                        + " \"data\": [], \"mapType\": \"tree\"}]}"
            })
    void whatBreaksARuleIsRefusedWithAReason(String json) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> codec.decodePeer(Json.frame(json)))
                .satisfies(e -> assertThat(e.getMessage()).isNotEmpty());
    }

    /** Names are those of the wire to the letter; which there are is said, and not what came. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "HEARTBEAT_COMPLAINT | refused | REFUSED | evidence is one of [refused, silence]",
                "JOIN_RESPONSE | CLOCK_SKEW | CLOCK_LATE | rejectCode is one of [NOT_MASTER_YET,",
                "MEMBERS_UPDATE | active | ACTIVE | state is one of [joining, active,",
                "MIGRATE_DATA | or | OR | mapType is one of [lww, or]"
            })
    void aNameThatIsNotOfTheWireIsRefused(String type, String name, String other, String reason) {
        byte[] frame = PeerSamples.completeVector(type);
        String hex = HexFormat.of().formatHex(frame);
        String changed = hex.replaceFirst(fixstr(name), fixstr(other));

        assertThat(changed).isNotEqualTo(hex);
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> codec.decodePeer(HexFormat.of().parseHex(changed)))
                .withMessageStartingWith(reason)
                .withMessageNotContaining(other);
    }

    private static String fixstr(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        return HexFormat.of().toHexDigits((byte) (0xa0 | bytes.length))
                + HexFormat.of().formatHex(bytes);
    }

    @Test
    void anArrayIsNoMessage() {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> codec.decodePeer(new byte[] {(byte) 0x90}));
    }

    @Test
    void numbersBeyond63BitsAreRefusedWhereTheyAreCountedAndKeptWhereTheyAreRandom() {
        byte[] frame =
                Json.frame(
                        "{\"type\": \"HEARTBEAT\", \"senderId\": \"n1\", \"timestampMs\": 1,"
                                + " \"membersViewVersion\": 4294967296, \"suspectedNodes\": []}");
        byte[] tooLarge = frame.clone();
        Arrays.fill(tooLarge, indexOf(frame, 0xcf) + 1, indexOf(frame, 0xcf) + 9, (byte) 0xff);

        assertThat(codec.decodePeer(frame)).isPresent();
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> codec.decodePeer(tooLarge))
                .withMessageContaining("membersViewVersion");
    }

    private static int indexOf(byte[] frame, int unsigned) {
        int at = 0;
        while (frame[at] != (byte) unsigned) {
            at++;
        }
        return at;
    }

    @Test
    void aMapOfMoreFieldsThanAnyMessageHasIsRefused() {
        var most = new StringBuilder("{\"type\": \"FETCH_PARTITION_TABLE\"");
        for (int i = 1; i < PeerFields.MAX_FIELDS; i++) {
            most.append(", \"f").append(i).append("\": 0");
        }

        assertThat(codec.decodePeer(Json.frame(most + "}"))).isPresent();
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> codec.decodePeer(Json.frame(most + ", \"one\": 1}")));
    }

    /** A list or bytes of four gigabytes, announced in five bytes. */
    @ParameterizedTest
    @ValueSource(strings = {"ddffffffff", "c6ffffffff", "dbffffffff", "dfffffffff"})
    void aSizeIsCheckedAgainstTheFrameBeforeAnythingIsAllocated(String header) {
        byte[] forward = PeerSamples.vector("OP_FORWARD");
        byte[] head = Arrays.copyOf(forward, forward.length - 5);
        byte[] frame = Arrays.copyOf(head, head.length + 5);
        System.arraycopy(HexFormat.of().parseHex(header), 0, frame, head.length, 5);

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> codec.decodePeer(frame))
                .withMessageContaining("ends beyond the end");
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void isRefusedWhenItEndsEarly(String vector) {
        byte[] frame = PeerSamples.vector(vector);

        for (int length = 0; length < frame.length; length++) {
            byte[] cut = Arrays.copyOf(frame, length);
            assertThatExceptionOfType(ProtocolException.class)
                    .as("cut to %d bytes", length)
                    .isThrownBy(() -> codec.decodePeer(cut));
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void mutatedMessagesAreReadOrRefusedAndLeaveTheCodecSound(long seed) {
        var random = new SplittableRandom(seed);
        List<PeerMessage> samples = samples().toList();
        PeerMessage expected = samples.getFirst();
        for (int i = 0; i < 200; i++) {
            byte[] frame = codec.encode(samples.get(random.nextInt(samples.size())));
            Mutations.change(frame, random);
            tryToRead(frame);

            assertThat(codec.decodePeer(codec.encode(expected))).contains(expected);
        }
    }

    private void tryToRead(byte[] frame) {
        try {
            codec.decodePeer(frame)
                    .ifPresent(message -> assertThat(codec.encode(message)).isNotEmpty());
        } catch (ProtocolException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }

    @Test
    void aTokenIsNotShown() {
        assertThat(PeerSamples.complete("JOIN_REQUEST").toString())
                .contains("n3")
                .doesNotContain("secret");
    }

    @Test
    void bytesAreEqualByContentAndNotShown() {
        assertThat(PeerSamples.bytes(1, 2))
                .isEqualTo(PeerSamples.bytes(1, 2))
                .isNotEqualTo(PeerSamples.bytes(2, 1))
                .doesNotHaveSameHashCodeAs(PeerSamples.bytes(2, 1))
                .hasToString("Bytes[2]");
    }
}
