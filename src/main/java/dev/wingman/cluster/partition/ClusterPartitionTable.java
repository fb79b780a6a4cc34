package dev.wingman.cluster.partition;

import dev.wingman.protocol.MemberInfo;
import dev.wingman.protocol.MembersView;
import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;
import dev.wingman.protocol.Partitions;
import dev.wingman.protocol.ServerMessage.NodeInfo;
import dev.wingman.protocol.ServerMessage.PartitionInfo;
import dev.wingman.protocol.ServerMessage.PartitionMap;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who holds each partition, at one version. Immutable: a change is another table, so that nobody
 * ever sees half of one.
 */
public final class ClusterPartitionTable {
    /** Nobody holds anything yet. */
    public static final ClusterPartitionTable EMPTY = empty(Partitions.COUNT);

    private static final long LOW_32_BITS = 0xffff_ffffL;

    private final long version;

    /** By id; null for a partition that was never assigned. Not written after construction. */
    private final @Nullable PartitionMeta[] rows;

    private ClusterPartitionTable(long version, @Nullable PartitionMeta[] rows) {
        this.version = version;
        this.rows = rows;
    }

    static ClusterPartitionTable empty(int partitionCount) {
        return new ClusterPartitionTable(0, new PartitionMeta[partitionCount]);
    }

    public long version() {
        return version;
    }

    public int partitionCount() {
        return rows.length;
    }

    /** Empty for a partition that was never assigned. */
    public Optional<PartitionMeta> partition(int partition) {
        return Optional.ofNullable(rows[partition]);
    }

    /** In the order of their ids, without those never assigned. */
    public Stream<PartitionMeta> partitions() {
        return Arrays.stream(rows).filter(Objects::nonNull);
    }

    public List<PartitionAssignment> assignments() {
        return partitions().map(PartitionMeta::assignment).toList();
    }

    /** Ids of those it owns, in order. */
    public List<Integer> partitionsForNode(NodeId owner) {
        return partitions()
                .filter(row -> row.owner().equals(owner))
                .map(PartitionMeta::partitionId)
                .toList();
    }

    /** The same table when the partition was never assigned. */
    public ClusterPartitionTable withState(int partition, PartitionState state) {
        PartitionMeta row = rows[partition];
        if (row == null) {
            return this;
        }
        @Nullable PartitionMeta[] next = rows.clone();
        next[partition] = row.withState(state);
        return new ClusterPartitionTable(version, next);
    }

    public ClusterPartitionTable withVersion(long next) {
        return new ClusterPartitionTable(next, rows);
    }

    /**
     * With other owners and backups, all at once and at the next version. The state of a partition
     * stays as it is; one that was never assigned becomes active.
     */
    public ClusterPartitionTable withAssignments(List<PartitionAssignment> assignments) {
        @Nullable PartitionMeta[] next = rows.clone();
        for (PartitionAssignment assignment : assignments) {
            PartitionMeta row = next[assignment.partitionId()];
            next[assignment.partitionId()] =
                    row == null
                            ? new PartitionMeta(assignment, PartitionState.ACTIVE, 0)
                            : row.withAssignment(assignment);
        }
        return new ClusterPartitionTable(version + 1, next);
    }

    /**
     * What clients are told.
     *
     * @param generatedAtMillis since the Unix epoch
     */
    public PartitionMap toPartitionMap(MembersView view, long generatedAtMillis) {
        return new PartitionMap(
                version & LOW_32_BITS,
                partitionCount(),
                view.members().stream().map(ClusterPartitionTable::nodeInfo).toList(),
                partitions()
                        .map(row ->
                                new PartitionInfo(row.partitionId(), row.owner(), row.backups()))
                        .toList(),
                generatedAtMillis);
    }

    private static NodeInfo nodeInfo(MemberInfo member) {
        String websocket = "ws://" + member.host() + ":" + member.clientPort();
        return new NodeInfo(member.nodeId(), websocket, null, member.state().status());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ClusterPartitionTable table
                && version == table.version
                && Arrays.equals(rows, table.rows);
    }

    @Override
    public int hashCode() {
        return 31 * Long.hashCode(version) + Arrays.hashCode(rows);
    }

    @Override
    public String toString() {
        return "ClusterPartitionTable[version %d, %d of %d partitions]"
                .formatted(version, partitions().count(), rows.length);
    }
}
