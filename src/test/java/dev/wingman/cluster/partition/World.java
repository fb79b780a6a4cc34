package dev.wingman.cluster.partition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * A cluster whose nodes come, go, crash and return, with a master that plans. What must hold is
 * checked at every change of the table. Sets of nodes are bits, so that a world is cheap to copy:
 * histories branch.
 */
final class World {
    static final int PARTITIONS = 5;

    private static final List<NodeId> NODES = Tables.nodes("a,b,c,d,e");
    private static final int ALL = (1 << NODES.size()) - 1;

    /** The sets of nodes, by their bits. */
    private static final List<Set<NodeId>> SETS = sets();

    private final MinimalMovePlanner planner;
    private ClusterPartitionTable table;

    /** Nodes whose process runs, and those of them that are to leave. */
    private int up;

    private int leaving;

    /** Nodes whose next start is with an empty disk. */
    private int wiped;

    /** By partition: nodes with a copy on their disk, and those whose copy has everything. */
    private final int[] disks;

    private final int[] fresh;

    private final List<ReplicaFill> running;

    World(MinimalMovePlanner planner, int formed) {
        this.planner = planner;
        up = formed;
        disks = new int[PARTITIONS];
        fresh = new int[PARTITIONS];
        running = new ArrayList<>();
        StringBuilder names = new StringBuilder();
        for (NodeId node : SETS.get(formed)) {
            names.append(names.isEmpty() ? "" : ",").append(node);
        }
        table = Tables.formed(names.toString(), PARTITIONS, planner.backupCount());
        for (PartitionAssignment row : table.assignments()) {
            disks[row.partitionId()] = bits(Tables.replicas(row));
            fresh[row.partitionId()] = disks[row.partitionId()];
        }
    }

    private World(World other) {
        planner = other.planner;
        table = other.table;
        up = other.up;
        leaving = other.leaving;
        wiped = other.wiped;
        disks = other.disks.clone();
        fresh = other.fresh.clone();
        running = new ArrayList<>(other.running);
    }

    World copy() {
        return new World(this);
    }

    private static List<Set<NodeId>> sets() {
        List<Set<NodeId>> sets = new ArrayList<>();
        for (int bits = 0; bits <= ALL; bits++) {
            List<NodeId> nodes = new ArrayList<>();
            for (int i = 0; i < NODES.size(); i++) {
                if ((bits & 1 << i) != 0) {
                    nodes.add(NODES.get(i));
                }
            }
            sets.add(Set.copyOf(nodes));
        }
        return sets;
    }

    private static int bit(NodeId node) {
        return 1 << NODES.indexOf(node);
    }

    private static int bits(Collection<NodeId> nodes) {
        int bits = 0;
        for (NodeId node : nodes) {
            bits |= bit(node);
        }
        return bits;
    }

    /** Something happens to one of the nodes, or to a fill; then the master looks at it. */
    void step(SplittableRandom random) {
        int node = 1 << random.nextInt(NODES.size());
        switch (random.nextInt(8)) {
            case 0, 1 -> crash(node);
            case 2 -> loseDisk(node);
            case 3, 4 -> start(node);
            case 5 -> leaving |= node & up;
            default -> {
                catchUp();
                finish(random);
            }
        }
        failover();
        if (random.nextInt(4) > 0) {
            plan();
        }
    }

    private void crash(int node) {
        up &= ~node;
        leaving &= ~node;
        for (int partition = 0; partition < PARTITIONS; partition++) {
            boolean isElsewhere = (fresh[partition] & up) != 0;
            fresh[partition] &= isElsewhere ? ~node : ALL;
        }
    }

    private void loseDisk(int node) {
        crash(node);
        for (int partition = 0; partition < PARTITIONS; partition++) {
            disks[partition] &= ~node;
            fresh[partition] &= ~node;
        }
        wiped |= node;
    }

    private void start(int node) {
        if ((wiped & node) != 0) {
            NodeId other = NODES.get(Integer.numberOfTrailingZeros(node));
            commit(planner.withdrawal(table, holders(), other));
            wiped &= ~node;
            assignEmpty(node);
        }
        up |= node;
        leaving &= ~node;
    }

    /** What nobody else is named for is lost, and begins anew. */
    private void assignEmpty(int node) {
        for (PartitionAssignment row : table.assignments()) {
            if (bits(Tables.replicas(row)) == node) {
                disks[row.partitionId()] = node;
                fresh[row.partitionId()] = node;
            }
        }
    }

    /** Streams bring everything to every replica that runs, when somebody who runs has it. */
    private void catchUp() {
        for (PartitionAssignment row : table.assignments()) {
            int partition = row.partitionId();
            int replicas = bits(Tables.replicas(row)) & up & disks[partition];
            boolean ownerRuns = (bit(row.owner()) & up) != 0;
            fresh[partition] |= ownerRuns || (fresh[partition] & up) != 0 ? replicas : 0;
        }
    }

    private void finish(SplittableRandom random) {
        running.removeIf(fill -> !isPossible(fill));
        if (!running.isEmpty()) {
            finish(running.remove(random.nextInt(running.size())));
        }
    }

    private boolean isPossible(ReplicaFill fill) {
        int ends = bit(fill.source()) | bit(fill.destination());
        return (ends & up) == ends;
    }

    private void finish(ReplicaFill fill) {
        disks[fill.partitionId()] |= bit(fill.destination());
        fresh[fill.partitionId()] |= bit(fill.destination());
        if (table.partition(fill.partitionId()).orElseThrow().version() == fill.epoch()) {
            commit(List.of(fill.row()));
        }
    }

    private int members() {
        return up & ~leaving;
    }

    private Holders holders() {
        List<Set<NodeId>> copies = new ArrayList<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            copies.add(SETS.get(fresh[partition] & up));
        }
        return new Holders(SETS.get(members()), copies);
    }

    private void failover() {
        commit(planner.failover(table, holders()));
        for (PartitionAssignment row : table.assignments()) {
            int withCopy = bits(row.backups()) & usable(row.partitionId());
            int owner = bit(row.owner()) & up & disks[row.partitionId()];
            assertThat(owner != 0 || withCopy == 0).as("owner of %s has a copy", row).isTrue();
        }
    }

    /** Nodes whose copy can be worked with: whoever leaves while behind is not waited for. */
    private int usable(int partition) {
        return disks[partition] & (members() | (up & fresh[partition]));
    }

    private boolean plan() {
        RebalancePlan plan = planner.next(table, SETS.get(members()), holders(), running);
        running.removeAll(plan.voided());
        commit(plan.rows());
        for (ReplicaFill fill : plan.fills()) {
            assertThat(bit(fill.source()) & up & disks[fill.partitionId()]).isNotZero();
            assertThat(bit(fill.destination()) & members()).isNotZero();
            assertThat(running).noneMatch(other -> other.partitionId() == fill.partitionId());
            running.add(fill);
        }
        for (NodeId node : NODES) {
            assertThat(running.stream().filter(fill -> takesPart(fill, node)).count())
                    .isLessThanOrEqualTo(planner.maxParallelMigrations());
        }
        return !plan.isEmpty();
    }

    /** Into the table; what it drops is deleted where somebody else has everything. */
    private void commit(List<PartitionAssignment> rows) {
        for (PartitionAssignment row : rows) {
            checkNothingIsDropped(row);
        }
        if (!rows.isEmpty()) {
            table = table.withAssignments(rows);
        }
        for (PartitionAssignment row : rows) {
            int partition = row.partitionId();
            int replicas = bits(Tables.replicas(row));
            int owner = bit(row.owner()) & up;
            fresh[partition] = (fresh[partition] | (owner & disks[partition])) & (replicas | ~up);
            if ((fresh[partition] & replicas & up) != 0) {
                disks[partition] &= replicas | ~up;
                fresh[partition] &= up;
            }
        }
    }

    private void checkNothingIsDropped(PartitionAssignment row) {
        int partition = row.partitionId();
        int before = bits(Tables.replicas(current(partition))) & usable(partition);
        int after = bits(Tables.replicas(row)) & usable(partition);
        int wanted = Math.min(1 + planner.backupCount(), Integer.bitCount(members()));
        assertThat(Integer.bitCount(after))
                .as("copies of %s", row)
                .isGreaterThanOrEqualTo(Math.min(Integer.bitCount(before), wanted));
        boolean ownerHasIt = (bit(row.owner()) & disks[partition]) != 0;
        assertThat(ownerHasIt || before == 0).as("the owner in %s has a copy", row).isTrue();
        if ((before & fresh[partition]) != 0) {
            boolean keepsAll = (after & fresh[partition]) != 0;
            assertThat(keepsAll).as("%s keeps a copy with everything", row).isTrue();
        }
    }

    private PartitionAssignment current(int partition) {
        return table.partition(partition).orElseThrow().assignment();
    }

    /** Nothing happens any more but what was planned. */
    void settle() {
        for (int round = 0; settleOnce(); round++) {
            assertThat(round).as("rounds until nothing is left").isLessThan(100);
        }
        checkQuiet();
    }

    private boolean settleOnce() {
        failover();
        catchUp();
        boolean changed = plan();
        for (ReplicaFill fill : List.copyOf(running)) {
            running.remove(fill);
            finish(fill);
            changed = true;
        }
        return changed;
    }

    private void checkQuiet() {
        List<NodeId> members = List.copyOf(SETS.get(members()));
        if (members.isEmpty()) {
            return;
        }
        int[] owned = new int[NODES.size()];
        int[] backedUp = new int[NODES.size()];
        for (PartitionAssignment row : table.assignments()) {
            int replicas = bits(Tables.replicas(row));
            if ((replicas & usable(row.partitionId())) == 0) {
                continue; // lost until a disk comes back
            }
            assertThat(replicas & ~(members() & fresh[row.partitionId()])).as("%s", row).isZero();
            assertThat(row.backups()).hasSize(Math.min(planner.backupCount(), members.size() - 1));
            owned[NODES.indexOf(row.owner())]++;
            row.backups().forEach(backup -> backedUp[NODES.indexOf(backup)]++);
        }
        assertThat(unevenness(owned, members)).isLessThanOrEqualTo(1);
        assertThat(unevenness(backedUp, members)).isLessThanOrEqualTo(1);
    }

    private static int unevenness(int[] counts, List<NodeId> members) {
        int least = Integer.MAX_VALUE;
        int most = 0;
        for (NodeId member : members) {
            int count = counts[NODES.indexOf(member)];
            least = Math.min(least, count);
            most = Math.max(most, count);
        }
        return most - least;
    }

    private static boolean takesPart(ReplicaFill fill, NodeId node) {
        return fill.source().equals(node) || fill.destination().equals(node);
    }
}
