package dev.wingman.mission;

import dev.wingman.storage.sql.Row;
import dev.wingman.storage.sql.Transaction;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The rows of missions. Thread-safe. */
final class MissionTable {
    private static final String SELECT =
            """
            SELECT m.*,
              (SELECT count(*) FROM specs s WHERE s.mission_id = m.id) AS total_specs,
              (SELECT count(*) FROM specs s
               WHERE s.mission_id = m.id AND s.status = 'completed') AS completed_specs,
              (SELECT count(*) FROM specs s
               WHERE s.mission_id = m.id AND s.status = 'in_progress') AS in_progress_specs
            FROM missions m
            """;

    private MissionTable() {}

    static void insert(Transaction tx, Mission mission) {
        Mission.Content content = mission.content();
        tx.update(
                """
                INSERT INTO missions (id, owner_id, title, description, status, tags, metadata,
                                      search, version, created_at, updated_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                mission.id(),
                mission.ownerId(),
                content.title(),
                content.description(),
                mission.state().status().text(),
                Tags.stored(content.tags()),
                content.metadata(),
                search(content),
                mission.version(),
                mission.createdAt(),
                mission.updatedAt());
    }

    static void update(Transaction tx, Mission mission) {
        Mission.Content content = mission.content();
        tx.update(
                """
                UPDATE missions SET title = ?, description = ?, status = ?, tags = ?, metadata = ?,
                  search = ?, version = ?, updated_at = ?, started_at = ?, ended_at = ?
                WHERE id = ?
                """,
                content.title(),
                content.description(),
                mission.state().status().text(),
                Tags.stored(content.tags()),
                content.metadata(),
                search(content),
                mission.version(),
                mission.updatedAt(),
                mission.state().startedAt(),
                mission.state().endedAt(),
                mission.id());
    }

    static void delete(Transaction tx, UUID id) {
        tx.update("DELETE FROM missions WHERE id = ?", id);
    }

    static Optional<Mission> find(Transaction tx, UUID id) {
        return tx.first(MissionTable::mission, SELECT + "WHERE m.id = ?", id);
    }

    /** Nobody else changes the mission or its specs before the transaction ends. */
    static Optional<Mission> lock(Transaction tx, UUID id) {
        var held =
                tx.first(
                        row -> row.id("id"),
                        "SELECT id FROM missions WHERE id = ?" + tx.dialect().forUpdate(),
                        id);
        return held.flatMap(_ -> find(tx, id));
    }

    static List<Mission> list(Transaction tx, MissionQuery query) {
        List<String> conditions = new ArrayList<>();
        List<@Nullable Object> parameters = new ArrayList<>();
        if (query.owner() != null) {
            conditions.add("m.owner_id = ?");
            parameters.add(query.owner());
        }
        if (query.status() != null) {
            conditions.add("m.status = ?");
            parameters.add(query.status().text());
        }
        if (query.tag() != null) {
            conditions.add(tx.dialect().contains("m.tags"));
            parameters.add(Tags.stored(List.of(query.tag())));
        }
        if (query.text() != null) {
            conditions.add(tx.dialect().contains("m.search"));
            parameters.add(query.text().toLowerCase(Locale.ROOT));
        }
        MissionQuery.Order order = query.order();
        if (query.after() != null) {
            conditions.add(
                    "(%s, m.id) %s (?, ?)"
                            .formatted(order.column(), order.isDescending() ? "<" : ">"));
            parameters.add(order.value(query.after()));
            parameters.add(query.after().id());
        }
        parameters.add(query.limit());
        String where = conditions.isEmpty() ? "" : "WHERE " + String.join(" AND ", conditions);
        String direction = order.isDescending() ? "DESC" : "ASC";
        return tx.list(
                MissionTable::mission,
                SELECT
                        + where
                        + " ORDER BY %s %s, m.id %s LIMIT ?"
                                .formatted(order.column(), direction, direction),
                parameters.toArray());
    }

    private static String search(Mission.Content content) {
        return (content.title() + "\n" + content.description()).toLowerCase(Locale.ROOT);
    }

    private static Mission mission(Row row) throws SQLException {
        return new Mission(
                row.id("id"),
                row.id("owner_id"),
                new Mission.Content(
                        row.text("title"),
                        row.text("description"),
                        Tags.of(row.text("tags")),
                        row.textOrNull("metadata")),
                MissionState.of(
                        MissionStatus.of(row.text("status")),
                        row.timeOrNull("started_at"),
                        row.timeOrNull("ended_at")),
                new Mission.Stats(
                        row.number("total_specs"),
                        row.number("completed_specs"),
                        row.number("in_progress_specs")),
                row.number("version"),
                row.time("created_at"),
                row.time("updated_at"));
    }
}
