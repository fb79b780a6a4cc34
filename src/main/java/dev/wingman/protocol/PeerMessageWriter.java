package dev.wingman.protocol;

import dev.wingman.crdt.Stamp;
import dev.wingman.protocol.PeerMessage.Boot;
import dev.wingman.protocol.PeerMessage.ChunkPosition;
import dev.wingman.protocol.PeerMessage.DeltaOp;
import dev.wingman.protocol.PeerMessage.Incoming;
import dev.wingman.protocol.PeerMessage.Lineage;
import dev.wingman.protocol.PeerMessage.LiveStreams;
import dev.wingman.protocol.PeerMessage.MapStateChunk;
import dev.wingman.protocol.PeerMessage.Vitals;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes messages between nodes (cluster protocol B 3.1): flat, fields in the order given there.
 */
final class PeerMessageWriter {
    private final WireWriter out;

    PeerMessageWriter(WireWriter out) {
        this.out = out;
    }

    void write(PeerMessage message) throws IOException {
        switch (message) { // no default: a new message must fail to compile here
            case PeerMessage.JoinRequest request -> joinRequest(request);
            case PeerMessage.JoinResponse response -> joinResponse(response);
            case PeerMessage.MembersUpdate update -> membersUpdate(update);
            case PeerMessage.LeaveRequest(NodeId node, String reason) -> {
                out.flat("LEAVE_REQUEST", 1 + WireWriter.count(reason));
                out.text("nodeId", node.value());
                out.optional("reason", reason);
            }
            case PeerMessage.Heartbeat heartbeat -> heartbeat(heartbeat);
            case PeerMessage.HeartbeatComplaint complaint -> complaint(complaint);
            case PeerMessage.ExplicitSuspicion(NodeId suspect, String reason, long version) -> {
                out.flat("EXPLICIT_SUSPICION", 3);
                out.text("suspectId", suspect.value());
                out.text("reason", reason);
                out.whole("masterViewVersion", version);
            }
            case PeerMessage.PartitionTableUpdate update -> tableUpdate(update);
            case PeerMessage.FetchPartitionTable() -> out.flat("FETCH_PARTITION_TABLE", 0);
            case PeerMessage.MigrateStart start -> migrateStart(start);
            case PeerMessage.MigrateData data -> migrateData(data);
            case PeerMessage.MigrateReady(String id, int partition, NodeId source) -> {
                migration("MIGRATE_READY", 3, id, partition);
                out.text("sourceNodeId", source.value());
            }
            case PeerMessage.MigrateFinalize(String id, int partition, NodeId owner) -> {
                migration("MIGRATE_FINALIZE", 3, id, partition);
                out.text("newOwner", owner.value());
            }
            case PeerMessage.MigrateCancel(String id, int partition, String reason) -> {
                migration("MIGRATE_CANCEL", 3, id, partition);
                out.text("reason", reason);
            }
            case PeerMessage.SplitBrainProbe probe -> probe(probe);
            case PeerMessage.SplitBrainProbeResponse response -> probeResponse(response);
            case PeerMessage.MergeRequest request -> mergeRequest(request);
            case PeerMessage.OpForward forward -> opForward(forward);
        }
    }

    private void joinRequest(PeerMessage.JoinRequest request) throws IOException {
        Boot boot = request.boot();
        out.flat(
                "JOIN_REQUEST", 6 + WireWriter.count(request.authToken()) + (boot == null ? 0 : 2));
        out.text("nodeId", request.nodeId().value());
        out.text("host", request.host());
        out.whole("clientPort", request.clientPort());
        out.whole("clusterPort", request.clusterPort());
        out.text("clusterId", request.clusterId());
        out.whole("protocolVersion", request.protocolVersion());
        out.optional("authToken", request.authToken());
        if (boot != null) {
            out.text("diskId", boot.diskId().toString());
            out.bits("bootId", boot.bootId());
        }
    }

    private void joinResponse(PeerMessage.JoinResponse response) throws IOException {
        out.flat(
                "JOIN_RESPONSE",
                1
                        + WireWriter.count(
                                response.rejectReason(),
                                response.rejectCode(),
                                response.responderNodeId(),
                                response.membersView(),
                                response.partitionAssignments(),
                                response.masterAddress(),
                                response.incarnation()));
        out.flag("accepted", response.accepted());
        out.optional("rejectReason", response.rejectReason());
        if (response.rejectCode() != null) {
            out.text("rejectCode", response.rejectCode().name());
        }
        optional("responderNodeId", response.responderNodeId());
        if (response.membersView() != null) {
            view("membersView", response.membersView());
        }
        if (response.partitionAssignments() != null) {
            assignments("partitionAssignments", response.partitionAssignments());
        }
        out.optional("masterAddress", response.masterAddress());
        optional("incarnation", response.incarnation());
    }

    private void membersUpdate(PeerMessage.MembersUpdate update) throws IOException {
        out.flat("MEMBERS_UPDATE", 2 + WireWriter.count(update.incarnation()));
        view("view", update.view());
        out.whole("clusterTimeMs", update.clusterTimeMillis());
        optional("incarnation", update.incarnation());
    }

    private void heartbeat(PeerMessage.Heartbeat heartbeat) throws IOException {
        Vitals vitals = heartbeat.vitals();
        out.flat("HEARTBEAT", 4 + (vitals == null ? 0 : count(vitals)));
        out.text("senderId", heartbeat.senderId().value());
        out.whole("timestampMs", heartbeat.timestampMillis());
        out.whole("membersViewVersion", heartbeat.membersViewVersion());
        out.array("suspectedNodes", heartbeat.suspectedNodes().size());
        nodes(heartbeat.suspectedNodes());
        if (vitals != null) {
            vitals(vitals);
        }
    }

    private static int count(Vitals vitals) {
        return 4 + WireWriter.count(vitals.master()) + one(vitals.live());
    }

    private void vitals(Vitals vitals) throws IOException {
        out.bits("bootId", vitals.bootId());
        out.flag("ready", vitals.ready());
        Stamp hlc = vitals.hlc();
        out.array("hlc", 2);
        out.number(hlc.millis());
        out.number(hlc.counter());
        out.whole("term", vitals.term());
        optional("master", vitals.master());
        if (!vitals.live().isEmpty()) {
            out.array("live", vitals.live().size());
            for (LiveStreams streams : vitals.live()) {
                out.array(1 + streams.backups().size());
                out.number(streams.partitionId());
                nodes(streams.backups());
            }
        }
    }

    private void complaint(PeerMessage.HeartbeatComplaint complaint) throws IOException {
        out.flat("HEARTBEAT_COMPLAINT", 4 + WireWriter.count(complaint.evidence()));
        out.text("complainerId", complaint.complainerId().value());
        out.whole("complainerViewVersion", complaint.complainerViewVersion());
        out.text("suspectId", complaint.suspectId().value());
        out.whole("suspectViewVersion", complaint.suspectViewVersion());
        if (complaint.evidence() != null) {
            out.text("evidence", complaint.evidence().text());
        }
    }

    private void tableUpdate(PeerMessage.PartitionTableUpdate update) throws IOException {
        out.flat(
                "PARTITION_TABLE_UPDATE",
                3
                        + one(update.epochs())
                        + one(update.incoming())
                        + WireWriter.count(update.clientVersion()));
        assignments("assignments", update.assignments());
        out.whole("version", update.version());
        out.array("completedMigrations", update.completedMigrations().size());
        for (String migration : update.completedMigrations()) {
            out.text(migration);
        }
        if (!update.epochs().isEmpty()) {
            out.array("epochs", update.epochs().size());
            for (long epoch : update.epochs()) {
                out.number(epoch);
            }
        }
        if (!update.incoming().isEmpty()) {
            out.array("incoming", update.incoming().size());
            for (Incoming incoming : update.incoming()) {
                out.array(2);
                out.number(incoming.partitionId());
                out.text(incoming.node().value());
            }
        }
        if (update.clientVersion() != null) {
            out.whole("clientVersion", update.clientVersion());
        }
    }

    private void migration(String type, int fields, String id, int partition) throws IOException {
        out.flat(type, fields);
        out.text("migrationId", id);
        out.whole("partitionId", partition);
    }

    private void migrateStart(PeerMessage.MigrateStart start) throws IOException {
        migration(
                "MIGRATE_START",
                3 + WireWriter.count(start.sourceNodeId()),
                start.migrationId(),
                start.partitionId());
        out.text("destinationNodeId", start.destinationNodeId().value());
        optional("sourceNodeId", start.sourceNodeId());
    }

    private void migrateData(PeerMessage.MigrateData data) throws IOException {
        ChunkPosition position = data.position();
        out.flat("MIGRATE_DATA", position == null ? 4 : 8);
        out.whole("partitionId", data.partitionId());
        out.array("mapStates", data.mapStates().size());
        for (MapStateChunk chunk : data.mapStates()) {
            out.map(3);
            out.text("mapName", chunk.mapName().value());
            out.bytes("data", chunk.data());
            out.text("mapType", chunk.mapType().text());
        }
        out.array("deltaOps", data.deltaOps().size());
        for (DeltaOp op : data.deltaOps()) {
            out.map(3);
            out.text("mapName", op.mapName().value());
            out.text("key", op.key().value());
            out.bytes("entry", op.entry());
        }
        out.whole("sourceVersion", data.sourceVersion());
        if (position != null) {
            out.text("migrationId", position.migrationId());
            out.whole("chunk", position.chunk());
            out.bytes("lastKey", position.lastKey());
            out.flag("last", position.last());
        }
    }

    private void probe(PeerMessage.SplitBrainProbe probe) throws IOException {
        out.flat("SPLIT_BRAIN_PROBE", 4 + WireWriter.count(probe.incarnation()));
        out.text("senderClusterId", probe.senderClusterId());
        out.text("senderMasterId", probe.senderMasterId().value());
        out.whole("senderMemberCount", probe.senderMemberCount());
        out.whole("senderViewVersion", probe.senderViewVersion());
        optional("incarnation", probe.incarnation());
    }

    private void probeResponse(PeerMessage.SplitBrainProbeResponse response) throws IOException {
        out.flat("SPLIT_BRAIN_PROBE_RESPONSE", 5 + count(response.lineage()));
        out.text("responderClusterId", response.responderClusterId());
        out.text("responderMasterId", response.responderMasterId().value());
        out.whole("responderMemberCount", response.responderMemberCount());
        out.whole("responderViewVersion", response.responderViewVersion());
        out.whole("responderMasterJoinVersion", response.responderMasterJoinVersion());
        optional(response.lineage());
    }

    private void mergeRequest(PeerMessage.MergeRequest request) throws IOException {
        out.flat("MERGE_REQUEST", 3 + count(request.lineage()));
        out.text("sourceClusterId", request.sourceClusterId());
        members("sourceMembers", request.sourceMembers());
        out.whole("sourceViewVersion", request.sourceViewVersion());
        optional(request.lineage());
    }

    private static int count(@Nullable Lineage lineage) {
        return lineage == null ? 0 : 3;
    }

    private void optional(@Nullable Lineage lineage) throws IOException {
        if (lineage != null) {
            out.text("incarnation", lineage.incarnation().toString());
            out.whole("lastToken", lineage.lastToken());
            out.whole("clientVersion", lineage.clientVersion());
        }
    }

    private void opForward(PeerMessage.OpForward forward) throws IOException {
        out.flat("OP_FORWARD", 3 + WireWriter.count(forward.clientId(), forward.requestId()));
        out.text("sourceNodeId", forward.sourceNodeId().value());
        out.whole("targetPartitionId", forward.targetPartitionId());
        out.optional("clientId", forward.clientId());
        out.bytes("payload", forward.payload());
        if (forward.requestId() != null) {
            out.whole("requestId", forward.requestId());
        }
    }

    private void view(String field, MembersView view) throws IOException {
        out.map(field, 2);
        out.whole("version", view.version());
        members("members", view.members());
    }

    private void members(String field, List<MemberInfo> members) throws IOException {
        out.array(field, members.size());
        for (MemberInfo member : members) {
            out.map(6);
            out.text("nodeId", member.nodeId().value());
            out.text("host", member.host());
            out.whole("clientPort", member.clientPort());
            out.whole("clusterPort", member.clusterPort());
            out.text("state", member.state().text());
            out.whole("joinVersion", member.joinVersion());
        }
    }

    private void assignments(String field, List<PartitionAssignment> assignments)
            throws IOException {
        out.array(field, assignments.size());
        for (PartitionAssignment assignment : assignments) {
            out.map(3);
            out.whole("partitionId", assignment.partitionId());
            out.text("owner", assignment.owner().value());
            out.array("backups", assignment.backups().size());
            nodes(assignment.backups());
        }
    }

    private void nodes(List<NodeId> nodes) throws IOException {
        for (NodeId node : nodes) {
            out.text(node.value());
        }
    }

    /** Node ids and UUIDs are their text. */
    private void optional(String field, @Nullable Object id) throws IOException {
        out.optional(field, id == null ? null : id.toString());
    }

    private static int one(List<?> items) {
        return items.isEmpty() ? 0 : 1;
    }
}
