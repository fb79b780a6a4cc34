package dev.wingman.cluster.partition;

import static dev.wingman.cluster.partition.Tables.nodes;
import static dev.wingman.cluster.partition.Tables.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wingman.protocol.NodeId;
import dev.wingman.protocol.PartitionAssignment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The nearest even table, against every even table there is. */
class EvenTableTest {
    private static final List<NodeId> ALL = nodes("a,b,c,d");

    private record Case(
            List<PartitionAssignment> rows,
            List<Set<NodeId>> copies,
            List<NodeId> members,
            int backups) {
        boolean hasCopy(PartitionAssignment row, NodeId node) {
            return copies.get(row.partitionId()).contains(node);
        }

        BruteForce bruteForce() {
            return new BruteForce(rows, members, backups, this::hasCopy);
        }

        List<PartitionAssignment> target() {
            return EvenTable.of(rows, members, backups, this::hasCopy);
        }
    }

    /** Any table, however uneven, with surplus copies, lagging backups and members that are new. */
    private static Case random(SplittableRandom random) {
        List<PartitionAssignment> rows = new ArrayList<>();
        List<Set<NodeId>> copies = new ArrayList<>();
        for (int partition = random.nextInt(5); partition >= 0; partition--) {
            List<NodeId> replicas = some(random, random.nextInt(1, 4));
            rows.add(
                    new PartitionAssignment(
                            rows.size(),
                            replicas.getFirst(),
                            replicas.subList(1, replicas.size())));
            Set<NodeId> holders = new HashSet<>(replicas);
            holders.removeIf(_ -> random.nextInt(4) == 0);
            holders.add(replicas.getFirst());
            holders.addAll(some(random, random.nextInt(2)));
            copies.add(holders);
        }
        List<NodeId> members = new ArrayList<>(some(random, random.nextInt(1, 5)));
        members.sort((one, other) -> one.value().compareTo(other.value()));
        return new Case(rows, copies, members, random.nextInt(3));
    }

    private static List<NodeId> some(SplittableRandom random, int count) {
        List<NodeId> left = new ArrayList<>(ALL);
        List<NodeId> some = new ArrayList<>();
        while (some.size() < count) {
            some.add(left.remove(random.nextInt(left.size())));
        }
        return some;
    }

    private static List<String> nearest(String copies, String... rows) {
        List<Set<NodeId>> holders =
                Stream.of(copies.split(" ", -1)).map(names -> Set.copyOf(nodes(names))).toList();
        List<PartitionAssignment> table =
                IntStream.range(0, rows.length).mapToObj(i -> row(i, rows[i])).toList();
        return new Case(table, holders, nodes("a,b,c"), 1)
                .target().stream().map(Tables::text).toList();
    }

    /** By way of b, which has a copy, it would be two owners and no copy for their sake. */
    @Test
    void oneOwnerLessThatChangesIsWorthACopy() {
        assertThat(nearest("a,b a,b b", "a[b]", "a[b]", "b[]"))
                .containsExactly("c[a]", "a[b]", "b[c]");
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void isEvenAndTheNearestThereIs(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < 10; i++) {
            Case each = random(random);
            BruteForce all = each.bruteForce();
            List<PartitionAssignment> target = each.target();
            List<NodeId> owners = target.stream().map(PartitionAssignment::owner).toList();
            BruteForce.Cost cost = all.cost(target);
            BruteForce.Cost best = all.bestOwners();

            assertThat(all.isEven(target)).as("%s%n%s", each, target).isTrue();
            assertThat(cost.owners()).as("%s", each).isEqualTo(best.owners());
            assertThat(cost).as("%s%n%s", each, target).isEqualTo(all.bestWith(owners));
            // Owners are placed before backups, which now and then costs a copy or two.
            assertThat(cost.copies()).as("%s", each).isLessThanOrEqualTo(all.fewestCopies() + 2);
        }
    }
}
