package dev.wingman.mission;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** Which specs of a mission need which others to be completed first. Immutable. */
public final class DependencyGraph {
    private final Map<UUID, Set<UUID>> dependencies;

    /** One spec and how far along its path the search has come. */
    private record Step(UUID spec, Iterator<UUID> unvisited) {}

    /**
     * @param dependencies by the spec that has them
     */
    public DependencyGraph(Map<UUID, Set<UUID>> dependencies) {
        Map<UUID, Set<UUID>> copy = new HashMap<>();
        dependencies.forEach((spec, each) ->
                copy.put(spec, Collections.unmodifiableSet(new LinkedHashSet<>(each))));
        this.dependencies = copy;
    }

    public Set<UUID> dependenciesOf(UUID spec) {
        return dependencies.getOrDefault(spec, Set.of());
    }

    public Set<UUID> dependentsOf(UUID spec) {
        Set<UUID> dependents = new LinkedHashSet<>();
        dependencies.forEach((other, needed) -> {
            if (needed.contains(spec)) {
                dependents.add(other);
            }
        });
        return dependents;
    }

    /** The same graph, but for what this spec needs. */
    public DependencyGraph with(UUID spec, Set<UUID> needed) {
        Map<UUID, Set<UUID>> changed = new HashMap<>(dependencies);
        changed.put(spec, needed);
        return new DependencyGraph(changed);
    }

    /**
     * A way from the spec along dependencies back to it, or an empty list. Depth first and without
     * recursion: a chain may have thousands of specs.
     */
    public List<UUID> cycleThrough(UUID spec) {
        Set<UUID> seen = new HashSet<>();
        Deque<Step> path = new ArrayDeque<>();
        path.add(new Step(spec, dependenciesOf(spec).iterator()));
        while (!path.isEmpty()) {
            Iterator<UUID> unvisited = path.getLast().unvisited();
            if (!unvisited.hasNext()) {
                path.removeLast();
                continue;
            }
            UUID next = unvisited.next();
            if (next.equals(spec)) {
                return path.stream().map(Step::spec).toList();
            }
            if (seen.add(next)) {
                path.add(new Step(next, dependenciesOf(next).iterator()));
            }
        }
        return List.of();
    }
}
