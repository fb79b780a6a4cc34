package dev.wingman.mission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DependencyGraphTest {
    private static UUID id(int number) {
        return new UUID(0, number);
    }

    @Test
    void theWayBackIsNamedInItsOrder() {
        var graph =
                new DependencyGraph(Map.of(id(2), Set.of(id(1)), id(3), Set.of(id(2))))
                        .with(id(1), Set.of(id(3)));

        assertThat(graph.cycleThrough(id(1))).containsExactly(id(1), id(3), id(2));
        assertThat(graph.dependentsOf(id(2))).containsExactly(id(3));
    }

    @Test
    void aChainOfThousandsIsNoProblem() {
        Map<UUID, Set<UUID>> chain = new HashMap<>();
        for (int i = 1; i < 9999; i++) {
            chain.put(id(i), Set.of(id(i - 1)));
        }
        var graph = new DependencyGraph(chain);

        assertThat(graph.cycleThrough(id(9998))).isEmpty();
        assertThat(graph.with(id(0), Set.of(id(9998))).cycleThrough(id(0))).hasSize(9999);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("dev.wingman.testing.Seeds#seeds")
    void aCycleIsFoundExactlyWhenASpecReachesItself(long seed) {
        var random = new SplittableRandom(seed);
        int specs = 2 + random.nextInt(7);
        Map<UUID, Set<UUID>> edges = new HashMap<>();
        for (int i = 0; i < random.nextInt(2 * specs); i++) {
            edges.computeIfAbsent(id(random.nextInt(specs)), _ -> new HashSet<>())
                    .add(id(random.nextInt(specs)));
        }
        var graph = new DependencyGraph(edges);

        for (int i = 0; i < specs; i++) {
            List<UUID> cycle = graph.cycleThrough(id(i));

            assertThat(!cycle.isEmpty()).isEqualTo(reached(edges, id(i)).contains(id(i)));
            for (int step = 0; step < cycle.size(); step++) {
                assertThat(graph.dependenciesOf(cycle.get(step)))
                        .contains(cycle.get((step + 1) % cycle.size()));
            }
        }
    }

    /** By repeating until nothing is added: slow and plain. */
    private static Set<UUID> reached(Map<UUID, Set<UUID>> edges, UUID from) {
        Set<UUID> reached = new HashSet<>(edges.getOrDefault(from, Set.of()));
        boolean grew = true;
        while (grew) {
            grew = false;
            for (UUID each : new ArrayList<>(reached)) {
                grew |= reached.addAll(edges.getOrDefault(each, Set.of()));
            }
        }
        return reached;
    }
}
