package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The even table that is nearest to a given one: first the owners are placed, then the backups. */
final class EvenTable {
    private final List<PartitionAssignment> rows;
    private final List<NodeId> members;
    private final Copy copy;
    private final int backups;

    /** Who has a complete copy of the row's partition. */
    @FunctionalInterface
    interface Copy {
        boolean isAt(PartitionAssignment row, NodeId node);
    }

    private EvenTable(
            List<PartitionAssignment> rows, List<NodeId> members, int backups, Copy copy) {
        this.rows = rows;
        this.members = members;
        this.backups = Math.min(backups, members.size() - 1);
        this.copy = copy;
    }

    /**
     * @param rows of which some node has a copy
     * @param members in an order that is the same on every node; one or more
     * @return the rows as they should become, in the same order
     */
    static List<PartitionAssignment> of(
            List<PartitionAssignment> rows, List<NodeId> members, int backups, Copy copy) {
        return new EvenTable(rows, members, backups, copy).placed();
    }

    private List<PartitionAssignment> placed() {
        int[] owners = owners();
        boolean[][] placed = EvenPlacement.of(backupCosts(owners), backups, members.size(), owners);
        List<PartitionAssignment> target = new ArrayList<>(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            target.add(target(rows.get(i), members.get(owners[i]), placed[i]));
        }
        return target;
    }

    /** Index of the member that is to own each row. */
    private int[] owners() {
        boolean[][] placed =
                EvenPlacement.of(ownerCosts(), 1, members.size(), new int[rows.size()]);
        int[] owners = new int[rows.size()];
        for (int i = 0; i < owners.length; i++) {
            while (!placed[i][owners[i]]) {
                owners[i]++;
            }
        }
        return owners;
    }

    /**
     * One more owner that changes weighs more than copying every partition, and one more copy more
     * than taking every owner from rows that are whole. A row that is short of copies gets one
     * anyhow, and the node that gets it may as well own it.
     */
    private int[][] ownerCosts() {
        int copied = rows.size() + 1;
        int changed = copied * copied;
        int[][] costs = new int[rows.size()][members.size()];
        for (int i = 0; i < costs.length; i++) {
            PartitionAssignment row = rows.get(i);
            boolean isWhole = isWhole(row);
            for (int m = 0; m < costs[i].length; m++) {
                NodeId member = members.get(m);
                costs[i][m] =
                        (member.equals(row.owner()) ? 0 : changed + (isWhole ? 1 : 0))
                                + (isWhole && !copy.isAt(row, member) ? copied : 0);
            }
        }
        return costs;
    }

    /** Has as many copies as it is to have. */
    private boolean isWhole(PartitionAssignment row) {
        return members.stream().filter(member -> copy.isAt(row, member)).count() > backups;
    }

    /** A copy more weighs more than taking every backup from among other nodes that have copies. */
    private int[][] backupCosts(int[] owners) {
        int copied = rows.size() * backups + 1;
        int[][] costs = new int[rows.size()][members.size()];
        for (int i = 0; i < costs.length; i++) {
            PartitionAssignment row = rows.get(i);
            for (int m = 0; m < costs[i].length; m++) {
                NodeId member = members.get(m);
                if (m == owners[i]) {
                    costs[i][m] = EvenPlacement.FORBIDDEN;
                } else if (!member.equals(row.owner()) && !row.backups().contains(member)) {
                    costs[i][m] = copy.isAt(row, member) ? 1 : copied;
                }
            }
        }
        return costs;
    }

    private PartitionAssignment target(PartitionAssignment row, NodeId owner, boolean[] placed) {
        Set<NodeId> chosen = new LinkedHashSet<>();
        for (int m = 0; m < placed.length; m++) {
            if (placed[m]) {
                chosen.add(members.get(m));
            }
        }
        return new PartitionAssignment(row.partitionId(), owner, inTheirTurn(row, chosen));
    }

    /**
     * Backups that stay keep their order, and with it their turn to take over; then come others.
     */
    static List<NodeId> inTheirTurn(PartitionAssignment row, Set<NodeId> backups) {
        Set<NodeId> ordered = new LinkedHashSet<>(row.backups());
        ordered.add(row.owner());
        ordered.retainAll(backups);
        ordered.addAll(backups);
        return List.copyOf(ordered);
    }
}
