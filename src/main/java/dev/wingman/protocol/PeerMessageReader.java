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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Reads one message between nodes (cluster protocol B 3.1 to 3.3); its fields come in any order.
 */
final class PeerMessageReader {
    private static final List<RejectCode> REJECT_CODES = List.of(RejectCode.values());
    private static final List<Evidence> EVIDENCE = List.of(Evidence.values());
    private static final List<MapType> MAP_TYPES = List.of(MapType.values());

    private final WireReader in;

    /** A table names the same few nodes hundreds of times: each is checked and made once. */
    private final Map<String, NodeId> nodes = new HashMap<>();

    private PeerMessageReader(WireReader in) {
        this.in = in;
    }

    /** Empty for a type that is not known. */
    static Optional<PeerMessage> read(WireReader in) throws IOException {
        var reader = new PeerMessageReader(in);
        try {
            return PeerFields.read(in, fields -> Optional.ofNullable(reader.message(fields)));
        } catch (IllegalArgumentException e) { // of a node id, a UUID, an assignment
            throw PeerFields.broken(String.valueOf(e.getMessage()));
        }
    }

    private @Nullable PeerMessage message(PeerFields fields) throws IOException {
        return switch (fields.text("type")) {
            case "JOIN_REQUEST" -> joinRequest(fields);
            case "JOIN_RESPONSE" -> joinResponse(fields);
            case "MEMBERS_UPDATE" ->
                    new PeerMessage.MembersUpdate(
                            fields.map("view", this::view),
                            fields.u64("clusterTimeMs"),
                            fields.optionalUuid("incarnation"));
            case "LEAVE_REQUEST" ->
                    new PeerMessage.LeaveRequest(
                            node(fields, "nodeId"), fields.optionalText("reason"));
            case "HEARTBEAT" -> heartbeat(fields);
            case "HEARTBEAT_COMPLAINT" -> complaint(fields);
            case "EXPLICIT_SUSPICION" ->
                    new PeerMessage.ExplicitSuspicion(
                            node(fields, "suspectId"),
                            fields.text("reason"),
                            fields.u64("masterViewVersion"));
            case "PARTITION_TABLE_UPDATE" -> tableUpdate(fields);
            case "FETCH_PARTITION_TABLE" -> new PeerMessage.FetchPartitionTable();
            case "MIGRATE_START" ->
                    new PeerMessage.MigrateStart(
                            fields.text("migrationId"),
                            fields.partition("partitionId"),
                            node(fields, "destinationNodeId"),
                            optionalNode(fields, "sourceNodeId"));
            case "MIGRATE_DATA" -> migrateData(fields);
            case "MIGRATE_READY" ->
                    new PeerMessage.MigrateReady(
                            fields.text("migrationId"),
                            fields.partition("partitionId"),
                            node(fields, "sourceNodeId"));
            case "MIGRATE_FINALIZE" ->
                    new PeerMessage.MigrateFinalize(
                            fields.text("migrationId"),
                            fields.partition("partitionId"),
                            node(fields, "newOwner"));
            case "MIGRATE_CANCEL" ->
                    new PeerMessage.MigrateCancel(
                            fields.text("migrationId"),
                            fields.partition("partitionId"),
                            fields.text("reason"));
            case "SPLIT_BRAIN_PROBE" -> probe(fields);
            case "SPLIT_BRAIN_PROBE_RESPONSE" -> probeResponse(fields);
            case "MERGE_REQUEST" ->
                    new PeerMessage.MergeRequest(
                            fields.text("sourceClusterId"),
                            fields.list("sourceMembers", this::nextMember),
                            fields.u64("sourceViewVersion"),
                            lineage(fields));
            case "OP_FORWARD" -> opForward(fields);
            default -> null;
        };
    }

    private PeerMessage joinRequest(PeerFields fields) throws IOException {
        UUID diskId = fields.optionalUuid("diskId");
        return new PeerMessage.JoinRequest(
                node(fields, "nodeId"),
                fields.text("host"),
                fields.port("clientPort"),
                fields.port("clusterPort"),
                fields.text("clusterId"),
                fields.u32("protocolVersion"),
                fields.optionalText("authToken"),
                diskId == null ? null : new Boot(diskId, fields.bits("bootId")));
    }

    private PeerMessage joinResponse(PeerFields fields) throws IOException {
        return new PeerMessage.JoinResponse(
                fields.flag("accepted"),
                fields.optionalText("rejectReason"),
                fields.has("rejectCode")
                        ? fields.oneOf(REJECT_CODES, RejectCode::name, "rejectCode")
                        : null,
                optionalNode(fields, "responderNodeId"),
                fields.has("membersView") ? fields.map("membersView", this::view) : null,
                fields.has("partitionAssignments")
                        ? fields.list("partitionAssignments", this::nextAssignment)
                        : null,
                fields.optionalText("masterAddress"),
                fields.optionalUuid("incarnation"));
    }

    private PeerMessage heartbeat(PeerFields fields) throws IOException {
        return new PeerMessage.Heartbeat(
                node(fields, "senderId"),
                fields.u64("timestampMs"),
                fields.u64("membersViewVersion"),
                fields.list("suspectedNodes", this::nextNode),
                fields.has("bootId") ? vitals(fields) : null);
    }

    private Vitals vitals(PeerFields fields) throws IOException {
        List<Long> hlc = fields.list("hlc", this::nextOfHlc);
        if (hlc.size() != 2) {
            throw PeerFields.broken("hlc is [millis, counter]");
        }
        return new Vitals(
                fields.bits("bootId"),
                fields.flag("ready"),
                new Stamp(hlc.getFirst(), hlc.getLast()),
                fields.u64("term"),
                optionalNode(fields, "master"),
                fields.optionalList("live", this::nextLiveStreams));
    }

    private PeerMessage complaint(PeerFields fields) throws IOException {
        return new PeerMessage.HeartbeatComplaint(
                node(fields, "complainerId"),
                fields.u64("complainerViewVersion"),
                node(fields, "suspectId"),
                fields.u64("suspectViewVersion"),
                fields.has("evidence") ? fields.oneOf(EVIDENCE, Evidence::text, "evidence") : null);
    }

    private PeerMessage tableUpdate(PeerFields fields) throws IOException {
        return new PeerMessage.PartitionTableUpdate(
                fields.list("assignments", this::nextAssignment),
                fields.u64("version"),
                fields.list("completedMigrations", this::nextText),
                fields.optionalList("epochs", this::nextEpoch),
                fields.optionalList("incoming", this::nextIncoming),
                fields.has("clientVersion") ? fields.u32("clientVersion") : null);
    }

    private PeerMessage migrateData(PeerFields fields) throws IOException {
        return new PeerMessage.MigrateData(
                fields.partition("partitionId"),
                fields.list("mapStates", this::nextChunk),
                fields.list("deltaOps", this::nextDeltaOp),
                fields.u32("sourceVersion"),
                fields.has("migrationId") ? position(fields) : null);
    }

    private static ChunkPosition position(PeerFields fields) throws IOException {
        return new ChunkPosition(
                fields.text("migrationId"),
                fields.u32("chunk"),
                fields.bytes("lastKey"),
                fields.flag("last"));
    }

    private PeerMessage probe(PeerFields fields) throws IOException {
        return new PeerMessage.SplitBrainProbe(
                fields.text("senderClusterId"),
                node(fields, "senderMasterId"),
                fields.u32("senderMemberCount"),
                fields.u64("senderViewVersion"),
                fields.optionalUuid("incarnation"));
    }

    private PeerMessage probeResponse(PeerFields fields) throws IOException {
        return new PeerMessage.SplitBrainProbeResponse(
                fields.text("responderClusterId"),
                node(fields, "responderMasterId"),
                fields.u32("responderMemberCount"),
                fields.u64("responderViewVersion"),
                fields.u64("responderMasterJoinVersion"),
                lineage(fields));
    }

    private static @Nullable Lineage lineage(PeerFields fields) throws IOException {
        UUID incarnation = fields.optionalUuid("incarnation");
        return incarnation == null
                ? null
                : new Lineage(incarnation, fields.u64("lastToken"), fields.u32("clientVersion"));
    }

    private PeerMessage opForward(PeerFields fields) throws IOException {
        return new PeerMessage.OpForward(
                node(fields, "sourceNodeId"),
                fields.partition("targetPartitionId"),
                fields.optionalText("clientId"),
                fields.bytes("payload"),
                fields.has("requestId") ? fields.u64("requestId") : null);
    }

    private MembersView view(PeerFields fields) throws IOException {
        return new MembersView(fields.u64("version"), fields.list("members", this::nextMember));
    }

    private MemberInfo nextMember() throws IOException {
        return PeerFields.read(in, this::member);
    }

    private MemberInfo member(PeerFields fields) throws IOException {
        return new MemberInfo(
                node(fields, "nodeId"),
                fields.text("host"),
                fields.port("clientPort"),
                fields.port("clusterPort"),
                fields.oneOf(NodeState.ALL, NodeState::text, "state"),
                fields.u64("joinVersion"));
    }

    private PartitionAssignment nextAssignment() throws IOException {
        return PeerFields.read(in, this::assignment);
    }

    private PartitionAssignment assignment(PeerFields fields) throws IOException {
        return new PartitionAssignment(
                fields.partition("partitionId"),
                node(fields, "owner"),
                fields.list("backups", this::nextNode));
    }

    private MapStateChunk nextChunk() throws IOException {
        return PeerFields.read(in, PeerMessageReader::chunk);
    }

    private static MapStateChunk chunk(PeerFields fields) throws IOException {
        return new MapStateChunk(
                new MapName(fields.text("mapName")),
                fields.bytes("data"),
                fields.oneOf(MAP_TYPES, MapType::text, "mapType"));
    }

    private DeltaOp nextDeltaOp() throws IOException {
        return PeerFields.read(in, PeerMessageReader::deltaOp);
    }

    private static DeltaOp deltaOp(PeerFields fields) throws IOException {
        return new DeltaOp(
                new MapName(fields.text("mapName")),
                new Key(fields.text("key")),
                fields.bytes("entry"));
    }

    /** {@code [partition, node]}. */
    private Incoming nextIncoming() throws IOException {
        if (in.arraySize() != 2) {
            throw PeerFields.broken("incoming is pairs of a partition and a node");
        }
        return new Incoming(nextPartition(), nextNode());
    }

    /** {@code [partition, node...]}. */
    private LiveStreams nextLiveStreams() throws IOException {
        int size = in.arraySize();
        if (size == 0) {
            throw PeerFields.broken("live streams begin with their partition");
        }
        int partition = nextPartition();
        List<NodeId> backups = new ArrayList<>();
        for (int left = size - 1; left > 0; left--) {
            backups.add(nextNode());
        }
        return new LiveStreams(partition, backups);
    }

    private int nextPartition() throws IOException {
        return (int) PeerFields.atMost(Partitions.COUNT - 1, in, "a partition");
    }

    private long nextEpoch() throws IOException {
        return PeerFields.atMost(PeerFields.MAX_U32, in, "an epoch");
    }

    private long nextOfHlc() throws IOException {
        return PeerFields.atMost(Long.MAX_VALUE, in, "hlc");
    }

    private String nextText() throws IOException {
        String text = in.text();
        if (text == null) {
            throw PeerFields.broken("a list of names has nothing but text in it");
        }
        return text;
    }

    private NodeId nextNode() throws IOException {
        return nodes.computeIfAbsent(nextText(), NodeId::new);
    }

    private NodeId node(PeerFields fields, String field) throws IOException {
        return nodes.computeIfAbsent(fields.text(field), NodeId::new);
    }

    private @Nullable NodeId optionalNode(PeerFields fields, String field) throws IOException {
        return fields.has(field) ? node(fields, field) : null;
    }
}
