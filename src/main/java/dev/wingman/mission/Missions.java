package dev.wingman.mission;

import static dev.wingman.security.RefusedException.Kind.CONFLICT;
import static dev.wingman.security.RefusedException.Kind.FORBIDDEN;

import dev.wingman.security.RefusedException;
import dev.wingman.security.account.Caller;
import dev.wingman.storage.sql.Database;
import dev.wingman.storage.sql.TimeOrderedIds;
import dev.wingman.storage.sql.Transaction;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What people do with missions. Whoever may not see one is told that it is not there.
 *
 * <p>Thread-safe. Blocks on the database.
 */
public final class Missions {
    private final Database database;
    private final Outbox outbox;
    private final TimeOrderedIds ids;
    private final InstantSource clock;

    public Missions(Database database, Outbox outbox, TimeOrderedIds ids, InstantSource clock) {
        this.database = database;
        this.outbox = outbox;
        this.ids = ids;
        this.clock = clock;
    }

    public Mission create(Transaction tx, Caller caller, Mission.Content content) {
        if (!caller.mayChange(caller.id())) {
            throw new RefusedException(FORBIDDEN, "read_only", "viewers cannot create missions");
        }
        Instant now = now();
        var mission =
                new Mission(
                        ids.next(),
                        caller.id(),
                        content,
                        new MissionState.Draft(),
                        new Mission.Stats(0, 0, 0),
                        1,
                        now,
                        now);
        MissionTable.insert(tx, mission);
        outbox.add(tx, event(Event.Type.MISSION_CREATED, mission, caller, null));
        return mission;
    }

    /**
     * A draft with the same content, which belongs to the caller.
     *
     * @param title null for that of the original
     */
    public Mission duplicate(Transaction tx, Caller caller, UUID id, @Nullable String title) {
        Mission.Content content = visible(tx, caller, id).content();
        return create(
                tx,
                caller,
                new Mission.Content(
                        title == null ? content.title() : title,
                        content.description(),
                        content.tags(),
                        content.metadata()));
    }

    public Mission get(Caller caller, UUID id) {
        return database.read(tx -> visible(tx, caller, id));
    }

    /** Whether the caller would find it. */
    public boolean isVisible(Caller caller, UUID id) {
        return database.read(tx -> MissionTable.find(tx, id))
                .filter(mission -> caller.maySee(mission.ownerId()))
                .isPresent();
    }

    static Mission visible(Transaction tx, Caller caller, UUID id) {
        return MissionTable.find(tx, id)
                .filter(mission -> caller.maySee(mission.ownerId()))
                .orElseThrow(() -> RefusedException.absent("mission"));
    }

    /** Held for a change by this caller. */
    static Mission changeable(Transaction tx, Caller caller, UUID id) {
        Mission mission =
                MissionTable.lock(tx, id)
                        .filter(found -> caller.maySee(found.ownerId()))
                        .orElseThrow(() -> RefusedException.absent("mission"));
        if (!caller.mayChange(mission.ownerId())) {
            throw new RefusedException(
                    FORBIDDEN, "read_only", "only its owner and administrators change a mission");
        }
        return mission;
    }

    /** Those that the caller may see. */
    public List<Mission> list(Caller caller, MissionQuery query) {
        UUID owner = caller.seesAll() ? query.owner() : caller.id();
        return database.read(tx -> MissionTable.list(tx, query.of(owner)));
    }

    /**
     * @param expectedVersion null for any
     */
    public Mission replace(
            Caller caller, UUID id, @Nullable Long expectedVersion, Mission.Content content) {
        return database.write(tx -> {
            Mission before = changeable(tx, caller, id);
            requireVersion(before.version(), expectedVersion);
            Mission after = changed(before, content, before.state());
            MissionTable.update(tx, after);
            outbox.add(tx, event(Event.Type.MISSION_UPDATED, after, caller, null));
            tellOwner(tx, after, caller, null);
            return after;
        });
    }

    /**
     * @param expectedVersion null for any
     */
    public void delete(Caller caller, UUID id, @Nullable Long expectedVersion, Deletion audit) {
        database.write(tx -> {
            Mission mission = changeable(tx, caller, id);
            requireVersion(mission.version(), expectedVersion);
            if (mission.state() instanceof MissionState.Active) {
                throw new RefusedException(
                        CONFLICT,
                        "mission_active",
                        "an active mission cannot be deleted: pause or end it first");
            }
            MissionTable.delete(tx, id);
            outbox.add(tx, event(Event.Type.MISSION_DELETED, mission, caller, null));
            tellOwner(tx, mission, caller, null);
            audit.recorded(tx);
            return id;
        });
    }

    /** Told of a deletion within its transaction. */
    @FunctionalInterface
    public interface Deletion {
        void recorded(Transaction tx);
    }

    public Mission move(Transaction tx, Caller caller, UUID id, MissionMove move) {
        Mission before = changeable(tx, caller, id);
        MissionState state =
                move.apply(before.state(), now())
                        .orElseThrow(() -> invalidTransition(before.state(), move));
        if (state.equals(before.state())) {
            return before;
        }
        Mission after = changed(before, before.content(), state);
        MissionTable.update(tx, after);
        outbox.add(tx, event(Event.Type.MISSION_STATUS_CHANGED, after, caller, before.state()));
        tellOwner(tx, after, caller, before.state());
        return after;
    }

    /** Of what somebody else did with their mission. */
    private void tellOwner(
            Transaction tx, Mission mission, Caller caller, @Nullable MissionState before) {
        if (!caller.id().equals(mission.ownerId())) {
            outbox.add(tx, event(Event.Type.NOTIFICATION, mission, caller, before));
        }
    }

    private static RefusedException invalidTransition(MissionState state, MissionMove move) {
        List<String> allowed = MissionMove.possible(state).stream().map(MissionMove::text).toList();
        return new RefusedException(
                CONFLICT,
                "invalid_transition",
                "a mission that is %s cannot %s; it can: %s"
                        .formatted(
                                state.status().text(),
                                move.text(),
                                allowed.isEmpty() ? "nothing" : String.join(", ", allowed)),
                Map.of("allowed", allowed));
    }

    public MissionLog addLog(Transaction tx, Caller caller, UUID id, MissionLog line) {
        Mission mission = changeable(tx, caller, id);
        var stored =
                new MissionLog(ids.next(), line.level(), line.message(), line.metadata(), now());
        tx.update(
                """
                INSERT INTO mission_logs (id, mission_id, level, message, metadata, at)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
                stored.id(),
                id,
                stored.level().text(),
                stored.message(),
                stored.metadata(),
                stored.at());
        outbox.add(tx, event(Event.Type.METRICS, mission, caller, null));
        return stored;
    }

    /**
     * Oldest first.
     *
     * @param level null for all
     * @param after the last line of the page before; null for the first page
     */
    public List<MissionLog> logs(
            Caller caller,
            UUID id,
            MissionLog.@Nullable Level level,
            @Nullable UUID after,
            int limit) {
        return database.read(tx -> {
            visible(tx, caller, id);
            return tx.list(
                    row ->
                            new MissionLog(
                                    row.id("id"),
                                    MissionLog.Level.valueOf(
                                            row.text("level").toUpperCase(java.util.Locale.ROOT)),
                                    row.text("message"),
                                    row.textOrNull("metadata"),
                                    row.time("at")),
                    """
                    SELECT * FROM mission_logs
                    WHERE mission_id = ? AND id > ? AND level LIKE ? ORDER BY id LIMIT ?
                    """,
                    id,
                    after == null ? new UUID(0, 0) : after,
                    level == null ? "%" : level.text(),
                    limit);
        });
    }

    private Mission changed(Mission before, Mission.Content content, MissionState state) {
        return new Mission(
                before.id(),
                before.ownerId(),
                content,
                state,
                before.stats(),
                before.version() + 1,
                before.createdAt(),
                now());
    }

    static void requireVersion(long version, @Nullable Long expected) {
        if (expected != null && expected != version) {
            throw RefusedException.stale(version);
        }
    }

    private Event event(
            Event.Type type, Mission mission, Caller caller, @Nullable MissionState before) {
        return new Event(
                0,
                type,
                now(),
                mission.ownerId(),
                mission.id(),
                null,
                before == null ? null : before.status().text(),
                before == null ? null : mission.state().status().text(),
                mission.version(),
                caller.id());
    }

    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MILLIS);
    }
}
