package dev.wingman.mission;

import dev.wingman.storage.sql.Row;
import dev.wingman.storage.sql.Transaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The rows of specs, their dependencies and their history. Thread-safe. */
final class SpecTable {
    private static final String INSERT =
            """
            INSERT INTO specs (id, mission_id, number, title, description, acceptance_criteria,
              implementation_details, testing_requirements, estimated_context, tags, status,
              search, version, created_at, updated_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """;

    private static final String UPDATE =
            """
            UPDATE specs SET number = ?, title = ?, description = ?, acceptance_criteria = ?,
              implementation_details = ?, testing_requirements = ?, estimated_context = ?,
              tags = ?, status = ?, search = ?, version = ?, updated_at = ?
            WHERE id = ?
            """;

    private SpecTable() {}

    static void insert(Transaction tx, Spec spec) {
        Spec.Content content = spec.content();
        tx.update(
                INSERT,
                spec.id(),
                spec.missionId(),
                content.number(),
                content.title(),
                content.texts().description(),
                content.texts().acceptanceCriteria(),
                content.texts().implementationDetails(),
                content.texts().testingRequirements(),
                content.estimatedContext(),
                Tags.stored(content.tags()),
                spec.status().text(),
                search(content),
                spec.version(),
                spec.createdAt(),
                spec.updatedAt());
        insertDependencies(tx, spec);
    }

    static void update(Transaction tx, Spec spec) {
        Spec.Content content = spec.content();
        tx.update(
                UPDATE,
                content.number(),
                content.title(),
                content.texts().description(),
                content.texts().acceptanceCriteria(),
                content.texts().implementationDetails(),
                content.texts().testingRequirements(),
                content.estimatedContext(),
                Tags.stored(content.tags()),
                spec.status().text(),
                search(content),
                spec.version(),
                spec.updatedAt(),
                spec.id());
        tx.update("DELETE FROM spec_dependencies WHERE spec_id = ?", spec.id());
        insertDependencies(tx, spec);
    }

    private static void insertDependencies(Transaction tx, Spec spec) {
        for (UUID dependency : spec.content().dependencies()) {
            addDependency(tx, spec.id(), dependency);
        }
    }

    static void addDependency(Transaction tx, UUID spec, UUID dependency) {
        tx.update(
                "INSERT INTO spec_dependencies (spec_id, dependency_id) VALUES (?, ?)",
                spec,
                dependency);
    }

    static void delete(Transaction tx, UUID id) {
        tx.update("DELETE FROM specs WHERE id = ?", id);
    }

    static Optional<Spec> find(Transaction tx, UUID id) {
        return tx.first(row -> spec(tx, row), "SELECT * FROM specs WHERE id = ?", id);
    }

    /**
     * Of a mission, in the order of their numbers.
     *
     * @param status null for all
     */
    static List<Spec> list(
            Transaction tx, UUID mission, @Nullable SpecStatus status, int afterNumber, int limit) {
        return tx.list(
                row -> spec(tx, row),
                """
                SELECT * FROM specs WHERE mission_id = ? AND number > ? AND status LIKE ?
                ORDER BY number LIMIT ?
                """,
                mission,
                afterNumber,
                status == null ? "%" : status.text(),
                limit);
    }

    /**
     * In any mission that the owner has, in the order of their making.
     *
     * @param owner null for everybody's
     * @param after null for the first page
     */
    static List<Spec> search(
            Transaction tx, @Nullable UUID owner, String text, @Nullable UUID after, int limit) {
        List<@Nullable Object> parameters = new ArrayList<>();
        String condition = tx.dialect().contains("s.search");
        parameters.add(text.toLowerCase(Locale.ROOT));
        if (owner != null) {
            condition += " AND m.owner_id = ?";
            parameters.add(owner);
        }
        if (after != null) {
            condition += " AND s.id > ?";
            parameters.add(after);
        }
        parameters.add(limit);
        return tx.list(
                row -> spec(tx, row),
                "SELECT s.* FROM specs s JOIN missions m ON m.id = s.mission_id WHERE "
                        + condition
                        + " ORDER BY s.id LIMIT ?",
                parameters.toArray());
    }

    /** The status of each spec of the mission. */
    static Map<UUID, SpecStatus> statuses(Transaction tx, UUID mission) {
        Map<UUID, SpecStatus> statuses = new HashMap<>();
        tx.list(
                row -> statuses.put(row.id("id"), SpecStatus.of(row.text("status"))),
                "SELECT id, status FROM specs WHERE mission_id = ? ORDER BY number",
                mission);
        return statuses;
    }

    static DependencyGraph graph(Transaction tx, UUID mission) {
        Map<UUID, Set<UUID>> dependencies = new HashMap<>();
        tx.list(
                row ->
                        dependencies
                                .computeIfAbsent(row.id("spec_id"), _ -> new LinkedHashSet<>())
                                .add(row.id("dependency_id")),
                """
                SELECT d.spec_id, d.dependency_id FROM spec_dependencies d
                JOIN specs s ON s.id = d.spec_id WHERE s.mission_id = ?
                """,
                mission);
        return new DependencyGraph(dependencies);
    }

    static void addHistory(Transaction tx, UUID spec, Spec.Transition step) {
        tx.update(
                """
                INSERT INTO spec_history (id, spec_id, from_status, to_status, notes, actor_id, at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """,
                step.id(),
                spec,
                step.from().text(),
                step.to().text(),
                step.notes(),
                step.actorId(),
                step.at());
    }

    /** Oldest first. */
    static List<Spec.Transition> history(
            Transaction tx, UUID spec, @Nullable UUID after, int limit) {
        return tx.list(
                row ->
                        new Spec.Transition(
                                row.id("id"),
                                SpecStatus.of(row.text("from_status")),
                                SpecStatus.of(row.text("to_status")),
                                row.textOrNull("notes"),
                                row.id("actor_id"),
                                row.time("at")),
                "SELECT * FROM spec_history WHERE spec_id = ? AND id > ? ORDER BY id LIMIT ?",
                spec,
                after == null ? new UUID(0, 0) : after,
                limit);
    }

    private static String search(Spec.Content content) {
        Spec.Texts texts = content.texts();
        return String.join(
                        "\n",
                        content.title(),
                        texts.description(),
                        texts.acceptanceCriteria(),
                        texts.implementationDetails(),
                        texts.testingRequirements())
                .toLowerCase(Locale.ROOT);
    }

    private static Spec spec(Transaction tx, Row row) throws SQLException {
        UUID id = row.id("id");
        Long estimate = row.numberOrNull("estimated_context");
        return new Spec(
                id,
                row.id("mission_id"),
                new Spec.Content(
                        (int) row.number("number"),
                        row.text("title"),
                        new Spec.Texts(
                                row.text("description"),
                                row.text("acceptance_criteria"),
                                row.text("implementation_details"),
                                row.text("testing_requirements")),
                        ids(
                                tx,
                                "SELECT dependency_id AS other FROM spec_dependencies"
                                        + " WHERE spec_id = ? ORDER BY dependency_id",
                                id),
                        estimate == null ? null : estimate.intValue(),
                        Tags.of(row.text("tags"))),
                ids(
                        tx,
                        "SELECT spec_id AS other FROM spec_dependencies"
                                + " WHERE dependency_id = ? ORDER BY spec_id",
                        id),
                SpecStatus.of(row.text("status")),
                row.number("version"),
                row.time("created_at"),
                row.time("updated_at"));
    }

    private static Set<UUID> ids(Transaction tx, String sql, UUID spec) {
        return new LinkedHashSet<>(tx.list(row -> row.id("other"), sql, spec));
    }
}
