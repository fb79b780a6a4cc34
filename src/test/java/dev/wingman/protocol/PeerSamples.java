package dev.wingman.protocol;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.PeerMessage.Boot;
import dev.wingman.protocol.PeerMessage.ChunkPosition;
import dev.wingman.protocol.PeerMessage.DeltaOp;
import dev.wingman.protocol.PeerMessage.Evidence;
import dev.wingman.protocol.PeerMessage.Incoming;
import dev.wingman.protocol.PeerMessage.Lineage;
import dev.wingman.protocol.PeerMessage.LiveStreams;
import dev.wingman.protocol.PeerMessage.MapStateChunk;
import dev.wingman.protocol.PeerMessage.RejectCode;
import dev.wingman.protocol.PeerMessage.Vitals;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Messages between nodes: the specified ones with their bytes, and one of each with everything. */
final class PeerSamples {
    private static final NodeId N1 = new NodeId("n1");
    private static final NodeId N2 = new NodeId("n2");
    private static final NodeId N3 = new NodeId("n3");
    private static final long AT = 1_700_000_000_000L;
    private static final long MAX_U32 = 0xffff_ffffL;
    private static final long MAX_U63 = Long.MAX_VALUE;
    private static final UUID ID = UUID.fromString("6f2d9c1e-0b5a-4a55-9d5e-3f8f0e6b7a11");
    private static final MemberInfo MEMBER =
            new MemberInfo(N1, "h", 8080, 9090, NodeState.ACTIVE, 1);
    private static final MembersView VIEW = new MembersView(3, List.of(MEMBER));
    private static final PartitionAssignment ASSIGNMENT =
            new PartitionAssignment(0, N1, List.of(N2));
    private static final MapName MAP = new MapName("u");

    /** Of section B 3.5, by the name of the vector. */
    static final Map<String, PeerMessage> SPECIFIED = specified();

    /** With every optional field, and the largest numbers, by type. */
    static final Map<String, PeerMessage> COMPLETE = complete();

    private static final Map<String, byte[]> VECTORS = vectors("vectors.txt");

    /** Made from the rules by an encoder of its own, as those of the specification are. */
    private static final Map<String, byte[]> COMPLETE_VECTORS = vectors("complete.txt");

    private PeerSamples() {}

    static PeerMessage specified(String name) {
        return Objects.requireNonNull(SPECIFIED.get(name), name);
    }

    static PeerMessage complete(String type) {
        return Objects.requireNonNull(COMPLETE.get(type), type);
    }

    static byte[] vector(String name) {
        return Objects.requireNonNull(VECTORS.get(name), name).clone();
    }

    static byte[] completeVector(String type) {
        return Objects.requireNonNull(COMPLETE_VECTORS.get(type), type).clone();
    }

    private static Map<String, PeerMessage> specified() {
        Map<String, PeerMessage> all = new LinkedHashMap<>();
        all.put(
                "JOIN_REQUEST",
                new PeerMessage.JoinRequest(
                        new NodeId("n3"), "h3", 8080, 9090, "c", 1, null, null));
        all.put(
                "JOIN_RESPONSE_ACCEPTED",
                new PeerMessage.JoinResponse(
                        true, null, null, null, VIEW, List.of(ASSIGNMENT), null, null));
        all.put("JOIN_RESPONSE_REJECTED", rejected(null, null));
        all.put("JOIN_RESPONSE_REDIRECTED", rejected(RejectCode.NOT_MASTER_YET, N2));
        all.put("MEMBERS_UPDATE", new PeerMessage.MembersUpdate(VIEW, AT, null));
        all.put("LEAVE_REQUEST", new PeerMessage.LeaveRequest(N2, null));
        all.put("HEARTBEAT", new PeerMessage.Heartbeat(N1, AT, 5, List.of(N3), null));
        all.put("HEARTBEAT_COMPLAINT", new PeerMessage.HeartbeatComplaint(N1, 5, N3, 4, null));
        all.put("EXPLICIT_SUSPICION", new PeerMessage.ExplicitSuspicion(N3, "r", 7));
        all.put(
                "PARTITION_TABLE_UPDATE",
                new PeerMessage.PartitionTableUpdate(
                        List.of(ASSIGNMENT), 42, List.of("m1"), List.of(), List.of(), null));
        all.put("FETCH_PARTITION_TABLE", new PeerMessage.FetchPartitionTable());
        all.put("MIGRATE_START", new PeerMessage.MigrateStart("m1", 42, N2, null));
        all.put(
                "MIGRATE_DATA",
                new PeerMessage.MigrateData(
                        42,
                        List.of(new MapStateChunk(MAP, bytes(0xde, 0xad, 1), MapType.LWW)),
                        List.of(new DeltaOp(MAP, new Key("k"), bytes(0xca, 2))),
                        7,
                        null));
        all.put("MIGRATE_READY", new PeerMessage.MigrateReady("m1", 42, N1));
        all.put("MIGRATE_FINALIZE", new PeerMessage.MigrateFinalize("m1", 42, N2));
        all.put("MIGRATE_CANCEL", new PeerMessage.MigrateCancel("m1", 42, "r"));
        all.put("SPLIT_BRAIN_PROBE", new PeerMessage.SplitBrainProbe("c", N1, 3, 10, null));
        all.put(
                "SPLIT_BRAIN_PROBE_RESPONSE",
                new PeerMessage.SplitBrainProbeResponse("c", N2, 2, 8, 1, null));
        all.put("MERGE_REQUEST", new PeerMessage.MergeRequest("c", List.of(MEMBER), 3, null));
        all.put("OP_FORWARD", new PeerMessage.OpForward(N1, 42, "x", bytes(1, 2, 0xff), null));
        return all;
    }

    private static PeerMessage rejected(@Nullable RejectCode code, @Nullable NodeId responder) {
        return new PeerMessage.JoinResponse(false, "no", code, responder, null, null, null, null);
    }

    private static Map<String, PeerMessage> complete() {
        Map<String, PeerMessage> all = new LinkedHashMap<>();
        all.put(
                "JOIN_REQUEST",
                new PeerMessage.JoinRequest(
                        N3, "h3", 0, 65_535, "c", MAX_U32, "secret", new Boot(ID, -1)));
        all.put(
                "JOIN_RESPONSE",
                new PeerMessage.JoinResponse(
                        false,
                        "no",
                        RejectCode.CLOCK_SKEW,
                        N2,
                        VIEW,
                        List.of(ASSIGNMENT),
                        "h:9090",
                        ID));
        all.put("MEMBERS_UPDATE", new PeerMessage.MembersUpdate(allStates(), AT, ID));
        all.put("LEAVE_REQUEST", new PeerMessage.LeaveRequest(N2, "restart"));
        all.put("EXPLICIT_SUSPICION", new PeerMessage.ExplicitSuspicion(N3, "r", MAX_U63));
        all.put("HEARTBEAT", new PeerMessage.Heartbeat(N1, AT, MAX_U63, List.of(N2, N3), vitals()));
        all.put(
                "HEARTBEAT_COMPLAINT",
                new PeerMessage.HeartbeatComplaint(N1, MAX_U63, N3, MAX_U63, Evidence.REFUSED));
        all.put(
                "PARTITION_TABLE_UPDATE",
                new PeerMessage.PartitionTableUpdate(
                        List.of(ASSIGNMENT),
                        MAX_U63,
                        List.of(),
                        List.of(MAX_U32),
                        List.of(new Incoming(0, N3)),
                        MAX_U32));
        all.put("MIGRATE_START", new PeerMessage.MigrateStart("m1", 42, N2, N1));
        all.put(
                "MIGRATE_DATA",
                new PeerMessage.MigrateData(
                        270,
                        List.of(new MapStateChunk(MAP, bytes(), MapType.OR)),
                        List.of(new DeltaOp(MAP, new Key(""), bytes(1))),
                        MAX_U32,
                        new ChunkPosition("m1", MAX_U32, bytes(0, 1), true)));
        all.put(
                "SPLIT_BRAIN_PROBE",
                new PeerMessage.SplitBrainProbe("c", N1, MAX_U32, MAX_U63, ID));
        all.put(
                "SPLIT_BRAIN_PROBE_RESPONSE",
                new PeerMessage.SplitBrainProbeResponse(
                        "c", N2, MAX_U32, MAX_U63, MAX_U63, new Lineage(ID, MAX_U63, MAX_U32)));
        all.put(
                "MERGE_REQUEST",
                new PeerMessage.MergeRequest("c", List.of(), MAX_U63, new Lineage(ID, 0, 0)));
        all.put("OP_FORWARD", new PeerMessage.OpForward(N1, 42, null, bytes(0xff), MAX_U63));
        return all;
    }

    private static Vitals vitals() {
        return new Vitals(
                Long.MIN_VALUE,
                true,
                new Stamp(AT, 9),
                MAX_U63,
                N1,
                List.of(new LiveStreams(270, List.of(N2, N3)), new LiveStreams(0, List.of())));
    }

    private static MembersView allStates() {
        List<MemberInfo> members = new ArrayList<>();
        for (NodeState state : NodeState.ALL) {
            var id = new NodeId("n" + (members.size() + 1));
            members.add(new MemberInfo(id, "h", 8080, 9090, state, MAX_U63));
        }
        return new MembersView(MAX_U63, members);
    }

    static Bytes bytes(int... unsigned) {
        byte[] array = new byte[unsigned.length];
        for (int i = 0; i < array.length; i++) {
            array[i] = (byte) unsigned[i];
        }
        return Bytes.of(array);
    }

    private static Map<String, byte[]> vectors(String file) {
        Map<String, byte[]> vectors = new LinkedHashMap<>();
        try (InputStream in = PeerSamples.class.getResourceAsStream("/peer/" + file)) {
            var text =
                    new String(
                            Objects.requireNonNull(in).readAllBytes(), StandardCharsets.US_ASCII);
            text.lines()
                    .map(line -> line.split(" ", 2))
                    .forEach(line -> vectors.put(line[0], HexFormat.of().parseHex(line[1])));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return vectors;
    }
}
