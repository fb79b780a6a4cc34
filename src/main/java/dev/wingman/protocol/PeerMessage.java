package dev.wingman.protocol;

import dev.wingman.crdt.Stamp;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What nodes of a cluster say to each other (cluster protocol B 3 and A 8): membership, heartbeats,
 * the partition table, migrations, split brain, forwarded operations.
 *
 * <p>Versions, counts and times are 0 or more; times are those of the sender's wall clock, since
 * the Unix epoch. A component that is null or, where its comment says so, empty is left out on the
 * wire; one that stands for several fields there has all of them or none.
 */
public sealed interface PeerMessage {
    /** A frame between nodes is at most this long; larger ones close the link with 1009. */
    int MAX_FRAME_BYTES = 1 << 20;

    /** Asks a member to be taken in. */
    record JoinRequest(
            NodeId nodeId,
            String host,
            int clientPort,
            int clusterPort,
            String clusterId,
            long protocolVersion,
            @Nullable String authToken,
            @Nullable Boot boot)
            implements PeerMessage {
        /** Without the token. */
        @Override
        public String toString() {
            return "JoinRequest[%s, %s:%d/%d, cluster %s, protocol %d]"
                    .formatted(nodeId, host, clientPort, clusterPort, clusterId, protocolVersion);
        }
    }

    /**
     * Which process on which disk.
     *
     * @param bootId all 64 bits are random
     */
    record Boot(UUID diskId, long bootId) {}

    /**
     * @param masterAddress where to ask instead, {@code host:clusterPort}
     */
    record JoinResponse(
            boolean accepted,
            @Nullable String rejectReason,
            @Nullable RejectCode rejectCode,
            @Nullable NodeId responderNodeId,
            @Nullable MembersView membersView,
            @Nullable List<PartitionAssignment> partitionAssignments,
            @Nullable String masterAddress,
            @Nullable UUID incarnation)
            implements PeerMessage {
        public JoinResponse {
            partitionAssignments =
                    partitionAssignments == null ? null : List.copyOf(partitionAssignments);
        }
    }

    /** Why a node is not taken in; the names are those of the wire. */
    enum RejectCode {
        /** No master is known, or another node is it. Also when no code is given. */
        NOT_MASTER_YET,
        AUTH_FAILED,
        PROTOCOL_VERSION_MISMATCH,
        WRONG_CLUSTER_ID,
        CLUSTER_FULL,
        DUPLICATE_NODE_ID,
        CLUSTER_FROZEN,
        CLOCK_SKEW
    }

    record MembersUpdate(MembersView view, long clusterTimeMillis, @Nullable UUID incarnation)
            implements PeerMessage {}

    record LeaveRequest(NodeId nodeId, @Nullable String reason) implements PeerMessage {}

    record Heartbeat(
            NodeId senderId,
            long timestampMillis,
            long membersViewVersion,
            List<NodeId> suspectedNodes,
            @Nullable Vitals vitals)
            implements PeerMessage {
        public Heartbeat {
            suspectedNodes = List.copyOf(suspectedNodes);
        }
    }

    /**
     * How the sender of a heartbeat is doing.
     *
     * @param bootId all 64 bits are random
     * @param ready whether it has caught up and may own partitions
     * @param term of Raft
     * @param master null while it knows none
     * @param live what has changed since its last heartbeat; may be empty
     */
    record Vitals(
            long bootId,
            boolean ready,
            Stamp hlc,
            long term,
            @Nullable NodeId master,
            List<LiveStreams> live) {
        public Vitals {
            live = List.copyOf(live);
        }
    }

    /** The backups that keep up with the owner of a partition. */
    record LiveStreams(int partitionId, List<NodeId> backups) {
        public LiveStreams {
            backups = List.copyOf(backups);
        }
    }

    record HeartbeatComplaint(
            NodeId complainerId,
            long complainerViewVersion,
            NodeId suspectId,
            long suspectViewVersion,
            @Nullable Evidence evidence)
            implements PeerMessage {}

    /** What makes a node suspicious. */
    enum Evidence {
        /** Its port refuses: the process is gone. */
        REFUSED,
        SILENCE;

        private final String text = name().toLowerCase(Locale.ROOT);

        /** As it stands on the wire and in metric tags. */
        public String text() {
            return text;
        }
    }

    record ExplicitSuspicion(NodeId suspectId, String reason, long masterViewVersion)
            implements PeerMessage {}

    /**
     * @param completedMigrations their ids, so that a repeated message is recognised
     * @param epochs of the assignments, in their order; may be empty
     * @param incoming where partitions are being copied to; may be empty
     * @param clientVersion of the map that clients see
     */
    record PartitionTableUpdate(
            List<PartitionAssignment> assignments,
            long version,
            List<String> completedMigrations,
            List<Long> epochs,
            List<Incoming> incoming,
            @Nullable Long clientVersion)
            implements PeerMessage {
        public PartitionTableUpdate {
            assignments = List.copyOf(assignments);
            completedMigrations = List.copyOf(completedMigrations);
            epochs = List.copyOf(epochs);
            incoming = List.copyOf(incoming);
            if (!epochs.isEmpty() && epochs.size() != assignments.size()) {
                throw new IllegalArgumentException(
                        assignments.size() + " assignments have " + epochs.size() + " epochs");
            }
        }
    }

    /** The node that a running migration fills. */
    record Incoming(int partitionId, NodeId node) {}

    record FetchPartitionTable() implements PeerMessage {}

    record MigrateStart(
            String migrationId,
            int partitionId,
            NodeId destinationNodeId,
            @Nullable NodeId sourceNodeId)
            implements PeerMessage {}

    record MigrateData(
            int partitionId,
            List<MapStateChunk> mapStates,
            List<DeltaOp> deltaOps,
            long sourceVersion,
            @Nullable ChunkPosition position)
            implements PeerMessage {
        public MigrateData {
            mapStates = List.copyOf(mapStates);
            deltaOps = List.copyOf(deltaOps);
        }
    }

    /** Part of a map's state. */
    record MapStateChunk(MapName mapName, Bytes data, MapType mapType) {}

    /** One change of a map, with its stamp. */
    record DeltaOp(MapName mapName, Key key, Bytes entry) {}

    /**
     * Where a chunk belongs in a migration.
     *
     * @param chunk counted from 0
     * @param lastKey of the scan, from where it can be resumed
     */
    record ChunkPosition(String migrationId, long chunk, Bytes lastKey, boolean last) {}

    record MigrateReady(String migrationId, int partitionId, NodeId sourceNodeId)
            implements PeerMessage {}

    record MigrateFinalize(String migrationId, int partitionId, NodeId newOwner)
            implements PeerMessage {}

    record MigrateCancel(String migrationId, int partitionId, String reason)
            implements PeerMessage {}

    /**
     * @param senderMemberCount active members
     */
    record SplitBrainProbe(
            String senderClusterId,
            NodeId senderMasterId,
            long senderMemberCount,
            long senderViewVersion,
            @Nullable UUID incarnation)
            implements PeerMessage {}

    /**
     * @param responderMemberCount active members
     */
    record SplitBrainProbeResponse(
            String responderClusterId,
            NodeId responderMasterId,
            long responderMemberCount,
            long responderViewVersion,
            long responderMasterJoinVersion,
            @Nullable Lineage lineage)
            implements PeerMessage {}

    record MergeRequest(
            String sourceClusterId,
            List<MemberInfo> sourceMembers,
            long sourceViewVersion,
            @Nullable Lineage lineage)
            implements PeerMessage {
        public MergeRequest {
            sourceMembers = List.copyOf(sourceMembers);
        }
    }

    /**
     * What a cluster that takes another in has to surpass.
     *
     * @param lastToken the largest lock token given out
     * @param clientVersion of the map that clients see
     */
    record Lineage(UUID incarnation, long lastToken, long clientVersion) {}

    /**
     * @param payload a client's message
     * @param requestId by which the answer is recognised
     */
    record OpForward(
            NodeId sourceNodeId,
            int targetPartitionId,
            @Nullable String clientId,
            Bytes payload,
            @Nullable Long requestId)
            implements PeerMessage {}
}
