package dev.wingman.mission;

import dev.wingman.mission.MissionState.Active;
import dev.wingman.mission.MissionState.Archived;
import dev.wingman.mission.MissionState.Draft;
import dev.wingman.mission.MissionState.Ended;
import dev.wingman.mission.MissionState.Outcome;
import dev.wingman.mission.MissionState.Paused;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What people ask a mission to do. */
public enum MissionMove {
    START(MissionStatus.ACTIVE),
    PAUSE(MissionStatus.PAUSED),
    RESUME(MissionStatus.ACTIVE),
    COMPLETE(MissionStatus.COMPLETED),
    FAIL(MissionStatus.FAILED),
    CANCEL(MissionStatus.CANCELLED),
    ARCHIVE(MissionStatus.ARCHIVED);

    private final MissionStatus target;

    MissionMove(MissionStatus target) {
        this.target = target;
    }

    /** As in paths and in JSON. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The state afterwards, the same state when it is there already, or empty when it cannot. */
    public Optional<MissionState> apply(MissionState state, Instant now) {
        if (state.status() == target) {
            return Optional.of(state);
        }
        return switch (this) {
            case START ->
                    state instanceof Draft draft ? Optional.of(draft.start(now)) : Optional.empty();
            case PAUSE ->
                    state instanceof Active active ? Optional.of(active.pause()) : Optional.empty();
            case RESUME ->
                    state instanceof Paused paused
                            ? Optional.of(paused.resume())
                            : Optional.empty();
            case COMPLETE -> end(state, Outcome.COMPLETED, now);
            case FAIL -> end(state, Outcome.FAILED, now);
            case CANCEL -> end(state, Outcome.CANCELLED, now);
            case ARCHIVE -> archive(state);
        };
    }

    private static Optional<MissionState> end(MissionState state, Outcome outcome, Instant now) {
        return switch (state) {
            case Active active -> Optional.of(active.end(outcome, now));
            case Paused paused -> Optional.of(paused.end(outcome, now));
            case Draft _, Ended _, Archived _ -> Optional.empty();
        };
    }

    private static Optional<MissionState> archive(MissionState state) {
        return switch (state) {
            case Draft draft -> Optional.of(draft.archive());
            case Paused paused -> Optional.of(paused.archive());
            case Ended ended -> Optional.of(ended.archive());
            case Archived archived -> Optional.of(archived);
            case Active _ -> Optional.empty();
        };
    }

    /** The moves that lead somewhere else. */
    public static Set<MissionMove> possible(MissionState state) {
        Set<MissionMove> possible = EnumSet.noneOf(MissionMove.class);
        for (MissionMove move : values()) {
            if (move.target != state.status() && move.apply(state, Instant.EPOCH).isPresent()) {
                possible.add(move);
            }
        }
        return possible;
    }
}
