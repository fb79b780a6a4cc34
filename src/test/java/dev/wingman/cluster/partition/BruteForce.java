package dev.wingman.cluster.partition;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/** Tries every even table. For a handful of partitions on a handful of nodes. */
final class BruteForce {
    private final List<PartitionAssignment> rows;
    private final List<NodeId> members;
    private final int backups;
    private final EvenTable.Copy copy;

    /** What the owners cost, compared in this order; a whole row has all its copies. */
    record OwnerCost(int changed, int copiedForWholeRows, int changedOfWholeRows) {
        private int[] inOrder() {
            return new int[] {changed, copiedForWholeRows, changedOfWholeRows};
        }
    }

    record Cost(OwnerCost owners, int copies) implements Comparable<Cost> {
        private static final int MOST = Integer.MAX_VALUE;
        private static final Cost WORST = new Cost(new OwnerCost(MOST, MOST, MOST), MOST);

        int ownersChanged() {
            return owners.changed;
        }

        @Override
        public int compareTo(Cost other) {
            int order = Arrays.compare(owners.inOrder(), other.owners.inOrder());
            return order != 0 ? order : Integer.compare(copies, other.copies);
        }
    }

    BruteForce(
            List<PartitionAssignment> rows,
            List<NodeId> members,
            int backups,
            EvenTable.Copy copy) {
        this.rows = rows;
        this.members = members;
        this.backups = Math.min(backups, members.size() - 1);
        this.copy = copy;
    }

    Cost cost(List<PartitionAssignment> target) {
        int changed = 0;
        int changedOfWhole = 0;
        int copiedForWhole = 0;
        int copies = 0;
        for (int i = 0; i < rows.size(); i++) {
            PartitionAssignment row = rows.get(i);
            PartitionAssignment next = target.get(i);
            int change = row.owner().equals(next.owner()) ? 0 : 1;
            int copied = copy.isAt(row, next.owner()) ? 0 : 1;
            changed += change;
            copies += copied + copiedForBackups(row, next);
            if (isWhole(row)) {
                changedOfWhole += change;
                copiedForWhole += copied;
            }
        }
        return new Cost(new OwnerCost(changed, copiedForWhole, changedOfWhole), copies);
    }

    private int copiedForBackups(PartitionAssignment row, PartitionAssignment next) {
        int copied = 0;
        for (NodeId backup : next.backups()) {
            boolean isThere = Tables.replicas(row).contains(backup) || copy.isAt(row, backup);
            copied += isThere ? 0 : 1;
        }
        return copied;
    }

    private boolean isWhole(PartitionAssignment row) {
        return members.stream().filter(member -> copy.isAt(row, member)).count() >= backups + 1;
    }

    boolean isEven(List<PartitionAssignment> target) {
        int[] owned = new int[members.size()];
        int[] backedUp = new int[members.size()];
        for (PartitionAssignment row : target) {
            owned[members.indexOf(row.owner())]++;
            row.backups().forEach(backup -> backedUp[members.indexOf(backup)]++);
        }
        return spread(owned) <= 1 && spread(backedUp) <= 1;
    }

    private static int spread(int[] counts) {
        return Arrays.stream(counts).max().orElse(0) - Arrays.stream(counts).min().orElse(0);
    }

    /** Of the cheapest owners; copies are those for them alone. */
    Cost bestOwners() {
        Cost[] best = {Cost.WORST};
        everyOwners(
                new ArrayList<>(),
                owners -> {
                    List<PartitionAssignment> target = withoutBackups(owners);
                    if (isEven(target)) {
                        best[0] = min(best[0], cost(target));
                    }
                });
        return best[0];
    }

    private List<PartitionAssignment> withoutBackups(List<NodeId> owners) {
        List<PartitionAssignment> target = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            target.add(
                    new PartitionAssignment(rows.get(i).partitionId(), owners.get(i), List.of()));
        }
        return target;
    }

    /** Over the backups, with these owners. */
    Cost bestWith(List<NodeId> owners) {
        Cost[] best = {Cost.WORST};
        everyBackups(
                withoutBackups(owners),
                0,
                target -> {
                    if (isEven(target)) {
                        best[0] = min(best[0], cost(target));
                    }
                });
        return best[0];
    }

    /** The fewest copies in all of any table with the fewest owners changed. */
    int fewestCopies() {
        int changes = bestOwners().ownersChanged();
        int[] fewest = {Integer.MAX_VALUE};
        everyOwners(
                new ArrayList<>(),
                owners -> {
                    List<PartitionAssignment> target = withoutBackups(owners);
                    if (isEven(target) && cost(target).ownersChanged() == changes) {
                        fewest[0] = Math.min(fewest[0], bestWith(owners).copies());
                    }
                });
        return fewest[0];
    }

    private static Cost min(Cost a, Cost b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    private void everyOwners(List<NodeId> chosen, Consumer<List<NodeId>> use) {
        if (chosen.size() == rows.size()) {
            use.accept(chosen);
            return;
        }
        for (NodeId member : members) {
            chosen.add(member);
            everyOwners(chosen, use);
            chosen.removeLast();
        }
    }

    private void everyBackups(
            List<PartitionAssignment> target, int at, Consumer<List<PartitionAssignment>> use) {
        if (at == target.size()) {
            use.accept(target);
            return;
        }
        PartitionAssignment row = target.get(at);
        for (int set = 0; set < 1 << members.size(); set++) {
            if (Integer.bitCount(set) == backups
                    && (set & 1 << members.indexOf(row.owner())) == 0) {
                target.set(
                        at, new PartitionAssignment(row.partitionId(), row.owner(), chosen(set)));
                everyBackups(target, at + 1, use);
            }
        }
        target.set(at, row);
    }

    private List<NodeId> chosen(int set) {
        List<NodeId> chosen = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            if ((set & 1 << i) != 0) {
                chosen.add(members.get(i));
            }
        }
        return chosen;
    }
}
