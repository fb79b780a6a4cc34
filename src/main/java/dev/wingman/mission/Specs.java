package dev.wingman.mission;

import static dev.wingman.security.RefusedException.Kind.CONFLICT;

import dev.wingman.security.RefusedException;
import dev.wingman.security.account.Caller;
import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.DatabaseException;
import dev.wingman.storage.sql.TimeOrderedIds;
import dev.wingman.storage.sql.Transaction;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What people do with the specs of their missions.
 *
 * <p>Thread-safe. Blocks on the database. A change holds the mission, so that what is decided from
 * other specs is still so at the commit.
 */
public final class Specs {
    /** Keeps the memory of a copy small: a spec may have 80 KB of text. */
    private static final int COPIED_AT_ONCE = 100;

    private final Database database;
    private final Outbox outbox;
    private final TimeOrderedIds ids;
    private final InstantSource clock;

    /** A spec and everything that it needs, directly or not. */
    public record Needs(Map<UUID, SpecStatus> nodes, List<Edge> edges) {}

    /**
     * @param from the spec that needs
     * @param to the spec that is needed
     */
    public record Edge(UUID from, UUID to) {}

    public Specs(Database database, Outbox outbox, TimeOrderedIds ids, InstantSource clock) {
        this.database = database;
        this.outbox = outbox;
        this.ids = ids;
        this.clock = clock;
    }

    public Spec create(Transaction tx, Caller caller, UUID mission, Spec.Content content) {
        Mission parent = Missions.changeable(tx, caller, mission);
        requireKnown(tx, mission, content.dependencies());
        Instant now = now();
        var spec =
                new Spec(ids.next(), mission, content, Set.of(), SpecStatus.PLANNED, 1, now, now);
        insertOrUpdate(() -> SpecTable.insert(tx, spec));
        outbox.add(tx, event(Event.Type.SPEC_CREATED, parent, spec, caller, null));
        return spec;
    }

    /**
     * Gives a mission the specs of another one, all of them planned.
     *
     * @param to in the same transaction made by the caller, still without specs
     * @return the mission with what it has now
     */
    public Mission copy(Transaction tx, Caller caller, UUID from, Mission to) {
        Map<UUID, UUID> copies = new HashMap<>();
        int number = 0;
        List<Spec> page = SpecTable.list(tx, from, null, number, COPIED_AT_ONCE);
        while (!page.isEmpty()) {
            for (Spec original : page) {
                Spec copy = copied(original, to);
                SpecTable.insert(tx, copy);
                outbox.add(tx, event(Event.Type.SPEC_CREATED, to, copy, caller, null));
                copies.put(original.id(), copy.id());
            }
            number = page.getLast().content().number();
            page = SpecTable.list(tx, from, null, number, COPIED_AT_ONCE);
        }
        DependencyGraph graph = SpecTable.graph(tx, from);
        copies.forEach((original, copy) -> {
            for (UUID needed : graph.dependenciesOf(original)) {
                SpecTable.addDependency(tx, copy, Objects.requireNonNull(copies.get(needed)));
            }
        });
        return MissionTable.find(tx, to.id()).orElseThrow();
    }

    /** Without dependencies: those that it needs may not be there yet. */
    private Spec copied(Spec original, Mission to) {
        Spec.Content content = original.content();
        var alone =
                new Spec.Content(
                        content.number(),
                        content.title(),
                        content.texts(),
                        Set.of(),
                        content.estimatedContext(),
                        content.tags());
        Instant now = now();
        return new Spec(ids.next(), to.id(), alone, Set.of(), SpecStatus.PLANNED, 1, now, now);
    }

    private static void requireKnown(Transaction tx, UUID mission, Set<UUID> dependencies) {
        if (dependencies.isEmpty()) {
            return;
        }
        Set<UUID> known = SpecTable.statuses(tx, mission).keySet();
        for (UUID dependency : dependencies) {
            if (!known.contains(dependency)) {
                throw RefusedException.invalid(
                        "dependencies", "the mission has no spec with the id " + dependency);
            }
        }
    }

    private static void insertOrUpdate(Runnable statement) {
        try {
            statement.run();
        } catch (DatabaseException e) {
            if (e.problem() == DatabaseException.Problem.DUPLICATE) {
                throw new RefusedException(
                        CONFLICT, "number_taken", "the mission has a spec with this number");
            }
            throw e;
        }
    }

    public Spec get(Caller caller, UUID id) {
        return database.read(tx -> visible(tx, caller, id));
    }

    private static Spec visible(Transaction tx, Caller caller, UUID id) {
        Spec spec = SpecTable.find(tx, id).orElseThrow(() -> RefusedException.absent("spec"));
        if (MissionTable.find(tx, spec.missionId())
                .filter(mission -> caller.maySee(mission.ownerId()))
                .isEmpty()) {
            throw RefusedException.absent("spec");
        }
        return spec;
    }

    /** A spec that is held for a change, and its mission. */
    private record Held(Mission mission, Spec spec) {}

    private static Held held(Transaction tx, Caller caller, UUID id) {
        Spec seen = visible(tx, caller, id);
        Mission mission = Missions.changeable(tx, caller, seen.missionId());
        // Read again: until the mission was held, somebody else may have changed it.
        Spec spec = SpecTable.find(tx, id).orElseThrow(() -> RefusedException.absent("spec"));
        return new Held(mission, spec);
    }

    /**
     * @param status null for all
     */
    public List<Spec> list(
            Caller caller, UUID mission, @Nullable SpecStatus status, int afterNumber, int limit) {
        return database.read(tx -> {
            Missions.visible(tx, caller, mission);
            return SpecTable.list(tx, mission, status, afterNumber, limit);
        });
    }

    /** Those with the text, whatever its case, among those that the caller may see. */
    public List<Spec> search(Caller caller, String text, @Nullable UUID after, int limit) {
        UUID owner = caller.seesAll() ? null : caller.id();
        return database.read(tx -> SpecTable.search(tx, owner, text, after, limit));
    }

    /**
     * @param expectedVersion null for any
     */
    public Spec replace(
            Caller caller, UUID id, @Nullable Long expectedVersion, Spec.Content content) {
        return database.write(tx -> {
            Held held = held(tx, caller, id);
            Spec before = held.spec();
            Missions.requireVersion(before.version(), expectedVersion);
            requireKnown(tx, before.missionId(), content.dependencies());
            requireNoCycle(tx, before, content.dependencies());
            Spec after = changed(before, content, before.status());
            insertOrUpdate(() -> SpecTable.update(tx, after));
            outbox.add(tx, event(Event.Type.SPEC_UPDATED, held.mission(), after, caller, null));
            return after;
        });
    }

    private static void requireNoCycle(Transaction tx, Spec spec, Set<UUID> dependencies) {
        List<UUID> cycle =
                SpecTable.graph(tx, spec.missionId())
                        .with(spec.id(), dependencies)
                        .cycleThrough(spec.id());
        if (!cycle.isEmpty()) {
            throw new RefusedException(
                    CONFLICT,
                    "dependency_cycle",
                    "the spec would depend on itself",
                    Map.of("cycle", texts(cycle)));
        }
    }

    /**
     * @param expectedVersion null for any
     */
    public void delete(
            Caller caller, UUID id, @Nullable Long expectedVersion, Missions.Deletion audit) {
        database.write(tx -> {
            Held held = held(tx, caller, id);
            Spec spec = held.spec();
            Missions.requireVersion(spec.version(), expectedVersion);
            if (!spec.dependents().isEmpty()) {
                throw new RefusedException(
                        CONFLICT,
                        "spec_needed",
                        "other specs depend on it",
                        Map.of("dependents", texts(spec.dependents())));
            }
            SpecTable.delete(tx, id);
            outbox.add(tx, event(Event.Type.SPEC_DELETED, held.mission(), spec, caller, null));
            audit.recorded(tx);
            return id;
        });
    }

    /**
     * @param expectedVersion null for any
     * @param notes null for none
     */
    public Spec changeStatus(
            Caller caller,
            UUID id,
            @Nullable Long expectedVersion,
            SpecStatus status,
            @Nullable String notes) {
        return database.write(tx -> {
            Held held = held(tx, caller, id);
            Spec before = held.spec();
            Missions.requireVersion(before.version(), expectedVersion);
            if (before.status() == status) {
                return before;
            }
            requirePossible(tx, before, status);
            Spec after = changed(before, before.content(), status);
            SpecTable.update(tx, after);
            SpecTable.addHistory(
                    tx,
                    id,
                    new Spec.Transition(
                            ids.next(), before.status(), status, notes, caller.id(), now()));
            Event.Type type = Event.Type.SPEC_STATUS_CHANGED;
            outbox.add(tx, event(type, held.mission(), after, caller, before.status()));
            if (status == SpecStatus.COMPLETED) {
                outbox.add(tx, progress(held.mission(), caller));
            }
            return after;
        });
    }

    private static void requirePossible(Transaction tx, Spec spec, SpecStatus status) {
        if (!spec.status().next().contains(status)) {
            List<String> allowed =
                    spec.status().next().stream().map(SpecStatus::text).sorted().toList();
            throw new RefusedException(
                    CONFLICT,
                    "invalid_transition",
                    "a spec that is %s cannot become %s; it can become: %s"
                            .formatted(
                                    spec.status().text(),
                                    status.text(),
                                    allowed.isEmpty() ? "nothing" : String.join(", ", allowed)),
                    Map.of("allowed", allowed));
        }
        if (status == SpecStatus.IN_PROGRESS) {
            Map<UUID, SpecStatus> statuses = SpecTable.statuses(tx, spec.missionId());
            List<UUID> unfinished =
                    spec.content().dependencies().stream()
                            .filter(needed -> statuses.get(needed) != SpecStatus.COMPLETED)
                            .toList();
            if (!unfinished.isEmpty()) {
                throw new RefusedException(
                        CONFLICT,
                        "dependencies_unfinished",
                        "specs that it depends on are not completed",
                        Map.of("dependencies", texts(unfinished)));
            }
        }
    }

    private static List<String> texts(Iterable<UUID> specs) {
        List<String> texts = new ArrayList<>();
        specs.forEach(spec -> texts.add(spec.toString()));
        return texts;
    }

    /** Oldest first. */
    public List<Spec.Transition> history(Caller caller, UUID id, @Nullable UUID after, int limit) {
        return database.read(tx -> {
            visible(tx, caller, id);
            return SpecTable.history(tx, id, after, limit);
        });
    }

    /** What stands in the way of the spec; empty when nothing does. */
    public List<SpecFinding> findings(Caller caller, UUID id) {
        return database.read(tx -> {
            Spec spec = visible(tx, caller, id);
            Map<UUID, SpecStatus> statuses = SpecTable.statuses(tx, spec.missionId());
            return SpecFinding.of(spec, statuses);
        });
    }

    public Needs dependencies(Caller caller, UUID id) {
        return database.read(tx -> {
            Spec spec = visible(tx, caller, id);
            DependencyGraph graph = SpecTable.graph(tx, spec.missionId());
            Map<UUID, SpecStatus> statuses = SpecTable.statuses(tx, spec.missionId());
            Map<UUID, SpecStatus> nodes = new LinkedHashMap<>();
            List<Edge> edges = new ArrayList<>();
            Deque<UUID> unvisited = new ArrayDeque<>(List.of(id));
            nodes.put(id, spec.status());
            while (!unvisited.isEmpty()) {
                UUID next = unvisited.remove();
                for (UUID needed : graph.dependenciesOf(next)) {
                    edges.add(new Edge(next, needed));
                    SpecStatus status = statuses.get(needed);
                    if (status != null && nodes.put(needed, status) == null) {
                        unvisited.add(needed);
                    }
                }
            }
            return new Needs(nodes, edges);
        });
    }

    private Spec changed(Spec before, Spec.Content content, SpecStatus status) {
        return new Spec(
                before.id(),
                before.missionId(),
                content,
                before.dependents(),
                status,
                before.version() + 1,
                before.createdAt(),
                now());
    }

    private Event event(
            Event.Type type,
            Mission mission,
            Spec spec,
            Caller caller,
            @Nullable SpecStatus before) {
        return new Event(
                0,
                type,
                now(),
                mission.ownerId(),
                mission.id(),
                spec.id(),
                before == null ? null : before.text(),
                before == null ? null : spec.status().text(),
                spec.version(),
                caller.id());
    }

    private Event progress(Mission mission, Caller caller) {
        return new Event(
                0,
                Event.Type.MISSION_PROGRESS,
                now(),
                mission.ownerId(),
                mission.id(),
                null,
                null,
                null,
                mission.version(),
                caller.id());
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
